"""Reads order ids and codes like them: by the slot's own pattern, otherwise letters with digits.

In: a message as written and folded, and the pattern ("" for none). Out: readings; with a pattern they are unmistakable.
The pattern is the owner's and runs on pieces of at most 64 characters: on the words of the message, on two or three
neighbours joined ("ORD 12345"), and on the message as a whole. Case is as written, or upper where only that matches.
Asked for, digits count that lack the letters with which every code begins.
`check_pattern` refuses a repeated repetition such as `(a+)+`; other ways to write a slow pattern it does not know.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from chatwright.dialogue.extract.found import Found, drop_overlaps
from chatwright.errors import ConfigError

_MAX_CODE_CHARS = 64
_MAX_TOKENS = 400  # a longer message is read up to here
_TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9_/-]{0,62}[a-z0-9])?")
_LETTERS_AND_DIGITS = re.compile(r"(?=[a-z0-9_/-]{0,62}\d)(?=[a-z0-9_/-]{0,62}[a-z])[a-z0-9]+(?:[_/-][a-z0-9]+)*")
_DIGITS = re.compile(r"\d{4,32}(?:-\d{2,20}){0,5}")
_ORDINARY = re.compile(
    r"\d{1,5}(?:st|nd|rd|th|am|pm|h|k|kg|g|cm|mm|ml|l|m|gb|tb|x|w|v|hz)|\d{1,4}(?:-\d{1,2}){2}|\d{1,3}[a-z]{3,}|\d{1,2}[a-z]"
)
_FEWEST_CHARS = 4
_LETTERS_FIRST = re.compile(r"[A-Za-z]{1,6}(?![A-Za-z*+?{])")  # that a pattern begins with, as they are


def read_codes(text: str, folded: str, pattern: str = "", *, is_asked: bool = False) -> list[Found]:
    """Every code. Without a pattern, bare digits are one only when asked, and nothing is unmistakable."""
    tokens = [match.span() for match, _ in zip(_TOKEN.finditer(folded), range(_MAX_TOKENS), strict=False)]
    if pattern:
        found = drop_overlaps(_matching(text, folded, pattern, tokens))
        return found or (_without_letters(folded, pattern, tokens) if is_asked else [])
    return [
        Found(value=_written(text, folded, start, end), start=start, end=end, confidence=confidence)
        for start, end in tokens
        if (confidence := _confidence(folded[start:end], is_asked=is_asked))
    ]


def _matching(text: str, folded: str, pattern: str, tokens: list[tuple[int, int]]) -> Iterator[Found]:
    whole = (len(text) - len(text.lstrip()), len(text.rstrip()))
    spans = dict.fromkeys([whole, *tokens])
    spans |= {(first[0], second[1]): None for first, second in pairwise(tokens)}
    spans |= {(first[0], third[1]): None for first, third in zip(tokens, tokens[2:], strict=False)}
    for start, end in spans:
        if 0 < end - start <= _MAX_CODE_CHARS and (
            (value := match_pattern(pattern, _written(text, folded, start, end))) is not None
        ):
            yield Found(value=value, start=start, end=end, confidence=0.97, is_unmistakable=True)


def _without_letters(folded: str, pattern: str, tokens: list[tuple[int, int]]) -> list[Found]:
    """Digits that lack only the letters that every code of this pattern begins with: 100005 for LM100005."""
    letters = _LETTERS_FIRST.match(pattern)
    if letters is None:
        return []
    return [
        Found(value=value, start=start, end=end, confidence=0.85)
        for start, end in tokens
        if folded[start:end].isdecimal() and (value := match_pattern(pattern, letters[0] + folded[start:end]))
    ]


def _written(text: str, folded: str, start: int, end: int) -> str:
    """As it was written, but for full-width letters and digits."""
    return text[start:end] if text[start:end].isascii() else folded[start:end].upper()


def match_pattern(pattern: str, written: str) -> str | None:
    """What of `written` matches the whole pattern: as it is, in upper or lower case, without spaces and dashes."""
    compiled = check_pattern(pattern)
    if len(written) > _MAX_CODE_CHARS:
        return None
    joined = re.sub(r"[\s-]+", "", written)
    forms = (written, written.upper(), written.lower(), joined, joined.upper(), re.sub(r"\s+", "-", written.upper()))
    return next((form for form in forms if compiled.fullmatch(form)), None)


_REPEATED_REPETITION = re.compile(r"(?:[+*]|\{\d*,\d*\})\??\)(?:[+*]|\{\d*,)")  # (a+)+, (\w*){2,}


@lru_cache(maxsize=256)
def check_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled. Raises ConfigError when it does not compile or repeats a repetition."""
    try:
        compiled = re.compile(pattern)
    except re.error as err:
        raise ConfigError(
            f"The pattern {pattern!r} of a slot is no regular expression: {err}.",
            hint="Write one that the whole value must match, such as [A-Z]{2}\\d{6}.",
            code="bad_pattern",
        ) from err
    if _REPEATED_REPETITION.search(pattern):
        raise ConfigError(
            f"The pattern {pattern!r} of a slot repeats a repetition, which can take forever.",
            hint="Write it without a + or * inside a repeated group.",
            code="bad_pattern",
        )
    return compiled


def _confidence(written: str, *, is_asked: bool) -> float:
    if _ORDINARY.fullmatch(written) or len(written) < _FEWEST_CHARS:
        return 0.0
    if _LETTERS_AND_DIGITS.fullmatch(written):
        return 0.9
    return (0.85 if is_asked else 0.7) if _DIGITS.fullmatch(written) else 0.0
