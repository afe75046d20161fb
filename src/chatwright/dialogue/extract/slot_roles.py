"""What a date or time slot is about, told by its words: a beginning, an end, something that has happened.

In: a Slot. Out: its role. `check_in` takes the first day of a range, `return_date` the last; `purchase_date` looks back,
so that its "Friday" is the last one.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from functools import lru_cache
from typing import Literal

from chatwright.dialogue.domain import Slot
from chatwright.language.fold import fold

Role = Literal["begin", "end", ""]

_BEGIN = re.compile(
    r"(?:start|begin|from|arriv|check[_ -]?in|depart|outbound|pick[_ -]?up|move[_ -]?in)|开始|起始|起租|入住|到店|到达|出发|去程|取车|入职"
)
_END = re.compile(
    r"(?:(?<![a-z])end|until|till|through|check[_ -]?out|return|leav|(?<![a-z])due|drop[_ -]?off|move[_ -]?out|deadline)|结束|截止|退房|离店|离开|返程|回程|归还|还车|到期"
)
_BACK = re.compile(
    r"(?:purchas|bought|order(?:ed)?[_ ](?:date|on|day)|birth|born|(?<![a-z])dob|incident|happen|occur|receiv|delivered|issued?[_ ]|paid|payment[_ ]date|transaction|last[_ ])"
    r"|购买|买的|下单|出生|生日|发生|收到|签收|付款|交易|事故"
)


@lru_cache(maxsize=1024)
def _role(words: str) -> Role:
    begin, end = _BEGIN.search(words), _END.search(words)
    if begin and end:
        return "begin" if begin.start() < end.start() else "end"
    return "begin" if begin else "end" if end else ""


@lru_cache(maxsize=1024)
def _looks_back(words: str) -> bool:
    return _BACK.search(words) is not None


def _words(slot: Slot) -> str:
    return f"{fold(slot.name)} | {fold(slot.description)}"


def role_of(slot: Slot) -> Role:
    """ "" for a slot that is about neither end: of two dates in one message it must be asked which is meant."""
    return _role(_words(slot))


def looks_back(slot: Slot) -> bool:
    """True for a slot about something that has happened."""
    return _looks_back(_words(slot))
