"""Checks, without a model, that a sentence says nothing that its evidence does not say.

Every quantity, name and code of a sentence must stand in one piece of evidence, negation must agree, and its content
words must be covered. What it does NOT see: who did what to whom, when both are named in one piece of evidence; the
policy of `bot/answer.py` keeps wording short and close to one span for that reason. False rejection costs a quotation
in place of a sentence; false support would be a lie, so every doubt rejects.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatwright.language.detect import has_han
from chatwright.language.fold import fold
from chatwright.language.quantities import Quantity, find_quantities
from chatwright.language.sentences import split_sentences
from chatwright.language.words import content_words, stem
from chatwright.messages import Citation

MIN_COVERAGE = 0.8
_NEGATION_EN = re.compile(r"\b(?:not|no|never|none|cannot|without|except|neither|nor|unless|\w+n[’']t|non)\b")
_NEGATION_ZH = re.compile(
    r"不(?!但|仅|过|同|少|错|妨|管|如|论)|没有|没(?=[一-鿿])|无(?!论)|未|非(?!常)|禁止|拒绝|除外|勿|别(?![的人])"
)
# Words that frame an answer and claim nothing.
_FREE = frozenset(
    """according policy yes sure hello hi answer follow following provide information document documents customer
    you your we our please note would also takes take cost costs is are it can could may within up
    您好 好的 根据 资料 显示 以下 回答 答案 可以 需要 支持 我们 您 亲 关于 如下 一般 来说 提供 内容 情况 大约 总共 共 为 则 即
    会 将 已 时 后 前 内 再 并 且 由 此 该 可 需 请 进行 相关 信息 客户 用户 顾客""".split()  # noqa: SIM905
)
_LIMIT_WORDS = (
    (re.compile(r"at least|minimum|or more|not less than|至少|以上|不少于|满"), "least"),
    (re.compile(r"at most|up to|maximum|no more than|最多|至多|以内|不超过|以下"), "most"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """`unsupported` names what no piece of evidence holds."""

    is_supported: bool
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundedAnswer:
    """What is left of an answer: its supported sentences, the evidence they rest on, and what was dropped."""

    text: str
    cited: tuple[int, ...]
    dropped: tuple[str, ...]


def check_grounding(sentence: str, evidence: Sequence[str], question: str = "") -> Grounding:
    """Whether one piece of evidence supports all of `sentence`. Words of the question are free, its quantities are not."""
    best: tuple[str, ...] | None = None
    for piece in evidence:
        missing = _missing(sentence, piece, question)
        if not missing:
            return Grounding(is_supported=True)
        if best is None or len(missing) < len(best):
            best = missing
    return Grounding(is_supported=False, unsupported=best or ("no evidence",))


def ground_answer(text: str, evidence: Sequence[Citation], question: str = "") -> GroundedAnswer:
    """Keeps the sentences of `text` that some piece of evidence supports, in order."""
    kept: list[str] = []
    cited: list[int] = []
    dropped: list[str] = []
    for start, end in split_sentences(text):
        sentence = text[start:end]
        supporting = [n for n, item in enumerate(evidence) if not _missing(sentence, item.quote, question)]
        if supporting:
            kept.append(sentence)
            cited += [number for number in supporting[:1] if number not in cited]
        else:
            dropped.append(sentence)
    gap = "" if has_han("".join(kept)) else " "
    return GroundedAnswer(text=gap.join(kept), cited=tuple(cited), dropped=tuple(dropped))


def keeps_quantities(text: str, evidence: str) -> bool:
    """True when every quantity of the evidence is also in `text`: a wording must not leave out a price or a limit."""
    said = {_key(quantity) for quantity in find_quantities(text)}
    return all(_key(quantity) in said for quantity in find_quantities(evidence))


def _missing(sentence: str, evidence: str, question: str) -> tuple[str, ...]:
    missing = [_shown(item) for item in _unsupported_quantities(sentence, evidence)]
    if _is_negated(sentence) != _is_negated(evidence):
        missing.append("negation")
    missing += _unsupported_limits(sentence, evidence)
    missing += _uncovered(sentence, evidence, question)
    return tuple(missing)


def _unsupported_quantities(sentence: str, evidence: str) -> list[Quantity]:
    known = {_key(item) for item in find_quantities(evidence)}
    bare = {item.value for item in find_quantities(evidence)}
    return [
        item
        for item in find_quantities(sentence)
        if _key(item) not in known and not (item.unit == "" and item.value in bare and item.kind == "number")
    ]


def _key(item: Quantity) -> tuple[str, str, str]:
    return ("number" if item.kind == "number" else item.kind, item.value, item.unit)


def _shown(item: Quantity) -> str:
    return f"{item.value} {item.unit}".strip()


def _is_negated(text: str) -> bool:
    folded = fold(text)
    return bool(_NEGATION_EN.search(folded) or _NEGATION_ZH.search(folded))


def _unsupported_limits(sentence: str, evidence: str) -> list[str]:
    """ "At least 7 days" is not supported by "up to 7 days"."""
    said, known = fold(sentence), fold(evidence)
    has_any = any(pattern.search(known) for pattern, _ in _LIMIT_WORDS)
    return [name for pattern, name in _LIMIT_WORDS if has_any and pattern.search(said) and not pattern.search(known)]


def _uncovered(sentence: str, evidence: str, question: str) -> list[str]:
    """Content words beyond the share that may differ; names (capitals, Latin words in Chinese) must all be there."""
    known = {stem(word) for word in content_words(evidence)}
    asked = {stem(word) for word in content_words(question)}
    flat = fold(evidence)
    free = {stem(word) for word in _FREE}
    wanted = [word for word in content_words(sentence) if stem(word) not in free and not word[0].isdigit()]
    absent = [word for word in wanted if stem(word) not in known and not (has_han(word) and _is_covered(word, flat))]
    names = [word for word in absent if stem(word) not in asked and _is_name(word, sentence)]
    if names:
        return names
    absent = [word for word in absent if stem(word) not in asked]
    return absent if wanted and len(absent) > (1 - MIN_COVERAGE) * len(wanted) else []


def _is_covered(word: str, flat: str) -> bool:
    """A Chinese word whose characters all stand in the evidence: segmentation differs between texts."""
    return len(word) > 1 and all(character in flat for character in word)


def _is_name(word: str, sentence: str) -> bool:
    """A word written with a capital inside a sentence, or Latin letters in a Chinese one."""
    if not word.isascii():
        return False
    if has_han(sentence):
        return True
    return bool(re.search(rf"(?<=[a-z,;] ){re.escape(word.capitalize())}", sentence))
