"""What a bot folder teaches of understanding: examples of intents with their entities, synonyms, regexes, lookups.

Values only, in the meaning of Rasa's training data; `flows/nlu_file.py` reads them from `nlu.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

OUT_OF_SCOPE = frozenset({"out_of_scope", "oos", "nlu_fallback"})  # intents of Rasa that mean none of the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One entity of an example: `text[start:end]` means `value`. role and group: "" for none."""

    entity: str
    value: str
    start: int
    end: int
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One thing that visitors say, without its marks. path and line: where it is written."""

    text: str
    intent: str
    entities: tuple[Annotation, ...] = ()
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """All of it. synonyms: wording → value. regexes and lookups: by name, that of an entity where they read one."""

    examples: tuple[Example, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    regexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def intents(self) -> tuple[str, ...]:
        """Names in the order they are first written."""
        return tuple(dict.fromkeys(example.intent for example in self.examples))

    @property
    def entities(self) -> frozenset[str]:
        return frozenset(mark.entity for example in self.examples for mark in example.entities)
