"""Makes a follow-up question stand alone before anything is searched: "那国外呢？" after a question on delivery fees.

In: a message and the history, oldest first. Out: the question to search for. Deterministic; a message that stands alone
is left exactly as it is, so that a change of topic is one.
"""

import re
from collections.abc import Sequence

from chatwright.language.detect import has_han
from chatwright.language.fold import fold
from chatwright.language.words import content_words
from chatwright.messages import Message

MAX_FOLLOWUP_WORDS = 7
_LEAD_EN = re.compile(
    r"^\s*(?:and|but|so|ok|okay|also|then)?[\s,]*(?:what about|how about|and|what if(?: it(?:'s| is))?|or)\b\s*",
    re.IGNORECASE,
)
_LEAD_ZH = re.compile(r"^\s*(?:那么|那|还有|如果是?|要是|换成|再问下|另外)[，,\s]*")
_TAIL_ZH = re.compile(r"(?:呢|的呢|的话呢|又如何|怎么样呢|怎样)[？?！!。\s]*$")
_PRONOUN_EN = re.compile(r"\b(?:it|its|that|this|they|them|those|these|one|ones|there)\b", re.IGNORECASE)
_PRONOUN_ZH = re.compile(
    r"它|他们|这个(?!月|周|星期)|那个|这款|那款|这种|那种|这些|那些|该产品|上面|刚才|这样|那样|那边|这边"
)
_BARE_ASK_ZH = re.compile(
    r"^(?:要|得|需要|大概|一般|具体)*(?:多久|多少钱?|几天|几点|什么时候|怎么(?:办|弄|申请|退|收费)?|为什么|在哪|在哪里|可以吗|行吗|收费吗|免费吗|有吗|贵吗|多大|多重)(?:[呢啊呀]|到账|能到|到)?[？?！!。\s]*$"
)
_BARE_ASK_EN = re.compile(
    r"^(?:how (?:much|long|many|so|come)|when|where|why|which one|who|is it free|really|how)\b[^a-z]*(?:is (?:it|that)|does (?:it|that) (?:take|cost)|will it take)?[?!.\s]*$",
    re.IGNORECASE,
)
_LANGUAGE_ONLY = re.compile(
    r"^\s*(?:in (?:chinese|english)|用?(?:中文|英文|英语)(?:说|回答)?)(?:,?\s*please)?[?？!.。\s]*$", re.IGNORECASE
)


def resolve_followup(message: str, history: Sequence[Message]) -> str:
    """`message`, or the last question with what is new in it."""
    asked = _stand_alone_question(history)
    if not asked or not _is_followup(message):
        return message
    if _LANGUAGE_ONLY.match(message):
        return asked
    new = _what_is_new(message)
    return f"{asked} {new}".strip() if new else asked


def _stand_alone_question(history: Sequence[Message]) -> str:
    """The visitor's last question that stood alone, with what later follow-ups replaced or added."""
    asked, added = "", ""
    for item in history:
        if item.role != "user" or not content_words(item.content):
            continue
        if asked and _is_followup(item.content):
            added = _what_is_new(item.content) or added
        else:
            asked, added = item.content, ""
    if added and has_han(asked) == has_han(added):
        return f"{asked} {added}"
    return asked


def _is_followup(message: str) -> bool:
    """True when the message needs what was said before it."""
    folded = fold(message).strip()
    if _LANGUAGE_ONLY.match(folded) or _BARE_ASK_ZH.match(folded) or _BARE_ASK_EN.match(folded):
        return True
    num_words = len(content_words(folded))
    if num_words > MAX_FOLLOWUP_WORDS:
        return False
    if has_han(folded):
        is_led = bool(_LEAD_ZH.match(folded)) and len(folded) <= 20
        is_tailed = bool(_TAIL_ZH.search(folded)) and len(folded) <= 14
        return is_led or is_tailed or (bool(_PRONOUN_ZH.search(folded)) and num_words <= 4)
    return bool(_LEAD_EN.match(folded)) or (bool(_PRONOUN_EN.search(folded)) and num_words <= 3)


def _what_is_new(message: str) -> str:
    new = _LEAD_ZH.sub("", _LEAD_EN.sub("", message))
    return _TAIL_ZH.sub("", new).strip(" ?？!！.。，,")
