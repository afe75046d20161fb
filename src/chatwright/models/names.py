"""What a model may be called: a folder of its own and nothing else."""

import re
from pathlib import Path

from chatwright.errors import ConfigError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


def check_name(name: str) -> str:
    """`name` itself. Raises ConfigError unless it is lower case letters, digits, dots, dashes and underscores."""
    if not _NAME.fullmatch(name) or ".." in name or name.endswith(".lock"):
        raise ConfigError(
            f"{name[:100]!r} cannot be a model's name.",
            hint="Use up to 100 lower case letters, digits, dots, dashes and underscores.",
        )
    return name


def name_for_file(path: Path) -> str:
    """A usable name made from a file's name: "My Model.Q4.gguf" is "my-model.q4"."""
    return re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._") or "model"
