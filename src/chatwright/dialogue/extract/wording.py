"""What stands around a value and changes what it means: denials, corrections, questions, the past.

In: text folded by `language.in_place`, and places in it. Out: yes or no, or a place. "not Friday" denies what follows,
"周五不行" what stands before; "no, I meant Saturday" makes only what follows count. Looks at most 40 characters away.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from itertools import pairwise

_REACH = 40  # characters before or after a value that can deny or introduce it
_DENIED_BEFORE = re.compile(
    r"(?:\bnot(?: on| at| for| the| a| an| until)?|\bisn't|\baren't|\bwasn't|\binstead of|\brather than|\bexcept(?: for| on)?"
    r"|\bbut not(?: on)?|\bneither|\bany(?:thing| ?day| ?time| one)? but|\bno longer|(?:\bdo not|\bdon't) (?:want|need|like)(?: the| a| an)?"
    r"|\bcan't (?:do|make|come)(?: on| at)?|不是|并非|不要|别选|别约|别在|而非|而不是|除了|不用|不想要?|不选|不能在?|没法在?)\s*$"
)
_DENIED_AFTER = re.compile(
    r"\s*(?:(?:does not|doesn't|won't|will not|is not|isn't|is no) (?:work|do|good|possible|right|correct|suit|ok|okay)\b"
    r"|(?:is|was) wrong\b|(?:都|也|那天|那会儿?|恐怕|可能|我)?(?:不行|不可以|不方便|不合适|不对|不好|没空|没时间|没有空|去不了|来不了|不去|不来|不在|错了|是错的|太(?:早|晚|贵|迟)))"
)
_OLD_VALUE_BEFORE = re.compile(r"(?:\bfrom(?: the)?|从|由|原来的?(?:是)?|原先的?(?:是)?|本来(?:是)?)\s*$")
_TURN = re.compile(r"\s*(?:的)?(?:时间|日期)?\s?(?:改|换|调|变|挪|推迟|推到|提前)")
_CHANGE_VERB = re.compile(
    r"\b(?:chang|switch|mov|reschedul|updat|shift|postpon|correct|amend|modif)(?:e|es|ed|ing|y)?\b|把|改|换|调整|变更"
)
_CORRECTION = re.compile(
    r"\b(?:no|nope|sorry|oops|wait|actually|i mean|i meant|correction|make (?:it|that)|scratch that|my mistake|my bad|rather"
    r"|(?:should|must) (?:be|have been)|it's actually|changed my mind|let's (?:say|do|make it)|on second thou?ghts?)\b"
    r"|不对|不是|错了|搞错|弄错|写错|打错|说错|更正|纠正|应该是|应该为|应为|改成|改为|改到|改在|换成|换到|换为|调到|挪到|(?<!\w)那?还是"
    r"|我是说|我的意思是|哦不|噢不|等等|等一下|不不|算了"
)
_CHANGED_TO = re.compile(
    r"(?:\bi mean(?:t)?|\bmake (?:it|that)|\b(?:should|must) (?:be|have been)|\bactually|\bit's actually|\bno,?|\bcorrection:?"
    r"|\blet's (?:say|do|make it)|\brather|\bsorry,?|\bchange (?:it|that) to|\bswitch (?:it |that )?to|\bwait,?|\boops,?"
    r"|改成|改为|改到|改在|换成|换到|换为|调到|挪到|应该是|应该为|应为|不对[,，]?是?|错了[,，]?是?|更正[为:：]?|我是说|我的意思是|(?<!\w)那?还是"
    r"|不是.{1,12}?是)\s*[,:：，]?\s*(?:it's |it is |is |on |at |for |the |to )*$"
)
_QUESTION = re.compile(
    r"[?？]\s*$|^\W*(?:what|when|where|which|who|whose|why|how|do you|does|did you|is there|are there|is it possible|can you tell"
    r"|could you tell)\b|(?:吗|呢|么)\W*$|多少|什么|怎么|哪[里儿个些天]|几[点号天时]|为什么|多久|是不是|有没有|能不能|可不可以"
)
_MILD_QUESTION = re.compile(
    r"^\W*(?:how|what) about\b|^(?!\W*(?:what|when|where|which|who|why|how|do|does|did|is|are|was|were|have|has)\b)[^吗呢么]*\?\s*$"
    r"|(?:可以|行|好|方便|有空|怎么样|如何|合适|ok|呢)[吗么呢嘛不]?\W*$"
)
_OR = re.compile(r"\bor\b|或者?|还是|要么|/")
_BOUND_BEFORE = re.compile(
    r"(?:\b(?:before|after|since|more than|less than|fewer than|over|under|at least|at most|up to|no (?:more|less|fewer|later|earlier|sooner) than)"
    r"|不超过|不低于|不少于|不晚于|不早于|超过|低于|至少|最少|最多|起码)\s*(?:the |on )?$"
)
_BOUND_AFTER = re.compile(
    r"\s?个?(?:[之以]?[前后](?![天年])|[之以]内|以上|以下|起)|\s(?:or|and) (?:more|less|later|after|earlier|before|fewer|above|below)\b"
)
_PAST = re.compile(
    r"\b(?:bought|ordered|received|purchased|arrived|was|were|did|got|came|delivered|paid|happened|since|ago|last|booked|signed)\b"
    r"|买的|买了|收到|下的?单|下单了|签收|付的?款|购买的|订的|发生|之前|以前"
)
_CLAUSE_MARK = re.compile(r"[,.;!?，。；！？、\n]")
# A dot or comma inside a number or an address ends nothing; some words of asking begin a clause without a mark.
_CLAUSE_EDGE = re.compile(
    r"[;!?。\n~]|,(?!\d)|\.(?![a-z0-9])|\s(?:and|but|so|also|by the way|btw)\s|\s-+\s|但是?|不过|另外|还有|顺便|对了"
    r"|\s*(?=你们|请问|能不能|能否|可不可以|什么时候)"
)
_ASKS_WITHOUT_MARK = re.compile(r"谁(?:来|给)?(?:承担|出|付|负责|处理|管|受理)|[在到去]哪|怎样|咋|[了到]没\W*$")
_ASKING_VERB = re.compile(
    r"\W*(?:is|are|was|were|can|could|would|will|shall|should|may|might|do|does|did|has|have|had)\b"
)


def is_denied(folded: str, start: int, end: int) -> bool:
    """True when the value at start:end is named as what is not, or no longer, wanted."""
    before, after = folded[max(0, start - _REACH) : start], folded[end : end + _REACH]
    if _DENIED_BEFORE.search(before) or _DENIED_AFTER.match(after):
        return True
    if not _OLD_VALUE_BEFORE.search(before):
        return bool(re.search(r"(?:把|将)\s*$", before) and _TURN.match(after))
    return bool(_TURN.match(after) or (tells_change(folded, start) and re.match(r"\s*(?:in)?to\b|\s*[到至]", after)))


def tells_change(folded: str, end: int) -> bool:
    """True when what stands before `end` says that something is being changed: its "from A to B" is no range."""
    return _CHANGE_VERB.search(folded, max(0, end - 2 * _REACH), end) is not None


def correction_end(folded: str, last: int) -> int:
    """Where the last sign of a correction that stands before `last` ends; 0 when there is none."""
    ends = [match.end() for match in _CORRECTION.finditer(folded, 0, last)]
    return ends[-1] if ends else 0


def is_new_value(folded: str, start: int) -> bool:
    """True when the words just before `start` say that a value is being changed or corrected to what follows."""
    return _CHANGED_TO.search(folded[max(0, start - _REACH) : start]) is not None


def is_question(folded: str) -> bool:
    """True for a message that asks. "Friday?" is one: the caller lowers its confidence, it does not refuse."""
    return _QUESTION.search(folded) is not None


def answer_share(folded: str, start: int = 0, end: int | None = None) -> float:
    """How much of its confidence the value at start:end keeps in a message that asks: "Friday?" most, "is Friday
    free?" less; "it's Friday, how long will it take?" all of it, for the question stands beside the value."""
    if not is_question(folded) or (end is not None and _is_told(folded, start, end)):
        return 1.0
    return 0.8 if _MILD_QUESTION.search(folded) else 0.5


