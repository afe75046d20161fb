"""Hears unasked whether somebody wants to be called or written to: "no need to call back", 不用给我打电话, "please call me".

In: the words of a yes-or-no slot, and a message folded by `language.in_place`. Out: a reading, or None. Only a clause
that is the wish and hardly anything else counts: "nobody called me back", 打了三次电话没人接 tell what happened.
Linear time.
"""

# ruff: noqa: E501 - patterns read best on one line

import re

from chatwright.dialogue.extract.found import Found

_CONFIDENCE = 0.8
_MAX_CLAUSE_CHARS = 40
_CLAUSE = re.compile(r"[^,.!?;:…、，。！？；：\n]+\??")
_HAN_SPACE = re.compile(r"(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")
_OPENS_EN = r"(?:(?:and|but|ok(?:ay)?|also|well|oh|thanks|please|i|you|there is|there's) )*"
_ENDS_EN = r"(?: (?:back|me|us|please|though|thanks|thank you|about (?:it|this)|for (?:it|this)|at all|needed|necessary|required|either|then))*"
_NOT_EN = r"(?:no need (?:to|for (?:a|you to))|no|(?:do not|don't|needn't)(?: (?:need|have|want|wish))?(?: to| a| you to)?|rather not|not)"
_ASK_EN = r"(?:(?:please|could you|can you|would you|do|just|want you to|would like you to|would like|'d like you to|'d like|want|need)(?: a)?)"
_OPENS_ZH = "(?:那|就|也|还有|另外|我|你们?|您|了|好|嗯|吧)*"
_NOT_ZH = "(?:不用|不必|不需要|无需|别|不要|甭|没必要)(?:再|麻烦)?"
_ASK_ZH = "(?:请|麻烦|尽快|希望|务必|记得|需要|最好|帮忙)(?:[你您]们?)?(?:尽快)?"
_ENDS_ZH = "(?:给?我|过来|回来|联系我|告知|处理|说明|一下|了|吧|哈|啊|哦|谢谢)*"

# What a slot may be about → how that is said, in English and Chinese.
_SUBJECTS = (
    (
        re.compile(r"\bcall|\bphone|回电|电话"),
        r"(?:call(?:ing|s)?|phon(?:e|ing)|ring(?:ing)?)",
        "(?:给我|跟我|向我)?(?:[打回来致]个?通?(?:电话?)|电话(?:联系|通知|回访|回复)?)",
    ),
    (
        re.compile(r"e-?mail|邮件"),
        r"(?:e-?mail(?:ing|s)?)",
        "(?:给我|跟我|向我)?(?:[发回写]个?封?(?:邮件|电邮)|邮件(?:联系|通知|回复))",
    ),
)  # fmt: skip


def read_told_wish(about: str, folded: str) -> Found | None:
    """Whether it is wanted. about: the slot's own words, folded."""
    for subject, english, chinese in _SUBJECTS:
        if not subject.search(about):
            continue
        wanted = re.compile(rf"{_OPENS_EN}{_ASK_EN} {english}{_ENDS_EN}|{_OPENS_ZH}{_ASK_ZH}{chinese}{_ENDS_ZH}")
        unwanted = re.compile(rf"{_OPENS_EN}{_NOT_EN} {english}{_ENDS_EN}|{_OPENS_ZH}{_NOT_ZH}{chinese}{_ENDS_ZH}")
        for clause, start in told_clauses(folded):
            if len(clause) <= _MAX_CLAUSE_CHARS and (unwanted.fullmatch(clause) or wanted.fullmatch(clause)):
                is_wanted = unwanted.fullmatch(clause) is None
                return Found(value=is_wanted, start=start, end=start + len(clause), confidence=_CONFIDENCE)
    return None


def told_clauses(folded: str) -> list[tuple[str, int]]:
    """The clauses of a message with where they begin."""
    found: list[tuple[str, int]] = []
    for match in _CLAUSE.finditer(_HAN_SPACE.sub(",", folded)):
        clause = match[0].strip().replace("’", "'")
        found.append((clause, match.start() + len(match[0]) - len(match[0].lstrip())))
    return found
