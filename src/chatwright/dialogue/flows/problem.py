"""One thing that is wrong in a bot folder's flows or domain, with its place and how to mend it. Values only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chatwright.errors import ConfigError

MAX_LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`path:line: message hint`. An error keeps the flow from running; a warning does not."""

    path: str
    line: int
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} {self.hint}".strip()


def raise_errors(problems: Iterable[Problem], code: str) -> None:
    """Raises one ConfigError that lists every error; warnings are let pass."""
    errors = [str(problem) for problem in problems if problem.severity == "error"]
    if errors:
        more = [f"… and {len(errors) - MAX_LISTED} more."] if len(errors) > MAX_LISTED else []
        raise ConfigError("\n".join([*errors[:MAX_LISTED], *more]), hint="Mend them and try again.", code=code)
