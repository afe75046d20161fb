"""Knows what a value means that stands in a message without a wish: codes by the name of their kind, and bare values.

In: a message, slots, where the conversation stands. Out: `with_names`: the message in which a code is replaced by what
it is a code of ("where's AB123456 now" asks where the order is); `read_bare`: what a message that is nothing but a code,
a phone number or an e-mail address could fill, or None. Never decides what the value is wanted for.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterable, Mapping
from typing import Any

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.reading import read_slot
from chatwright.dialogue.extract.slot_words import mentions, words_of
from chatwright.dialogue.extract.wording import clause_of
from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.dialogue.understanding.understood import Context
from chatwright.language.detect import has_han
from chatwright.language.in_place import fold_in_place
from chatwright.messages import Language

_MAX_CHARS = 100  # of a message that is nothing but a value and politeness
_NEAR = 12  # characters before a code within which its kind is named already
_CODE = re.compile(r"(?<![A-Za-z0-9_@.])(?:[A-Za-z]{1,4}-?\d{3,20}|\d{5,20})(?![A-Za-z0-9_@])")
_OF_CODE = re.compile(r"\s*\b(?:number|no\.?|id|code)$|(?:号码|编号|代码|号)$")
_AROUND = re.compile(
    r"(?:\b(?:it|is|it's|this|that|here|my|the|number|no|id|code)\b|这是|这个|就是|是|我的|我|的|号码?|编号|[#:：]|\s)+"
)
_CALLED: Mapping[str, Mapping[Language, str]] = {"order_id": {"en": "order", "zh": "订单"}}


def with_names(text: str, slots: Iterable[Slot]) -> str:
    """The message with each code that a slot's pattern knows replaced by what such codes belong to."""
    language: Language = "zh" if has_han(text) else "en"
    folded = fold_in_place(text)
    for slot in slots:
        if not slot.pattern or not (name := _kind(slot, language)):
            continue
        for match in reversed(list(_CODE.finditer(folded))):
            if not _fits(slot, match[0]):
                continue
            left, right = clause_of(folded, *match.span())
            start, end = match.start() - left, match.end() - left
            if right - left < len(folded) and _is_all(folded[left:right], start, end, slot):
                # "…, order number AB123456"
                text, folded = (each[:left] + " " + each[right:] for each in (text, folded))
                continue
            is_named = bool(mentions(slot, folded, max(0, match.start() - _NEAR), match.start()))
            space = "" if language == "zh" else " "
            said = " " if is_named else f"{space}{name}{space}"
            text, folded = (each[: match.start()] + said + each[match.end() :] for each in (text, folded))
    return text


def _kind(slot: Slot, language: Language) -> str:
    """What the slot's codes are codes of: "order" for an order number."""
    labels = slot.labels.get(slot.name, {}).get(language, ())
    called = _CALLED.get(slot.format, {}).get(language, "")
    return called or (_OF_CODE.sub("", labels[0]).strip() if labels else "")


def _fits(slot: Slot, written: str) -> bool:
    try:
        return re.fullmatch(slot.pattern, written, re.IGNORECASE) is not None
    except re.error:
        return False


def read_bare(text: str, slots: Mapping[str, Slot], context: Context) -> Mapping[str, Any] | None:
    """Slot → value of all that a bare value fits; every slot of a code, with None, for a code that fits none."""
    if len(text) > _MAX_CHARS:
        return None
    takers = [slot for slot in slots.values() if slot.pattern or slot.format in ("phone", "email", "order_id")]
    found: dict[str, Any] = {}
    for slot in takers:
        reading = read_slot(slot, text, language=context.language, now=context.now, is_asked=True)
        if reading and not reading.is_ambiguous and _is_all(text, reading.start, reading.end, slot):
            found[slot.name] = reading.value
    if found:
        return found
    code = _CODE.search(text)
    if code is None or not _is_all(text, *code.span(), *takers):
        return None
    return {slot.name: None for slot in takers if slot.format not in ("phone", "email")} or None


def _is_all(text: str, start: int, end: int, *slots: Slot) -> bool:
    """True when beside the value there is only what it is called, and politeness."""
    if not any(map(str.isdigit, text[start:end])) and "@" not in text[start:end]:
        return False
    words = "|".join(re.escape(word) for slot in slots for word in words_of(slot))
    for rest in (text[:start], text[end:]):
        folded = re.sub(rf"(?:{words})", " ", fold_in_place(rest)) if words else fold_in_place(rest)
        bare = _AROUND.sub(" ", folded)
        if any(map(str.isalnum, bare)) and classify_smalltalk(bare) not in ("greeting", "thanks", "ok"):
            return False
    return True
