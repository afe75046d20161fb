"""Judges replies against expected facts, by rule and without a model.

An answer is correct when it holds every fact, supported when every fact is in a quotation that it cites and every
quotation is exactly the text of its source. Spellings are compared folded, without spaces and thousands separators.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatwright.evaluation.questions import Question
from chatwright.language.fold import fold
from chatwright.messages import Citation, Language, Reply

_SPACES = re.compile(r"\s+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One judged turn. `reason` is empty when it is right."""

    id: str
    language: Language
    question: Question
    reply: Reply
    is_correct: bool
    is_supported: bool
    reason: str = ""

    @property
    def is_right(self) -> bool:
        return self.is_correct and self.is_supported


def judge(name: str, language: Language, question: Question, reply: Reply, texts: Mapping[str, str]) -> Judgement:
    """texts: the extracted text of every cited source."""
    reason = _misquote(reply.citations, texts)
    is_supported = not reason
    if question.expect == "abstained":
        is_correct = reply.outcome in ("abstained", "handed_over")
        reason = reason or ("" if is_correct else "it answered what the folder does not say")
    else:
        is_correct = reply.outcome == "answered" and holds_facts(reply.answer, question.facts)
        quotes = "\n".join(citation.quote for citation in reply.citations)
        is_supported = is_supported and bool(reply.citations) and holds_facts(quotes, question.facts)
        if not is_correct:
            reason = reason or ("it abstained" if reply.outcome == "abstained" else "a fact is missing from the answer")
        elif not is_supported:
            reason = reason or "a fact is in no quotation"
    return Judgement(
        id=name,
        language=language,
        question=question,
        reply=reply,
        is_correct=is_correct,
        is_supported=is_supported,
        reason=reason,
    )


def holds_facts(text: str, facts: Sequence[Sequence[str]]) -> bool:
    """True when one spelling of every fact is in `text`."""
    folded = _squeeze(text)
    return all(any(_squeeze(way) in folded for way in fact) for fact in facts)


def _misquote(citations: Sequence[Citation], texts: Mapping[str, str]) -> str:
    for citation in citations:
        source = texts.get(citation.source, "")
        if source[citation.start : citation.end] != citation.quote:
            return f"the quotation differs from {citation.source}:{citation.start}-{citation.end}"
    return ""


def _squeeze(text: str) -> str:
    return _THOUSANDS.sub("", _SPACES.sub("", fold(text)))
