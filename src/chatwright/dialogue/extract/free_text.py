"""Reads free text: all that was said when it was asked for, otherwise what follows the slot's own words.

In: the slot, a message as written and folded. Out: a reading with the text as written, without the lead-in
("the reason is", 因为, "it's because") and without a thanks or please that is the last clause, unless the text is itself
a message to somebody. Small talk is no text, and a message that only asks is hardly one: confidence 0.3; what tells
something and asks is one, question included, for nothing that may be content is cut.
"""

# ruff: noqa: E501 - patterns read best on one line

import re

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.extract.slot_words import mentions, words_of
from chatwright.dialogue.extract.wording import is_question, told_part
from chatwright.dialogue.smalltalk import classify_smalltalk

_LEAD = re.compile(
    r"[^\w@#$€£¥+]*(?:(?:well|um+|uh+|so|ok(?:ay)?|yes|yeah|sure|hi|hello|嗯+|好的?|那个|哦|你好|您好)[,.! ]+)?"
    r"(?:(?:it's|it is|it was|that's|that is|this is)?\s?because(?: of)?\s+|(?:the )?(?:reason|issue|problem|comment|note|message)(?: is| was)(?: that)?\s+"
    r"|(?:i(?:'d| would| just)? (?:like|want(?:ed)?) to (?:say|report|tell you)|i(?:'d| would| have to| must) say|what i (?:want|wanted|mean|meant)(?: to say)? (?:is|was))(?: that)?[,: ]+"
    r"|(?:是)?因为[,: ]*|(?:我想说|我要说|我的意思是|原因是|理由是|问题是|备注是?|主要是)(?:的是)?[,: ]*"
    r"|(?:it's|it is|that's|that is|this is|是)\s*(?=[@#]?[a-z0-9][\w.-]*[.!]?\s*$))?"
)
_TOLD = re.compile(r"\s?(?:(?:is|was|should be|would be|=|:|是|为|写|填|就写|改成|改为)\s?)+(?:that |: ?|: )?")
_CLAUSE = re.compile(r"[^.!?;。！？；\n]{1,500}")
_POLITE_END = re.compile(
    r"(?<=[,.;!?。~\n])\s*(?:(?:many )?thanks?(?: you)?(?: (?:so|very) much| a lot| in advance)?|thx|ty|cheers|please|pls"
    r"|(?:太|多|非常)?(?:谢|感谢|拜托|辛苦|麻烦)(?:谢)?[你您]?(?:们)?(?:了|啦)?)\W*$"
)
_TO_SOMEBODY = re.compile(r"message|card|greeting|letter|wish|inscription|engrav|留言|贺卡|卡片|祝福|寄语|赠言|刻字")
_OPENS_QUESTION = re.compile(
    r"\b(?:question|ask|wonder(?:ing)?|curious|by the way|btw|before (?:that|i|we)|first|wait|hold on|hang on|one (?:more )?thing)\b"
    r"|等|问(?!题)|请教|顺便|对了|先(?!生)|话说|稍"
)
_FEWEST_WORDS, _FEWEST_HAN = 3, 4  # of what a message tells besides what it asks
_WORD = re.compile(r"[a-z][a-z']*|\d+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
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
    if confidence == 0.3 and tells_something(folded):
        confidence = 0.6
    return _reading(text, start, _end_without_thanks(slot, folded), confidence)


def tells_something(folded: str) -> bool:
    """True for a message that states something beside what it asks, and not merely that it is going to ask."""
    told = told_part(folded)
    if told == folded or classify_smalltalk(told) is not None or _OPENS_QUESTION.search(told):
        return False
    return len(_WORD.findall(told)) >= _FEWEST_WORDS or len(_HAN.findall(told)) >= _FEWEST_HAN


def _end_without_thanks(slot: Slot, folded: str) -> int:
    """Where the text ends that is meant; small talk that is all of it stays."""
    if any(_TO_SOMEBODY.search(word) for word in words_of(slot)):
        return len(folded)
    thanks = _POLITE_END.search(folded)
    if thanks is None:
        return len(folded)
    return thanks.start() - (folded[thanks.start() - 1] == ",")


def _reading(text: str, start: int, end: int, confidence: float) -> Found | None:
    cut = text[start:end]
    value = cut.strip()
    begin = start + len(cut) - len(cut.lstrip())
    if not any(map(str.isalnum, value)):
        return None
    return Found(value=value, start=begin, end=begin + len(value), confidence=confidence)
