"""Question sets with expected facts: `tests/questions.yaml` and `tests/followups.yaml` of a bot folder.

In: a path. Out: Dialogue values, one turn each for plain questions. Raises ConfigError with file and line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language
from chatwright.yamlfile import YamlFile

EXPECTATIONS = ("answered", "abstained")
_TURN_KEYS = ("question", "expect", "facts", "sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One turn: what is asked and what a right answer holds.

    facts: every inner tuple lists spellings of one fact; a right answer holds one of each. sources: files that hold it.
    """

    text: str
    expect: str
    facts: tuple[tuple[str, ...], ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Turns asked in one conversation; a plain question is a dialogue of one turn."""

    id: str
    language: Language
    turns: tuple[Question, ...]


def load_dialogues(path: Path) -> list[Dialogue]:
    """Every dialogue of a question file. Raises ConfigError naming file, line and the key at fault."""
    file = YamlFile(path)
    rows = file.values.get("questions", file.values.get("dialogues")) if isinstance(file.values, dict) else file.values
    if not isinstance(rows, list) or not rows:
        raise ConfigError(f"{path}:1: expected `questions:` with a list.", hint="See docs/bot-folder.md.")
    key = next(
        (name for name in ("questions", "dialogues") if isinstance(file.values, dict) and name in file.values), ""
    )
    return [_dialogue(file, [key, index] if key else [index], row) for index, row in enumerate(rows)]


def _dialogue(file: YamlFile, place: list[str | int], row: Any) -> Dialogue:
    if not isinstance(row, dict):
        raise ConfigError(f"{file.place(place)}: expected keys such as `question:`.", hint="See docs/bot-folder.md.")
    known = ("id", "language", "turns", *_TURN_KEYS)
    _refuse_unknown(file, place, row, known)
    turns = row.get("turns") or [{name: row[name] for name in _TURN_KEYS if name in row}]
    language = row.get("language")
    if language not in ("zh", "en"):
        raise ConfigError(f"{file.place([*place, 'language'])}: 'language' must be zh or en.")
    questions = tuple(_question(file, [*place, "turns", index], turn) for index, turn in enumerate(turns))
    return Dialogue(id=str(row.get("id", place[-1])), language=language, turns=questions)


def _question(file: YamlFile, place: list[str | int], turn: Mapping[str, Any]) -> Question:
    _refuse_unknown(file, place, turn, _TURN_KEYS)
    if not turn.get("question") or turn.get("expect") not in EXPECTATIONS:
        raise ConfigError(
            f"{file.place(place)}: a question needs `question:` and `expect:` {' or '.join(EXPECTATIONS)}."
        )
    facts = tuple(
        tuple(str(way) for way in ([fact] if isinstance(fact, str) else fact)) for fact in turn.get("facts", ())
    )
    return Question(
        text=str(turn["question"]), expect=turn["expect"], facts=facts, sources=tuple(map(str, turn.get("sources", ())))
    )


def _refuse_unknown(file: YamlFile, place: Sequence[str | int], row: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in row:
        if key not in known:
            raise ConfigError(f"{file.place([*place, key])}: unknown key {key!r}. {nearest(key, list(known))}")
