"""What came of a test: passed or not, why not, and the conversation. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatwright.evaluation.turn_trace import TurnTrace


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that was not as expected, with its line in the test file."""

    line: int
    expected: str
    happened: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One test case or scenario. error: why it could not be run to its end, "" otherwise. notes: what else is to be
    known, such as the seed. seconds: how long it took."""

    kind: Literal["test case", "scenario"]
    name: str
    path: Path
    line: int
    failures: tuple[Failure, ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()
    turns: Sequence[TurnTrace] = ()
    seconds: float = 0.0

    @property
    def is_passed(self) -> bool:
        return not self.failures and not self.error

    @property
    def id(self) -> str:
        return f"{self.path}::{self.name}"
