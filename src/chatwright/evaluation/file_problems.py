"""Collects what is wrong in the test files of a bot folder: every problem at once, as `path:line: message hint`.

In: a YamlFile and the keys of a value. Out: lines. Reads nothing and raises nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.errors import nearest
from chatwright.yamlfile import YamlFile

Keys = Sequence[str | int]


@dataclass(slots=True)
class FileProblems:
    """The problems of one file."""

    file: YamlFile
    lines: list[str] = field(default_factory=list)

    def add(self, keys: Keys, message: str, hint: str = "") -> None:
        self.lines.append(f"{self.file.place(keys)}: {message} {hint}".strip())

    def check_keys(self, keys: Keys, value: Mapping[str, Any], known: Iterable[str], of: str) -> None:
        """Refuses what is not among `known`, with the nearest of them."""
        choices = list(known)
        for key in value:
            if key not in choices:
                self.add([*keys, key], f"Unknown key {key!r} {of}.", nearest(key, choices))

    def mapping(self, keys: Keys, value: Any, what: str) -> Mapping[str, Any]:
        """The mapping; empty, and the problem noted, when it is none."""
        if isinstance(value, Mapping):
            return value
        self.add(keys, f"{what} must be a mapping, not {shown(value)}.")
        return {}

    def rows(self, keys: Keys, value: Any, what: str) -> Sequence[Any]:
        """The list, nothing for None; the problem is noted when it is something else."""
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.add(keys, f"{what} must be a list, not {shown(value)}.")
        return []

    def text(self, keys: Keys, value: Any, what: str, *, default: str | None = None) -> str:
        """The text; numbers count as text. default: what an absent value stands for, None when it must be there."""
        if value is None and default is not None:
            return default
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value)
        self.add(keys, f"{what} must be a text, not {shown(value)}.")
        return ""


def shown(value: Any) -> str:
    """A value as an error names it."""
    if isinstance(value, Mapping | list):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return "nothing" if value is None else repr(value)[:60]
