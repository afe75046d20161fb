"""The words that a slot is spoken of by, whether they introduce a value, and which of several slots is meant.

In: a Slot and a message folded by `language.in_place`. Words come from the slot's name, from the first clause of its
description, from the labels written under its own name (`labels: {visit_date: {zh: [日期]}}`), and from what things of
its format are called ("phone", 电话). "My order number is A123" introduces A123; 三个人 names the slot after the value.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Sequence
from functools import lru_cache

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.wording import is_new_value
from chatwright.language.fold import fold
from chatwright.language.words import content_words

_OF_FORMAT: dict[str, tuple[str, ...]] = {
    "date": ("date", "day", "日期", "时间", "日子", "哪天"),
    "time": ("time", "hour", "时间", "钟点", "几点"),
    "number": ("number", "count", "amount", "quantity", "数量", "人数", "个数", "数目"),
    "money": ("amount", "price", "budget", "sum", "cost", "金额", "价格", "预算", "价钱", "费用"),
    "phone": ("phone", "phone number", "mobile", "mobile number", "cell", "telephone", "contact number", "电话", "手机", "手机号", "手机号码",
              "电话号码", "联系电话", "联系方式"),
    "email": ("email", "e-mail", "mail", "email address", "邮箱", "电子邮件", "邮件", "邮箱地址"),
    "order_id": ("order", "order number", "order id", "order no", "order code", "reference", "订单", "订单号", "单号", "编号", "订单编号"),
    "address": ("address", "地址", "住址", "收货地址"),
    "name": ("name", "full name", "姓名", "名字", "称呼", "收件人", "联系人"),
}  # fmt: skip
_GENERIC = frozenset(
    """customer user visitor client person value slot new old number no id the of for to which what whether when how on in is
    客户 用户 访客 顾客 要 哪 哪个 个 的 新 旧 值 号 是否 日 天 人 是 否 希望 选择 填写 输入 one day today tomorrow
    今天 明天 yes or not and any first last""".split()  # noqa: SIM905 - a word list reads best as words
)
_CLAUSE_END = re.compile(r"[,.;:!?，。；：！？、（(\n]")
_WORD_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_COUNTER = r"(?:\s?(?:个|位|名|件|人份|份|张|只|台|本|间|晚|条))?\s?(?:more |extra )?"
_LINK = re.compile(
    r"(?:\s|[:=#\"'(,]|\b(?:is|are|was|will be|would be|should be|be|as|on|at|for|to|of|in|by|number|no|num|id|code|the|my|a|an|it's|its|it"
    r"|date|time|day|called|please|from|until|starting|set|change|changed|now|about|around)\b|是|为|在|于|就是|应该是|号码?|编号|定在|约在|选在|放在|改|成|到|换|用"
    r"|填|写|叫|的|了|大概|大约|约|请|有|共|一共|总共|时间|日期|就|我|呢|吧|要|想|从|至|给|新)*"
)
_DATE_BEFORE = re.compile(r"\b(?:on|for|by|until|till|starting|from|come|visit|book|schedule)(?: the| me| a| in)?\s*$")
_TIME_BEFORE = re.compile(r"\b(?:at|around|about|by|after|from|for)(?: the)?\s*$")
_REACH = 32


@lru_cache(maxsize=1024)
def slot_words(name: str, description: str, slot_format: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The folded words and phrases that name the slot, longest first."""
    parts = [part.lower() for part in _WORD_PART.findall(name)]
    first_clause = _CLAUSE_END.split(fold(description), maxsplit=1)[0]
    described = content_words(first_clause)[:8]
    found = {" ".join(parts), *parts, *described, *_OF_FORMAT.get(slot_format, ())}
    kept = {word for word in found if word not in _GENERIC and len(word) > (2 if word.isascii() else 1)}
    kept |= {fold(label) for label in labels if label.strip()}  # the owner's own words count as they are
    return tuple(sorted(kept, key=lambda word: (-len(word), word)))


def words_of(slot: Slot) -> tuple[str, ...]:
    """`slot_words` of a Slot."""
    labels = slot.labels.get(slot.name, {})
    named = tuple(label for labels_of_language in labels.values() for label in labels_of_language)
    return slot_words(slot.name, slot.description, slot.format, named)


@lru_cache(maxsize=2048)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    forms = [rf"(?<![a-z]){re.escape(word)}s?(?![a-z])" if word.isascii() else re.escape(word) for word in words]
    return re.compile("|".join(forms) or r"(?!)")


def mentions(slot: Slot, folded: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Where the slot is named between start and end."""
    stop = len(folded) if end is None else end
    return [match.span() for match in _pattern(words_of(slot)).finditer(folded, start, stop)]


def is_introduced(slot: Slot, folded: str, start: int, end: int) -> bool:
    """True when the slot is named right before or after start:end, or the value replaces another there."""
    left = max(0, start - _REACH)
    for begin, stop in mentions(slot, folded, left, start):
        # a counter such as 人 introduces what stands before it only: 四个大人一个小孩
        if stop - begin > 1 and _LINK.fullmatch(folded, stop, start):
            return True
    after = re.compile(_COUNTER + r"(?:" + _pattern(words_of(slot)).pattern + ")")
    return after.match(folded, end) is not None or is_new_value(folded, start)


def has_preposition(slot: Slot, folded: str, start: int) -> bool:
    """True when the words before a date or time say that something is to happen then: "on Friday", "at 3"."""
    before = folded[max(0, start - _REACH) : start]
    pattern = {"date": _DATE_BEFORE, "time": _TIME_BEFORE}.get(slot.format)
    return pattern is not None and pattern.search(before) is not None


def named_slot(slots: Sequence[Slot], folded: str) -> Slot | None:
    """The slot that `folded` names best: by the longest of its words, several adding up; None when none or a tie."""
    scores = {slot.name: sum(end - start for start, end in set(mentions(slot, folded))) for slot in slots}
    best = max(scores.values(), default=0)
    winners = [slot for slot in slots if scores[slot.name] == best]
    return winners[0] if best and len(winners) == 1 else None
