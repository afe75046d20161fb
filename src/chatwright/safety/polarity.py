"""Says whether a clause denies, and which way a limit points, in both languages.

In: folded text (lower case, simplified). Out: a flag or a class. Knows nothing of evidence. What it does not see:
irony,
denial by meaning alone ("refuses to", "失败"), and a denial that another clause carries.
"""

import re
from typing import Literal

Limit = Literal["least", "most", "within", "more", "less"]

_NEGATION_EN = re.compile(
    r"\b(?:not(?! only)|no(?! later| more than| less than| fewer)|never|none|cannot|without|except(?:ions?)?|neither"
    r"|nor"
    r"|unless|nothing|nobody|excluded|excluding|excludes?|unable|unavailable|impossible|\w+n't|cant|dont|wont|isnt"
    r"|doesnt)\b"
)
_NEGATION_ZH = re.compile(
    r"不(?![但仅过同少错妨管如论足超低高]|一定|超过|少于|低于|高于|影响)|没(?=[一-鿿])|无(?![论线理忧人])"
    r"|未(?![来])|非(?![常洲])"
    r"|禁止|拒|除外|勿|别(?=[再去用把让拆寄])|除非|排除|谢绝|概不|免谈"
)
# "能不能", "是不是", "可不可以" ask, and "不得不" affirms: none of them denies.
_ASKS_ZH = re.compile(r"(?P<verb>[一-鿿])不(?P=verb)|不得不|有没有|是否|能否|可否")
_QUESTION = re.compile(r"[?？][\"'”’）)]*$|[吗么呢][。.]?$|^(?:请问|如何|怎么|怎样|为什么|多久|多少)")
_NEVER = re.compile(r"(?!)")
_LIMITS: tuple[tuple[Limit, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "least",
        re.compile(r"(?:at least|no less than|not less than|minimum(?: of)?|from|至少|不少于|不低于|满|达到?|最少"
            r"|最低)[^\d]{0,3}$"),
        re.compile(r"[^\d,，。;；]{0,4}(?:or more|or above|and above|及?以上|起)"),
    ),
    (
        "most",
        re.compile(r"(?:at most|up to|no more than|not more than|maximum(?: of)?|不超过|不高于|不多于|最多|至多|最高"
            r"|最长|上限)[^\d]{0,3}$"),
        re.compile(r"[^\d,，。;；]{0,4}(?:or less|or fewer|at most|at the latest|及?以下|封顶)"),
    ),
    ("within", re.compile(r"(?:within|inside|in|before|by)[^\d]{0,3}$"), re.compile(r"[^\d,，。;；]{0,3}(?:以内|之内"
        r"|内|之前|前)")),
    ("more", re.compile(r"(?:more than|over|above|exceed(?:s|ing)?|longer than|after|超过|超出|高于|大于"
        r"|多于)[^\d]{0,3}$"), re.compile(r"(?!)")),
    ("less", re.compile(r"(?:less than|under|below|fewer than|低于|少于|不到|不足|小于)[^\d]{0,3}$"), _NEVER),
)  # fmt: skip
_SAME_DIRECTION: dict[Limit | None, frozenset[Limit | None]] = {
    None: frozenset({None, "within", "most", "least"}),
    "within": frozenset({"within", "most", None}),
    "most": frozenset({"within", "most"}),
    "least": frozenset({"least"}),
    "more": frozenset({"more"}),
    "less": frozenset({"less"}),
}


def is_negated(clause: str) -> bool:
    """True when an odd number of denials is in the clause: "not unavailable" denies nothing."""
    plain = _ASKS_ZH.sub("", clause)
    return (len(_NEGATION_EN.findall(plain)) + len(_NEGATION_ZH.findall(plain))) % 2 == 1


def is_question(sentence: str) -> bool:
    """True for a sentence that asks: it claims nothing, so nothing can support it."""
    return _QUESTION.search(sentence.strip()) is not None


def limit_at(text: str, start: int, end: int) -> Limit | None:
    """The direction of the quantity at start:end: "at least 7 days" is least, "7 天以内" is within."""
    before, after = text[max(0, start - 20) : start], text[end : end + 14]
    for limit, leading, trailing in _LIMITS:
        if leading.search(before) or trailing.match(after):
            return limit
    return None


def may_say(said: Limit | None, known: Limit | None) -> bool:
    """True when a statement with limit `said` may rest on evidence with limit `known`: "within 7 days" on "7 days", but
    "at least" only on "at least"; leaving out a strict "more than" is not allowed either."""
    return known in _SAME_DIRECTION[said]
