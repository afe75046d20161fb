"""Checks, without a model, that a sentence says nothing that its evidence does not say.

Every quantity, name and code of a sentence must stand in one piece of evidence, at the same thing and with the same
direction of its limit; negation must agree with the clause that it rests on; content words must be covered, and most of
that clause must be kept. The question supports nothing, nor does a title. False rejection costs a quotation in place of
a sentence; false support would be a lie, so every doubt rejects. What it does NOT see: who does what to whom when both
are named in one clause, conditions in another clause that a wording leaves out, and meaning beyond words ("closed on
Monday" from "open Tuesday to Sunday").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chatwright.language.detect import has_han
from chatwright.language.quantities import find_quantities
from chatwright.language.sentences import split_sentences
from chatwright.messages import Citation
from chatwright.safety.clauses import Clause, split_clauses, supports
from chatwright.safety.coverage import (
    decisive_words,
    dropped_variants,
    exchanged_persons,
    uncovered_words,
    unknown_names,
)
from chatwright.safety.polarity import is_question, may_say

MAX_UNCOVERED_SHARE = 0.15  # of the content words of a sentence
MIN_CLAUSE_SHARE = 0.5  # of the content words of a clause of evidence that a sentence must keep to rest on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """`unsupported` names what no piece of evidence holds."""

    is_supported: bool
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundedAnswer:
    """What is left of an answer: its supported sentences, the evidence they rest on, and what was dropped.

    cited: indexes of the evidence, in order of first use. sentences: each kept sentence with its own indexes.
    """

    text: str
    cited: tuple[int, ...]
    dropped: tuple[str, ...]
    sentences: tuple[tuple[str, tuple[int, ...]], ...] = ()


def check_grounding(sentence: str, evidence: Sequence[str], question: str = "") -> Grounding:
    """Whether one piece of evidence supports all of `sentence`.

    question: supports nothing, not even its own words; neither does a title, which may be a question itself.
    """
    nearest: tuple[str, ...] = ("no evidence",)
    for piece in evidence:
        missing = _unsupported(sentence, piece)
        if not missing:
            return Grounding(is_supported=True)
        if nearest == ("no evidence",) or len(missing) < len(nearest):
            nearest = missing
    return Grounding(is_supported=False, unsupported=nearest)


def ground_answer(text: str, evidence: Sequence[Citation], question: str = "") -> GroundedAnswer:
    """Keeps the sentences of `text` that some piece of evidence supports, each with the first that does."""
    kept: list[tuple[str, tuple[int, ...]]] = []
    dropped: list[str] = []
    for start, end in split_sentences(text):
        sentence = text[start:end]
        supporting = next(
            (number for number, item in enumerate(evidence) if not _unsupported(sentence, item.quote)), None
        )
        if supporting is None:
            dropped.append(sentence)
        else:
            kept.append((sentence, (supporting,)))
    sentences = [sentence for sentence, _ in kept]
    gap = "" if has_han("".join(sentences)) else " "
    cited = tuple(dict.fromkeys(number for _, numbers in kept for number in numbers))
    return GroundedAnswer(text=gap.join(sentences), cited=cited, dropped=tuple(dropped), sentences=tuple(kept))


def keeps_quantities(text: str, evidence: str) -> bool:
    """True when every quantity of the evidence is also in `text`: a wording must not leave out a price or a limit."""
    said = find_quantities(text)
    return all(item.is_loose or any(supports(one, item) for one in said) for item in find_quantities(evidence))


def _unsupported(sentence: str, evidence: str) -> tuple[str, ...]:
    """What of `sentence` this piece of evidence does not hold; empty when it supports all of it."""
    missing = ["a question"] if is_question(sentence) else []
    missing += _unsupported_quantities(sentence, evidence)
    missing += _reordered(sentence, evidence)
    missing += unknown_names(sentence, evidence)
    absent, num_words = uncovered_words(sentence, evidence)
    missing += decisive_words(absent, sentence)
    if absent and len(absent) > MAX_UNCOVERED_SHARE * num_words:
        missing += absent
    if not missing:
        missing += _misplaced(sentence, evidence, has_words=num_words > 0)
    return tuple(dict.fromkeys(missing))


def _unsupported_quantities(sentence: str, evidence: str) -> list[str]:
    known = find_quantities(evidence)
    return [
        said.text
        for said in find_quantities(sentence)
        if not said.is_loose and not any(supports(one, said) for one in known)
    ]


def _reordered(sentence: str, evidence: str) -> list[str]:
    """Quantities of one kind that stand in another order than in the evidence: they may have been exchanged."""
    known = find_quantities(evidence)
    next_place: dict[tuple[str, str], int] = {}
    for said in find_quantities(sentence):
        if said.is_loose:
            continue
        kind = (said.kind, said.unit)
        places = [place for place, item in enumerate(known) if supports(item, said)]
        following = [place for place in places if place >= next_place.get(kind, 0)]
        if places and not following:
            return [f"order of {said.text}"]
        next_place[kind] = following[0] if following else next_place.get(kind, 0)
    return []


def _misplaced(sentence: str, evidence: str, *, has_words: bool) -> list[str]:
    """Each clause of the sentence against the clauses of the evidence that resemble it most: negation, limits, and
    whether a number belongs to the same thing there."""
    said, known = split_clauses(sentence), split_clauses(evidence)
    if not has_words and not any(clause.quantities for clause in said):
        return [] if not any(clause.is_negated for clause in said) else ["negation"]
    missing: list[str] = []
    for clause in said:
        if not clause.stems and not clause.quantities:
            missing += ["negation"] if clause.is_negated else []
            continue
        missing += _misplaced_clause(clause, known)
    return missing


def _misplaced_clause(said: Clause, known: Sequence[Clause]) -> list[str]:
    if not said.strict_quantities:
        return _misplaced_words(said, known)
    missing: list[str] = []
    for quantity in said.strict_quantities:
        holding = [clause for clause in known if clause.has(quantity)]
        rivals = [clause for clause in known if clause not in holding and clause.rivals(quantity)]
        best = max((said.likeness(clause) for clause in holding), default=(0.0, 0.0))
        if not holding or any(said.likeness(rival) >= best for rival in rivals):
            missing.append(quantity.text)
            continue
        alike = [clause for clause in holding if said.likeness(clause) == best]
        missing += _shifted(said, alike)
        closer = [clause for clause in known if said.likeness(clause) > best]  # says no quantity, but is what is meant
        if any(clause.is_negated != said.is_negated for clause in [*alike, *closer]):
            missing.append("negation")
        if not any(may_say(said.limit_of(quantity), limit) for clause in alike for limit in clause.limits_of(quantity)):
            missing.append(f"limit of {quantity.text}")
    return missing


def _misplaced_words(said: Clause, known: Sequence[Clause]) -> list[str]:
    """A clause without a quantity: negation, and a threshold that it leaves out ("free" for "free from ¥800")."""
    best = max((said.likeness(clause) for clause in known), default=(0.0, 0.0))
    if best == (0.0, 0.0):
        return ["nothing alike"]
    alike = [clause for clause in known if said.likeness(clause) == best]
    missing = ["negation"] if any(clause.is_negated != said.is_negated for clause in alike) else []
    missing += _shifted(said, alike)
    thresholds = [quantity.text for clause in alike for quantity in clause.quantities if clause.is_threshold(quantity)]
    return missing + thresholds


def _shifted(said: Clause, alike: Sequence[Clause]) -> list[str]:
    """What makes another statement of the same words: "N5" for "N5 Pro", "you" for "we", a few words of many."""
    missing = [name for clause in alike for name in dropped_variants(said.text, clause.text)]
    missing += [who for clause in alike for who in exchanged_persons(said.text, clause.text)]
    is_close = any(clause.likeness(said)[0] >= MIN_CLAUSE_SHARE or not clause.stems for clause in alike)
    return missing if is_close else [*missing, "most of the clause"]
