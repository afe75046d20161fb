"""Makes a new bot folder from the templates of its scenario and language. Never overwrites anything."""

import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from chatwright.errors import ConfigError, nearest

SCENARIOS = ("support", "marketing", "tutor")
LANGUAGES = ("zh", "en")


def make_bot_folder(directory: Path, scenario: str, language: str) -> list[Path]:
    """The files written. Raises ConfigError for an unknown scenario or language, or a folder that is not empty."""
    for value, choices, what in ((scenario, SCENARIOS, "scenario"), (language, LANGUAGES, "language")):
        if value not in choices:
            raise ConfigError(f"Unknown {what} {value!r}. {nearest(value, list(choices))}")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ConfigError(f"{directory} is already there and not empty.", hint="Choose another folder, or empty it.")
    with as_file(files("chatwright.bot").joinpath("templates", scenario, language)) as template:
        shutil.copytree(template, directory, dirs_exist_ok=True)
    _set_name(directory / "bot.yaml", directory.resolve().name)
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _set_name(path: Path, folder_name: str) -> None:
    """The bot is called as its folder, as far as that can be a name."""
    name = re.sub(r"[^a-z0-9_-]+", "-", folder_name.lower()).strip("-_")[:63]
    if name:
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^name:.*$", f"name: {name}", text, count=1), encoding="utf-8")
