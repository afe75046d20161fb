"""What kind of thing a question asks for, and whether a text offers one: a price, a time, a length, an address.

In: a question, or a sentence. Out: the kind, or whether it is offered. A question about pixels is not answered by the
price of a camera's repair, however alike the words are. Rules, not a model: each can be read and argued with.
"""

import re
from functools import lru_cache
from typing import Literal

from chatwright.language.fold import fold
from chatwright.language.quantities import find_quantities

Sought = Literal["money", "duration", "time", "date", "percent", "measure", "count", "address", "contact", "other"]

# The first pattern that is found decides; from the particular to the general.
_SOUGHT: tuple[tuple[Sought, str], ...] = (
    ("percent", r"几折|百分之几|百分之多少|利率|年化|税率|what percent|percentage|interest rate|what rate|how much (?:discount|off|interest)|what discount"),
    ("contact", r"电话(?:号码)?(?:是|多少|几号)|什么电话|邮箱(?:是|地址)|怎么联系|如何联系|phone number|e-?mail address|how (?:do|can) i (?:contact|reach)"),
    ("address", r"地址|在哪条|哪条路|哪一?站|哪个站|地铁|怎么走|street address|what(?:'s| is) the address|which (?:station|stop)|where exactly"),
    ("time", r"几点|营业到|开到什么时候|what time|opening hours|(?:when|how late|how early) (?:do|does|are|is|can) .{0,40}(?:open|close|shut|check|start|end|in)"),
    ("money", r"多少钱|什么价|价格|价钱|价位|几块|多少元|怎么收费|如何收费|怎么收|收多少|收费多少|(?:费|押金|金|价|票)(?:用)?(?:是|要|得)?多少|多少(?:押金|费用|运费|邮费|手续费|利息|年费|月费)|(?:付|交|抵|赔|省|退|补|存|押|掏|出|便宜|优惠了?|加)多少|要花多少|贵不贵|加钱吗"
     r"|how much (?:is|are|does|do|did|would|will|for|to|extra|do i|it|the|money|deposit|cost)|what(?:'s| is| does| do| are)? .{0,40}(?:price|cost|fee|charge|rate|fare|deposit|premium)|(?:price|cost|fee)s? (?:of|for)|how expensive|what do (?:i|you) (?:pay|charge|get)"),
    ("duration", r"多久|多长时间|几天|几个?(?:月|星期|礼拜|小时|钟头|年|工作日|分钟)|多少(?:天|个?月|年|个?小时|分钟|个?工作日)|期限|(?:保修|质保|有效)期"
     r"|how long|how (?:soon|quickly|fast)|how many (?:days|weeks|months|years|hours|minutes|nights|working|business)|how much (?:time|notice)"),
    ("date", r"什么时候|什么时间|啥时候|何时|哪天|哪一天|几号|几月|哪年|哪一年|星期几|周几|when|what (?:date|day|year|month)|which (?:date|day|year|month)|how (?:late|early)"),
    ("measure", r"多大|多重|多厚|多高|多宽|多深|多远|多亮|多长|尺寸|容量|多少(?:像素|克|公斤|斤|米|厘米|毫米|升|毫升|瓦|毫安|度|平|平米|寸|英寸|兆|g|gb|mah|w|kg|cm|mm|m|尼特|流明)"
     r"|how (?:big|heavy|thick|tall|wide|deep|far|bright|large|high|powerful)|what (?:size|weight|capacity|resolution|power|wattage)|in (?:nits|kg|cm|mm|inches|litres|liters|metres|meters|watts)"),
    ("count", r"几(?:个|台|件|次|人|张|位|名|家|间|条|款|种|副|双)|多少(?:个|台|件|次|人|张|位|名|家|间|条|款|种|位置|名额)|how many"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _SOUGHT)
_QUANTITY_KINDS: dict[Sought, frozenset[str]] = {
    "money": frozenset({"money"}),
    "duration": frozenset({"duration", "date", "measure"}),
    "time": frozenset({"time"}),
    "date": frozenset({"date", "weekday", "time", "duration", "ordinal"}),
    "percent": frozenset({"percent"}),
    "measure": frozenset({"measure"}),
    "count": frozenset({"number", "measure", "ordinal"}),
    "contact": frozenset({"phone", "email", "url"}),
}
_WORDS: dict[Sought, re.Pattern[str]] = {
    "money": re.compile(r"免费|不收费|不另收|不收取|包邮|不加价|全额|free\b|no (?:charge|fee|extra)|without charge|included in the price"),
    "duration": re.compile(r"当天|当日|立即|马上|即时|终身|永久|不限时|长期|same day|immediately|instantly|lifetime|at once|at any time|随时"),
    "time": re.compile(r"24 ?小时|全天|24/7|round the clock|休息|closed|noon|midnight|中午|all day"),
    "date": re.compile(r"每天|每周|每月|当天|次日|\d{4} ?年|\b20\d\d\b|daily|weekly|monthly|the next day|随时|at any time|once|before|after|之前|之后"),
    "percent": re.compile(r"折|half price|\boff\b"),
    "address": re.compile(r"[一-龥]{1,8}(?:路|街|大道|巷|弄)|\d+ ?号(?!线|码|院内)|地铁|号线|站\b|\b(?:street|road|avenue|lane|st\.|rd\.|square|station|line \d)\b"),
    "contact": re.compile(r"热线|hotline|公众号"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def sought_by(question: str) -> Sought:
    """The kind of thing that answers the question; "other" when that cannot be told."""
    folded = fold(question)
    return next((kind for kind, pattern in _COMPILED if pattern.search(folded)), "other")


@lru_cache(maxsize=16384)
def offers(text: str, kind: Sought) -> bool:
    """True when `text` holds a thing of this kind; always for "other"."""
    if kind == "other":
        return True
    words = _WORDS.get(kind)
    if words and words.search(fold(text)):
        return True
    wanted = _QUANTITY_KINDS.get(kind, frozenset())
    return any(quantity.kind in wanted and not quantity.is_loose for quantity in find_quantities(text))
