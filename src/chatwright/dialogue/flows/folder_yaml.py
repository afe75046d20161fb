"""Finds and opens the YAML files of one kind in a bot folder, and collects what is wrong in them.

In: a bot folder and a word ("domain", "flows"). Out: the opened files of `domain.yaml`, `domain.yml` and everything
below `domain/`, in the order of their paths; what cannot be opened is a Problem. Never leaves the bot folder: a link
that points out of it is not followed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from chatwright.dialogue.flows.problem import Problem
from chatwright.errors import ConfigError, nearest
from chatwright.yamlfile import YamlFile

Keys = Sequence[str | int]
_SUFFIXES = (".yaml", ".yml")


@dataclass(slots=True)
class Findings:
    """Collects the problems of several files."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self, file: YamlFile, keys: Keys, message: str, hint: str = "", severity: Literal["error", "warning"] = "error"
    ) -> None:
        line = file.line_of(keys)
        self.problems.append(Problem(path=str(file.path), line=line, message=message, hint=hint, severity=severity))

    def warn(self, file: YamlFile, keys: Keys, message: str, hint: str = "") -> None:
        self.add(file, keys, message, hint, "warning")

    def check_keys(self, file: YamlFile, keys: Keys, value: Mapping[str, Any], known: Iterable[str], of: str) -> None:
        """Refuses what is not among `known`, with the nearest of them."""
        choices = sorted(known)
        for key in value:
            if key not in choices:
                self.add(file, [*keys, key], f"Unknown key {key!r} {of}.", nearest(key, choices))

    def expect(self, file: YamlFile, keys: Keys, value: Any, kind: type | tuple[type, ...], what: str) -> bool:
        """True when the value is of this kind; otherwise the problem is noted."""
        is_right = isinstance(value, kind) and not (isinstance(value, bool) and bool not in _kinds(kind))
        if not is_right:
            self.add(file, keys, f"{what}, not {_shown(value)}.")
        return is_right


def _kinds(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return repr(value)[:60]


def open_folder_files(bot_dir: Path, word: str, findings: Findings) -> list[YamlFile]:
    """The files of one kind that could be opened and hold a mapping."""
    folder = bot_dir / word
    paths = [bot_dir / f"{word}{suffix}" for suffix in _SUFFIXES]
    paths += sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES) if folder.is_dir() else []
    opened: list[YamlFile] = []
    for path in paths:
        if path.is_file() and (file := _open(bot_dir, path, findings)):
            opened.append(file)
    return opened


def _open(bot_dir: Path, path: Path, findings: Findings) -> YamlFile | None:
    if not path.resolve().is_relative_to(bot_dir.resolve()):
        findings.problems.append(
            Problem(path=str(path), line=1, message="It is a link that leaves the bot folder.", hint="Copy the file.")
        )
        return None
    try:
        file = YamlFile(path)
    except ConfigError as err:
        line, message = _place(path, err.message)
        findings.problems.append(Problem(path=str(path), line=line, message=message, hint=err.hint))
        return None
    if file.values is None:
        return None
    return file if findings.expect(file, [], file.values, dict, "The file must hold a mapping") else None


def _place(path: Path, message: str) -> tuple[int, str]:
    """The line of a message that begins with `path:line:`."""
    rest = message.removeprefix(f"{path}:")
    line, _, text = rest.partition(":")
    return (int(line), text.strip()) if line.isdecimal() else (1, message)


def as_text(value: Any) -> str:
    """How a scalar of YAML is written as text: true, not True."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
