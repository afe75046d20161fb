"""Splits a text into clauses, each with its quantities, its words and its polarity: what a number is said of.

In: text. Out: Clause values. A stretch without a quantity belongs to the one after it, a last one to the one before, so
that "for the N5, the warranty is 12 months" is one clause.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatwright.language.fold import fold
from chatwright.language.quantities import Quantity, find_quantities
from chatwright.safety.coverage import content_stems, same_meaning
from chatwright.safety.polarity import Limit, is_negated, limit_at

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_CONTRAST = re.compile(r"[,，]?\s?\b(?:but|while|whereas)\b|但是?|而(?!且)", re.IGNORECASE)
_PART_END = re.compile(r"[,，、|]|\s(?:and|or)\s", re.IGNORECASE)
_ANSWER_WORD = re.compile(r"\s*(?:no|nope|不|不是的?|不行|不可以|不能)[,，]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause. Offsets of its quantities count in `text`, which is folded in nothing but its ends."""

    text: str
    quantities: tuple[Quantity, ...]
    stems: frozenset[str]
    is_negated: bool

    @property
    def strict_quantities(self) -> tuple[Quantity, ...]:
        return tuple(quantity for quantity in self.quantities if not quantity.is_loose)

    def has(self, said: Quantity) -> bool:
        return any(supports(known, said) for known in self.quantities)

    def rivals(self, said: Quantity) -> bool:
        """True when this clause has another quantity of the same kind: it may be what was meant."""
        return any((known.kind, known.unit) == (said.kind, said.unit) for known in self.quantities)

    def is_threshold(self, quantity: Quantity) -> bool:
        """True for a quantity that something holds from, or only beyond."""
        return self.limit_of(quantity) in ("least", "more", "less")

    def likeness(self, other: "Clause") -> tuple[float, float]:
        """The share of this clause's words that `other` has, then the overlap of both (Dice), each in [0, 1]."""
        shared = min(  # two synonyms of one word are one word
            sum(1 for word in self.stems if same_meaning(word, other.stems)),
            sum(1 for word in other.stems if same_meaning(word, self.stems)),
        )
        return shared / (len(self.stems) or 1), 2 * shared / (len(self.stems) + len(other.stems) or 1)

    def limit_of(self, quantity: Quantity) -> Limit | None:
        return limit_at(self.text, quantity.start, quantity.end)

    def limits_of(self, said: Quantity) -> list[Limit | None]:
        return [self.limit_of(known) for known in self.quantities if supports(known, said)]


def supports(known: Quantity, said: Quantity) -> bool:
    """True for the same quantity; a bare number may rest on one with a unit, a date on a fuller date."""
    if known.key == said.key:
        return True
    if said.kind == "number" and not said.unit:
        return known.value == said.value and known.kind not in ("ordinal", "weekday")
    if said.kind == known.kind == "date":
        parts = zip(said.value.split("-"), known.value.split("-"), strict=True)
        return all(not one or one == other for one, other in parts)
    return False


def split_clauses(text: str) -> list[Clause]:
    """The clauses of `text` in order; a text without any letter or digit has none."""
    return [
        _clause(clause)
        for sentence in _SENTENCE_END.split(text)
        for side in _CONTRAST.split(_without_answer_word(sentence))
        for clause in _split_by_quantity(side)
        if any(character.isalnum() for character in clause)
    ]


def _without_answer_word(sentence: str) -> str:
    """ "No, it cannot": the first word only repeats the denial."""
    match = _ANSWER_WORD.match(sentence)
    return sentence[match.end() :] if match and is_negated(fold(sentence[match.end() :])) else sentence


def _split_by_quantity(sentence: str) -> Iterator[str]:
    """The parts of a sentence: a new one begins where a second quantity of one kind is said of something else."""
    clause, kinds = "", set[tuple[str, str]]()
    for part in _parts(sentence):
        part_kinds: set[tuple[str, str]] = {(quantity.kind, quantity.unit) for quantity in find_quantities(part)}
        if clause and not kinds.isdisjoint(part_kinds):
            yield clause
            clause, kinds = part, part_kinds
        else:
            clause, kinds = f"{clause} {part}".strip(), kinds | part_kinds
    yield clause


def _parts(sentence: str) -> Iterator[str]:
    """What stands between the marks of a sentence; one without a quantity goes with the next that has one."""
    inside = {place for quantity in find_quantities(sentence) for place in range(quantity.start, quantity.end)}
    pending, start = "", 0
    for match in _PART_END.finditer(sentence):
        if match.start() in inside:
            continue  # a mark of the number itself: "1,299"
        part, start = sentence[start : match.start()], match.end()
        pending = f"{pending} {part}".strip()
        if find_quantities(part):
            yield pending
            pending = ""
    yield f"{pending} {sentence[start:]}".strip()


def _clause(text: str) -> Clause:
    return Clause(
        text=text.lower(),
        quantities=tuple(find_quantities(text)),
        stems=frozenset(content_stems(text)),
        is_negated=is_negated(fold(text)),
    )
