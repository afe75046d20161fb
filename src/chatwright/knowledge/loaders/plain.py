"""Reads .txt: paragraphs, lists and underlined or all-capital headings, unwrapping lines that were wrapped by hand.

In: bytes. Out: DocumentText.
"""

import re
import unicodedata
from collections.abc import Sequence

from chatwright.knowledge.loaders.decoding import decode_text
from chatwright.knowledge.loaders.draft import TextDraft, unwrap
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.messages import DocumentText

ITEM = re.compile(
    r"\s*(?:(?P<bullet>[-*•·●▪◦‣–■□➢✓])\s+|(?P<tight>[•●▪‣■➢])|(?P<number>\d{1,3})(?P<mark>[.)、．)])\s*(?=\D))(?P<text>\S.*)"
)
_RULE = re.compile(r"\s*([=\-_*#~])\1{2,}\s*")
_CHAPTER = re.compile(
    r"\s*(?:第[一二三四五六七八九十百\d]{1,4}[章节条部分]|[一二三四五六七八九十]{1,3}、|(?:Chapter|Section|Part)\s+\d+)"
)
_SENTENCE_ENDS = re.compile(r"[。！？；，、.!?;,:：]\W*$")
_MAX_HEADING_CHARS = 60
_MIN_WRAP_COLUMNS = 50
_MAX_WRAP_COLUMNS = 130


def load_plain(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is not text."""
    text = re.sub(r"\r\n?|\x0c", "\n", decode_text(content))
    draft = TextDraft(limits.max_text_chars)
    blocks = [block.split("\n") for block in re.split(r"\n(?:[^\S\n]*\n)+", text.strip("\n"))]
    for number, lines in enumerate(blocks):
        _add_block(draft, lines, is_first=number == 0, is_last=number == len(blocks) - 1)
    return draft.finish(source, ())


def _add_block(draft: TextDraft, lines: Sequence[str], *, is_first: bool, is_last: bool) -> None:
    lines = [line for line in lines if line.strip()]
    is_underlined = len(lines) > 1 and _RULE.fullmatch(lines[1]) is not None and len(lines[0]) <= _MAX_HEADING_CHARS
    if lines and (is_underlined or (len(lines) == 1 and not is_last and is_heading(lines[0], is_first=is_first))):
        draft.heading(lines[0], 1 if is_first else 2)
        lines = lines[2:] if is_underlined else []
    add_lines(draft, [line for line in lines if not _RULE.fullmatch(line)], is_wrapped=is_hand_wrapped(lines))


def add_lines(draft: TextDraft, lines: Sequence[str], *, is_wrapped: bool) -> None:
    """Adds lines as list items and paragraphs; a wrapped line, or an indented one below an item, goes on."""
    group: list[str] = []
    for line in lines:
        is_in_item = bool(group) and ITEM.match(group[0]) is not None
        goes_on = is_wrapped or line[:1].isspace() or not is_in_item
        if ITEM.match(line) or not goes_on:
            _add_group(draft, group, is_wrapped=is_wrapped)
            group = []
        group.append(line.strip())
    _add_group(draft, group, is_wrapped=is_wrapped)


def _add_group(draft: TextDraft, lines: Sequence[str], *, is_wrapped: bool) -> None:
    item = ITEM.match(unwrap(lines)) if lines else None
    if item:
        draft.item(item["text"], f"{item['number']}." if item["number"] else "-")
    else:
        draft.paragraph(unwrap(lines) if is_wrapped else "\n".join(lines))


def is_heading(line: str, *, is_first: bool = False) -> bool:
    """True for a line that is safely a heading: a numbered chapter, capitals only, or the short first line."""
    line = line.strip()
    if not 0 < len(line) <= _MAX_HEADING_CHARS or _SENTENCE_ENDS.search(line):
        return False
    is_capitals = line.isupper() and len(line) > 3 and not any(unicodedata.category(letter) == "Lo" for letter in line)
    return is_first or is_capitals or _CHAPTER.match(line) is not None


def is_hand_wrapped(lines: Sequence[str]) -> bool:
    """True when all lines but the last are about equally long and of the width that editors wrap at."""
    widths = [columns(line) for line in lines]
    longest = max(widths, default=0)
    if len(widths) < 2 or not _MIN_WRAP_COLUMNS <= longest <= _MAX_WRAP_COLUMNS:
        return False
    starts_item = [ITEM.match(line) is not None for line in lines] + [True]
    inner = [width for number, width in enumerate(widths[:-1]) if not starts_item[number + 1]]
    return bool(inner) and min(inner) >= 0.7 * longest


def columns(text: str) -> int:
    """Width on a terminal: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text.rstrip())
