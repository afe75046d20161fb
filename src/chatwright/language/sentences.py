"""Splits text into sentences with exact offsets, in Chinese and English.

In: text. Out: (start, end) pairs that do not overlap, in order; text[start:end] has no white space at its ends.
A line break ends a sentence: headings, list items and table rows are sentences of their own. Text that was wrapped
(PDF) must be unwrapped by its loader.
"""

import re

_END = re.compile(
    r"""(?P<line>\n)
      | (?P<han>[。！？；…]+[”’」』）)】"]*)
      | (?P<latin>[.!?]+["'”’)\]]*(?=\s|$|[㐀-鿿]))
    """,
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|No|Nos|vs|etc|e\.g|i\.e|cf|al|Inc|Ltd|Co|Corp|Fig|Eq|approx|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|a\.m|p\.m|U\.S|U\.K|Mt|Ft|Gen|Col|Capt|Lt|Rev|Hon|Gov|Sen|Rep)\.$"
)
_LOOK_BACK_CHARS = 32  # more than the longest abbreviation, and than the number of an item with its indentation


def split_sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of `text`; every non-space character is in exactly one."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.lastgroup == "latin" and _is_inside(text, start, match):
            continue
        _append_trimmed(spans, text, start, match.end())
        start = match.end()
    _append_trimmed(spans, text, start, len(text))
    return spans


def _is_inside(text: str, start: int, match: re.Match[str]) -> bool:
    """True for a full stop that does not end a sentence: an abbreviation, an initial, a numbered item, a lower case
    letter after it."""
    if match.group() != ".":
        return False
    before = text[max(start, match.end() - _LOOK_BACK_CHARS) : match.end()]  # all of it would cost the square of it
    if _ABBREVIATION.search(before) or re.fullmatch(r"\s*(?:\d{1,3}|[A-Za-z])\.", before):
        return True
    after = text[match.end() : match.end() + 2].lstrip()
    return bool(after) and after[0].islower()


def _append_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
