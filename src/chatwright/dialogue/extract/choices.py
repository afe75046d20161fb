"""Reads the choice of a categorical slot: by value, by label in either language, by what it means, by place in the list.

In: the slot, and a message folded by `language.in_place`. Out: readings with the slot's own values. "The second one",
第二个, "2", "the last", "the former" count only when the slot was asked for; "either", 随便 and "both" choose nothing.
A word with one slip of the keyboard is read too, when asked: "comercial" is "commercial".
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.extract.value_meanings import read_meanings
from chatwright.language.fold import fold

_ANY = re.compile(
    r"\b(?:either(?: one)?|any(?: one| of (?:them|those))?|whichever|whatever|both|all of them|don't (?:care|mind)|no preference|up to you|you (?:choose|decide|pick)"
    r"|doesn't matter)\b|随便|都行|都可以|都好|无所谓|哪个都|任意|你(?:帮我)?(?:定|选|决定)|您(?:帮我)?(?:定|选|决定)|没有?偏好|两个都|全都|不知道选"
)
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_HAN = "一二三四五六七八九十"
_PLACE = re.compile(
    rf"(?:\b(?:the|option|number|choice|no\.?|item|answer)\s?)?(?<![a-z])(?P<word>{'|'.join(_ORDINALS)})(?: (?:one|option|choice|item))?(?![a-z])"
    r"|(?<![\d.:a-z])(?P<digits>\d{1,2})(?:st|nd|rd|th)(?: (?:one|option|choice))?(?![a-z])"
    r"|\b(?:option|number|choice|no\.?|item|answer) ?#?(?P<named>\d{1,2}|[a-j](?![a-z])|one|two|three|four|five)(?![\d.a-z])"
    rf"|第\s?(?P<han>\d{{1,2}}|[{_HAN}])(?:个|项|种|条|款|号)?|(?:选项?|选择)\s?(?P<chosen>\d{{1,2}}|[{_HAN}]|[a-j])(?![\d.a-z])"
    r"|(?P<last>\b(?:the )?(?:last|latter)(?: one| option)?\b|最后一?[个项种]?|后者|后面那个)|(?P<former>\b(?:the )?former(?: one)?\b|前者|前面那个)"
)
_BARE = re.compile(
    rf"\W*(?:选|选择|我选|要|就|the )?(?P<place>\d{{1,2}}|[{_HAN}]|[a-j]|one|two|three|four|five)(?:个|号)?(?:吧|please|pls)?\W*"
)
_SMALL = ["one", "two", "three", "four", "five"]
_FEWEST_FUZZY_CHARS = 5
_FUZZY_RATIO = 0.84
_WORD = re.compile(r"[a-z][a-z-]{3,30}")
_WHOLE = re.compile(r"[\w]")


def surfaces(slot: Slot) -> list[tuple[str, Any]]:
    """What each value may be called, folded, longest first: the value, its words, its labels."""
    found: dict[str, Any] = {}
    for value in slot.values:
        labels = slot.labels.get(value, {}) or slot.labels.get(str(value), {})
        names = [str(value), str(value).replace("_", " "), *(label for group in labels.values() for label in group)]
        for name in names:
            found.setdefault(fold(name).strip(), value)
    return sorted(((name, value) for name, value in found.items() if name), key=lambda item: -len(item[0]))


def read_choices(slot: Slot, folded: str, *, is_asked: bool = False) -> list[Found]:
    """The readings in order; several with different values when several are named."""
    found = sorted(_read_surfaces(slot, folded), key=lambda reading: reading.start) or read_meanings(slot, folded)
    if found or not is_asked or not slot.values:
        return found
    if _ANY.search(folded):
        return []
    return [*_read_places(slot, folded)] or [*_read_slips(slot, folded)]


def _read_surfaces(slot: Slot, folded: str) -> Iterator[Found]:
    taken: list[tuple[int, int]] = []
    num_letters = len(_WHOLE.findall(folded))
    for name, value in surfaces(slot):
        for match in _occurrences(name, folded):
            start, end = match.span()
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            taken.append((start, end))
            share = len(_WHOLE.findall(name)) / max(1, num_letters)
            yield Found(value=value, start=start, end=end, confidence=1.0 if share > 0.8 else 0.9)


def _occurrences(name: str, folded: str) -> Iterator[re.Match[str]]:
    before = r"(?<![a-z0-9])" if name[0].isascii() else ""
    after = (
        r"(?:s|es)?(?![a-z0-9])"
        if name[-1].isascii() and name[-1].isalpha()
        else r"(?![0-9])"
        if name[-1].isdigit()
        else ""
    )
    spaced = re.escape(name).replace(r"\ ", r"[ -]")
    return re.finditer(before + spaced + after, folded)


def _read_places(slot: Slot, folded: str) -> Iterator[Found]:
    bare = _BARE.fullmatch(folded)
    matches = [bare] if bare else list(_PLACE.finditer(folded))
    for match in matches:
        place = _place(match, len(slot.values))
        if place is not None and 0 <= place < len(slot.values):
            yield Found(value=slot.values[place], start=match.start(), end=match.end(), confidence=0.85)


def _place(match: re.Match[str], num_values: int) -> int | None:
    """Counted from 0; None when the place does not exist in a list of this length."""
    parts = match.groupdict()
    if parts.get("last"):
        is_of_two = "latter" in match[0] or "后者" in match[0]
        return num_values - 1 if num_values == 2 or not is_of_two else None
    if parts.get("former"):
        return 0 if num_values == 2 else None
    if parts.get("word"):
        return _ORDINALS.index(parts["word"])
    written = next(value for value in parts.values() if value)
    if written.isdecimal():
        return int(written) - 1
    if written in _SMALL:
        return _SMALL.index(written)
    return _HAN.index(written) if written in _HAN else ord(written) - ord("a")


def _read_slips(slot: Slot, folded: str) -> Iterator[Found]:
    """Latin words that are nearly one name and clearly nearer to it than to another value's."""
    names = [(name, value) for name, value in surfaces(slot) if name.isascii() and len(name) >= _FEWEST_FUZZY_CHARS]
    if not names or len(folded) > 120:
        return
    for match in _WORD.finditer(folded):
        ratios = sorted(
            ((SequenceMatcher(None, match[0], name).ratio(), name, value) for name, value in names),
            key=lambda item: -item[0],
        )
        best = ratios[0]
        rival = next((ratio for ratio, _, value in ratios if value != best[2]), 0.0)
        if best[0] >= _FUZZY_RATIO and best[0] - rival >= 0.1:
            yield Found(value=best[2], start=match.start(), end=match.end(), confidence=0.7)


def nearest_choices(slot: Slot, written: str, num_choices: int = 3) -> list[Any]:
    """The values whose names resemble `written` most, for asking "did you mean …?"; none when none does."""
    folded = fold(written)[:80]
    ratios = [(SequenceMatcher(None, folded, name).ratio(), value) for name, value in surfaces(slot)]
    near = [value for ratio, value in sorted(ratios, key=lambda item: -item[0]) if ratio >= 0.6]
    return list(dict.fromkeys(near))[:num_choices]
