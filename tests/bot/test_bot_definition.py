"""bot.yaml: every mistake at once, with its line; every template and example is a valid bot."""

from pathlib import Path

import pytest

from chatwright.bot.definition import BotDefinition, load_definition
from chatwright.bot.scaffold import make_bot_folder
from chatwright.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    (folder / "bot.yaml").write_text(text, encoding="utf-8")
    return folder


def test_smallest_definition(tmp_path: Path) -> None:
    definition = load_definition(write(tmp_path, "name: shop\n"))
    assert definition == BotDefinition(name="shop")
    assert definition.languages == ("zh", "en")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("name: shop\nlangages: [zh]\n", [":2:", "unknown key 'langages'", "'languages'"]),
        ("name: shop\nmodel:\n  nmae: x\n", [":3:", "unknown key 'model.nmae'", "'name'"]),
        ("name: shop\nscenario: suport\n", [":2:", "'support', 'marketing' or 'tutor'"]),
        ("name: Shop!\n", [":1:", "name"]),
        ("scenario: support\n", ["name", "required"]),
        ("name: shop\nretrieval: {answer_threshold: 2}\n", [":2:", "less than or equal to 1"]),
        ("name: shop\nlanguages: []\n", [":2:", "languages"]),
        ("name: shop\nlangages: []\nscenario: x\n", ["langages", "scenario"]),
        ("name: shop\ntexts: {abstian: {zh: x}}\n", [":2:", "unknown text 'abstian'", "'abstain'"]),
        ("- a\n", [":1:", "expected keys"]),
        ("", [":1:", "expected keys"]),
    ],
)
def test_mistakes(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_definition(write(tmp_path, text))
    for part in parts:
        assert part in caught.value.message
    assert caught.value.exit_code == 2


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no bot folder") as caught:
        load_definition(tmp_path / "nothing")
    assert "chatwright new" in caught.value.hint


@pytest.mark.parametrize("scenario", ["support", "marketing", "tutor"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_new_folder_is_a_bot(tmp_path: Path, scenario: str, language: str) -> None:
    folder = tmp_path / "My Shop"
    assert make_bot_folder(folder, scenario, language)
    definition = load_definition(folder)
    assert (definition.name, definition.scenario) == ("my-shop", scenario)
    assert definition.languages[0] == language
    assert (folder / "knowledge").is_dir()


def test_new_folder_never_overwrites(tmp_path: Path) -> None:
    write(tmp_path, "name: mine\n")
    with pytest.raises(ConfigError, match="not empty"):
        make_bot_folder(tmp_path, "support", "en")
    assert (tmp_path / "bot.yaml").read_text() == "name: mine\n"


@pytest.mark.parametrize(("scenario", "language"), [("suport", "en"), ("support", "fr")])
def test_new_folder_of_an_unknown_kind(tmp_path: Path, scenario: str, language: str) -> None:
    with pytest.raises(ConfigError, match="Unknown"):
        make_bot_folder(tmp_path / "x", scenario, language)


def test_the_example_is_a_bot() -> None:
    assert load_definition(Path(__file__).parents[2] / "examples" / "support").name == "support"
