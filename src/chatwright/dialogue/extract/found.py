"""What an extractor saw: a value, where it stands, and how sure that reading is.

Values are JSON: dates "2026-11-25", times "14:30", money {"amount": "12.50", "currency": "CNY"}, numbers, booleans,
strings and lists of these. Offsets count characters of the message as it was written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One reading of `text[start:end]`. confidence in [0, 1].

    alternatives: other values it could be, best first. is_ambiguous: the visitor must be asked which is meant (two
    dates in one message, 3/4/2026, "this weekend"); alternatives without it are readings that are merely possible.
    is_unmistakable: its form alone says what it is (an e-mail address, a phone number), so nothing need introduce it.
    """

    value: Any
    start: int
    end: int
    confidence: float
    is_ambiguous: bool = False
    alternatives: tuple[Any, ...] = ()
    is_unmistakable: bool = False


def drop_overlaps(readings: Iterable[Found]) -> list[Found]:
    """In order of place; of two that overlap the earlier stays, of two with one start the longer."""
    kept: list[Found] = []
    for reading in sorted(readings, key=lambda reading: (reading.start, -reading.end)):
        if not kept or reading.start >= kept[-1].end:
            kept.append(reading)
    return kept


def settle(readings: Sequence[Found]) -> Found | None:
    """The one value that all of them say; the first as ambiguous, the others its alternatives, when they differ."""
    if not readings:
        return None
    first = max(readings, key=lambda reading: reading.confidence) if _agree(readings) else readings[0]
    if _agree(readings):
        return first
    meant = [value for reading in readings for value in (reading.value, *_asked_about(reading))]
    others = {repr(value): value for value in meant if value != first.value}
    return replace(first, is_ambiguous=True, alternatives=tuple(others.values()), confidence=min(first.confidence, 0.5))


def _asked_about(reading: Found) -> tuple[Any, ...]:
    return reading.alternatives if reading.is_ambiguous else ()


def _agree(readings: Sequence[Found]) -> bool:
    return all(reading.value == readings[0].value for reading in readings)