def _is_told(folded: str, start: int, end: int) -> bool:
    """True when the clause of the value states it, and what asks is another clause."""
    left, right = clause_of(folded, start, end)
    is_marked = folded[right : right + 1] == "?"
    return right - left < len(folded) and not (is_marked or _is_asking(folded[left:right]))


def told_part(folded: str) -> str:
    """The message with the clauses that ask replaced by spaces, every place kept."""
    return "".join(" " * len(clause) if _is_asking(clause) else clause for clause in _clauses(folded))


def asked_part(folded: str) -> str:
    """The clauses that ask, of a message that also tells something; "" when it does only one of both."""
    asked = [clause for clause in _clauses(folded) if _is_asking(clause)]
    return "".join(asked).strip() if any(map(str.isalnum, told_part(folded))) else ""


def _clauses(folded: str) -> list[str]:
    edges = [0, *(match.end() for match in _CLAUSE_EDGE.finditer(folded)), len(folded)]
    return [folded[start:end] for start, end in pairwise(edges)]


def _is_asking(clause: str) -> bool:
    return any((is_question(clause), _ASKING_VERB.match(clause), _ASKS_WITHOUT_MARK.search(clause)))


def clause_of(folded: str, start: int, end: int) -> tuple[int, int]:
    """Where the clause around start:end begins and ends, at most 80 characters away."""
    marks = _CLAUSE_EDGE.finditer(folded, max(0, start - 80), start)
    left = max((mark.end() for mark in marks), default=max(0, start - 80))
    right = _CLAUSE_EDGE.search(folded, end, end + 80)
    return left, right.start() if right else min(len(folded), end + 80)


def is_bound(folded: str, start: int, end: int) -> bool:
    """True when the value only bounds what is meant: "after 3pm", 周五之前, "at least 5"."""
    before, after = folded[max(0, start - _REACH) : start], folded[end : end + _REACH]
    return _BOUND_BEFORE.search(before) is not None or _BOUND_AFTER.match(after) is not None


def tells_alternatives(folded: str, start: int, end: int) -> bool:
    """True when what stands between two values makes them a choice: "Friday or Saturday"."""
    return _OR.search(folded, start, end) is not None


def tells_of_the_past(folded: str, start: int, end: int) -> bool:
    """True when the clause around start:end reports what has happened: "I bought it on Monday"."""
    left = max((mark.end() for mark in _CLAUSE_MARK.finditer(folded, max(0, start - 80), start)), default=None)
    right = _CLAUSE_MARK.search(folded, end, end + 80)
    clause = folded[left if left is not None else max(0, start - 80) : right.start() if right else end + 80]
    return _PAST.search(clause) is not None
