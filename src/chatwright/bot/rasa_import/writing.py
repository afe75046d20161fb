"""Writes the files of a bot folder. In: Content, all of it in memory. Out: files below one folder, none outside."""

import io
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import LiteralScalarString

from chatwright.errors import ConfigError


@dataclass(slots=True)
class Content:
    """files: path → text, or values to be written as YAML. copies: path → file; an empty Path is an empty file."""

    files: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    copies: dict[str, Path] = field(default_factory=dict)


def write_folder(target: Path, content: Content) -> None:
    """Writes everything. Raises ConfigError when the disk or its rights do not allow it."""
    try:
        (target / "knowledge").mkdir(parents=True, exist_ok=True)
        for name, value in content.files.items():
            path = _below(target, name)
            path.write_text(value if isinstance(value, str) else to_yaml(value), encoding="utf-8")
        for name, file in content.copies.items():
            path = _below(target, name)
            if file == Path():
                path.touch()
            else:
                shutil.copyfile(file, path, follow_symlinks=False)
    except OSError as err:
        raise ConfigError(
            f"Cannot write {err.filename or target}: {err.strerror}.", hint="Name another folder."
        ) from err


def _below(target: Path, name: str) -> Path:
    path = target.joinpath(*(part for part in name.split("/") if part not in ("", ".", "..")))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def to_yaml(values: dict[str, Any]) -> str:
    """Block YAML; texts of several lines as such; `_from` of a flow as the comment above it."""
    yaml = YAML()
    yaml.width = 120
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_block(values), stream)
    return stream.getvalue()


def _block(value: Any) -> Any:
    if isinstance(value, dict):
        made = CommentedMap((key, _block(item)) for key, item in value.items() if key != "_from")
        for key, item in value.items():
            if isinstance(item, dict) and item.get("_from"):
                comment = "from " + "".join(each if each.isprintable() else " " for each in item["_from"])
                made.yaml_set_comment_before_after_key(key, before=comment[:400], indent=2)
        return made
    if isinstance(value, list | tuple):
        return [_block(item) for item in value]
    if (
        isinstance(value, str)
        and value.strip()
        and "\n" in value
        and not any(line.endswith(" ") for line in value.split("\n"))
    ):
        return LiteralScalarString(value)
    return value
