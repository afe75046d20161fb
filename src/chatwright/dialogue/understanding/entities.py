"""Reads entities from a message by what the training data list: lookup tables, synonyms, marked values, regexes.

In: training data once, then messages. Out: entities with their places; values by the synonyms. What nobody listed is
not read: there is no guessing model here. Longest first, none inside another. Rasa's meaning: a regex or a lookup reads
the entity of its own name. Roles and groups are told by the words before the value, as in the examples.
Never raises on any text. A pattern looks at the first 500 characters.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from chatwright.dialogue.extract.codes import check_pattern
from chatwright.dialogue.training_data import Annotation, Example, TrainingData
from chatwright.language.fold import fold
from chatwright.language.in_place import fold_in_place
from chatwright.language.words import words

MAX_CHARS = 2000
_MAX_PATTERN_CHARS = 500
_MAX_FOUND = 32
_NUM_BEFORE = 2  # words before a value that tell its role
_ASCII_WORD = re.compile(r"[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """`text[start:end]` is an entity with this value. role and group: "" for none. is_exact: listed, not by pattern."""

    entity: str
    value: str
    start: int
    end: int
    role: str = ""
    group: str = ""
    is_exact: bool = True


class EntityReader:
    """Reads the entities of one bot folder."""

    def __init__(self, data: TrainingData) -> None:
        self._synonyms = {_key(wording): value for wording, value in data.synonyms.items()}
        self._owners = _phrases(data)
        self._starts = _by_start(self._owners)
        self._patterns = [
            (name, re.compile(check_pattern(pattern).pattern, re.IGNORECASE))
            for name, patterns in data.regexes.items()
            for pattern in patterns
        ]
        self._roles = _roles(data.examples)

    def read(self, text: str) -> tuple[Entity, ...]:
        """In order of place; two of one place when a phrase is listed under two entities."""
        text = text[:MAX_CHARS]
        found = [*self._listed(text), *self._matched(text)]
        found.sort(key=lambda each: (each.start - each.end, each.start, not each.is_exact))
        kept: list[Entity] = []
        for entity in found[: 4 * _MAX_FOUND]:
            if all(_may_stand_beside(entity, other) for other in kept):
                kept.append(self._with_role(text, entity))
        return tuple(sorted(kept[:_MAX_FOUND], key=lambda each: (each.start, each.entity)))

    def _listed(self, text: str) -> Iterator[Entity]:
        folded = fold_in_place(text)
        for start, character in enumerate(folded):
            if start and _is_inside_word(folded, start):
                continue
            for phrase in self._starts.get(character, ()):
                end = start + len(phrase)
                if folded.startswith(phrase, start) and not (end < len(folded) and _is_inside_word(folded, end)):
                    for entity, value in self._owners[phrase]:
                        yield Entity(entity=entity, value=self._value(value), start=start, end=end)

    def _matched(self, text: str) -> Iterator[Entity]:
        looked_at = text[:_MAX_PATTERN_CHARS]
        for name, pattern in self._patterns:
            for match, _ in zip(pattern.finditer(looked_at), range(_MAX_FOUND), strict=False):
                if match[0].strip():
                    value = self._value(match[0])
                    yield Entity(entity=name, value=value, start=match.start(), end=match.end(), is_exact=False)

    def _value(self, written: str) -> str:
        return self._synonyms.get(_key(written), written)

    def _with_role(self, text: str, entity: Entity) -> Entity:
        """The role and group that the examples give the entity behind these words, if they give it any."""
        votes: Counter[tuple[str, str]] = Counter()
        for word in _before(text, entity.start):
            votes.update(self._roles.get((entity.entity, word), {}))
        best = votes.most_common(2)
        if not best or (len(best) > 1 and best[0][1] == best[1][1]):
            return entity
        return replace(entity, role=best[0][0][0], group=best[0][0][1])


def _key(written: str) -> str:
    return fold(written).strip()


def _phrases(data: TrainingData) -> dict[str, tuple[tuple[str, str], ...]]:
    """Every listed phrase, folded, with the entities it may be and the value it has there."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    listed: list[tuple[str, str]] = [(name, phrase) for name, phrases in data.lookups.items() for phrase in phrases]
    marked = [(mark, example) for example in data.examples for mark in example.entities]
    listed += [(mark.entity, example.text[mark.start : mark.end]) for mark, example in marked]
    listed += [(mark.entity, mark.value) for mark, _ in marked]
    of_value: dict[str, set[str]] = defaultdict(set)
    for entity, phrase in listed:
        owners[fold_in_place(phrase).strip()].setdefault(entity, phrase)
        of_value[_key(phrase)].add(entity)
    for wording, value in data.synonyms.items():
        for entity in of_value.get(_key(value), ()):
            owners[fold_in_place(wording).strip()][entity] = value
    return {phrase: tuple(sorted(each.items())) for phrase, each in owners.items() if phrase}


def _by_start(phrases: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    starts: dict[str, list[str]] = defaultdict(list)
    for phrase in sorted(phrases, key=len, reverse=True):
        starts[phrase[0]].append(phrase)
    return {character: tuple(each) for character, each in starts.items()}


def _is_inside_word(folded: str, place: int) -> bool:
    """Between two letters or digits of a Latin word; Chinese has no such places."""
    return bool(_ASCII_WORD.match(folded[place - 1]) and _ASCII_WORD.match(folded[place]))


def _may_stand_beside(entity: Entity, other: Entity) -> bool:
    if entity.end <= other.start or entity.start >= other.end:
        return True
    is_same_place = (entity.start, entity.end) == (other.start, other.end)
    return is_same_place and entity.entity != other.entity and entity.is_exact == other.is_exact


def _roles(examples: Iterable[Example]) -> Mapping[tuple[str, str], Counter[tuple[str, str]]]:
    """(entity, word before it) → how often it had which role and group."""
    seen: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for example in examples:
        for mark in example.entities:
            for word in _before(example.text, mark.start) if _is_told(mark) else ():
                seen[(mark.entity, word)][(mark.role, mark.group)] += 1
    return seen


def _is_told(mark: Annotation) -> bool:
    return bool(mark.role or mark.group)


def _before(text: str, start: int) -> list[str]:
    """The nearest words before a place; the nearest counts twice."""
    near = words(text[max(0, start - 60) : start])[-_NUM_BEFORE:]
    return [*near, *near[-1:]]
