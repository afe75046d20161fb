"""The documentation cannot go stale unseen: the map equals the tree, every setting and command is written down."""

import importlib.util
import re
from pathlib import Path

import pytest
import typer

from chatwright.bot.definition import BotDefinition
from chatwright.cli.main import app
from chatwright.settings import Settings

ROOT = Path(__file__).parents[1]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_map_equals_the_tree() -> None:
    spec = importlib.util.spec_from_file_location("make_layout", ROOT / "docs" / "make_layout.py")
    assert spec is not None
    assert spec.loader is not None
    make_layout = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_layout)
    text = read("docs/architecture.md")
    assert make_layout.written(text) == text, "run: python docs/make_layout.py"


def commands() -> list[str]:
    group = typer.main.get_command(app)
    return sorted(group.commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"chatwright {command}" in read("README.md")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"CHATWRIGHT__{name.upper()}" in read("docs/bot-folder.md")


def sections() -> list[tuple[str, str]]:
    rows = [("", name) for name in BotDefinition.model_fields]
    for section, field in BotDefinition.model_fields.items():
        rows += [(section, name) for name in getattr(field.annotation, "model_fields", {})]
    return rows


@pytest.mark.parametrize(("section", "name"), sections())
def test_every_key_of_a_bot_is_documented(section: str, name: str) -> None:
    key = f"{section}.{name}" if section else name
    assert f"`{key}`" in read("docs/bot-folder.md")


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"
