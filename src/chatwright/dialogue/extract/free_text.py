"""Reads free text: all that was said when it was asked for, otherwise what follows the slot's own words.

In: the slot, a message as written and folded. Out: a reading with the text as written, without the lead-in
("the reason is", 因为, "it's because"). Small talk is no text, and a message that asks is hardly one: confidence 0.3.
"""

# ruff: noqa: E501 - patterns read best on one line

import re

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.extract.slot_words import mentions
from chatwright.dialogue.extract.wording import is_question
from chatwright.dialogue.smalltalk import classify_smalltalk

_LEAD = re.compile(
    r"[^\w@#$€£¥+]*(?:(?:well|um+|uh+|so|ok(?:ay)?|yes|yeah|sure|hi|hello|嗯+|好的?|那个|哦|你好|您好)[,.! ]+)?"
    r"(?:(?:it's|it is|it was|that's|that is|this is)?\s?because(?: of)?\s+|(?:the )?(?:reason|issue|problem|comment|note|message)(?: is| was)(?: that)?\s+"
    r"|(?:是)?因为[,: ]*|(?:我想说|我要说|我的意思是|原因是|理由是|问题是|备注是?|主要是)(?:的是)?[,: ]*"
    r"|(?:it's|it is|that's|that is|this is|是)\s*(?=[@#]?[a-z0-9][\w.-]*[.!]?\s*$))?"
)
_TOLD = re.compile(r"\s?(?:(?:is|was|should be|would be|=|:|是|为|写|填|就写|改成|改为)\s?)+(?:that |: ?|: )?")
_CLAUSE = re.compile(r"[^.!?;。！？；\n]{1,500}")
_MAX_CHARS = 2000


def read_free_text(slot: Slot, text: str, folded: str, *, is_asked: bool) -> Found | None:
    """None for small talk, for nothing at all, and for more than 2,000 characters."""
    if len(text) > _MAX_CHARS or not any(map(str.isalnum, text)):
        return None
    for _, end in mentions(slot, folded):
        if (told := _TOLD.match(folded, end)) and (clause := _CLAUSE.match(folded, told.end())):
            return _reading(text, *clause.span(), 0.75 if is_asked else 0.6)
    if not is_asked:
        return None
    kind = classify_smalltalk(text)
    if kind in ("greeting", "thanks", "bye", "person", "is_bot", "empty", "no_words"):
        return None
    lead = _LEAD.match(folded)
    start = lead.end() if lead and lead.end() < len(text.rstrip()) else 0
    confidence = 0.4 if kind else 0.3 if is_question(folded) else 0.7
    return _reading(text, start, len(text), confidence)


def _reading(text: str, start: int, end: int, confidence: float) -> Found | None:
    cut = text[start:end]
    value = cut.strip()
    begin = start + len(cut) - len(cut.lstrip())
    if not any(map(str.isalnum, value)):
        return None
    return Found(value=value, start=begin, end=begin + len(value), confidence=confidence)
