"""`chatwright flows` on a folder: the table, the steps, the pictures, and what is refused."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from chatwright.cli.flows import app
from chatwright.errors import ConfigError

FLOWS = """
flows:
  visit:
    name: {zh: 预约参观, en: book a visit}
    description: book a visit
    examples: [come by]
    steps:
      - collect: day
      - action: utter_done
  other:
    description: another
    steps: [{action: utter_done}]
"""
DOMAIN = """
slots: {day: {type: text, mappings: [{type: from_llm}]}}
responses:
  utter_ask_day: [{text: {zh: 哪一天？, en: Which day?}}]
  utter_done: [{text: {zh: 好的, en: Done}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "f.yaml").write_text(FLOWS, encoding="utf-8")
    (tmp_path / "domain.yaml").write_text(DOMAIN, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_list(folder: Path) -> None:
    flows = orjson.loads(run("list", folder, "--json"))["flows"]
    assert [(flow["id"], flow["steps"], flow["slots"], flow["examples"]) for flow in flows] == [
        ("visit", 2, ["day"], 1),
        ("other", 1, [], 0),
    ]
    assert flows[0]["place"].endswith("f.yaml:3")
    assert "book a visit" in run("list", folder)


def test_show_tells_the_steps(folder: Path) -> None:
    shown = run("show", folder)
    assert "asks day → 1_utter_done" in shown
    assert "says done → END" in shown
    assert "visit" not in run("show", folder, "--flow", "other")


def test_draws_one_flow_or_all(folder: Path, tmp_path: Path) -> None:
    one, many = tmp_path / "one.svg", tmp_path / "pictures"
    assert run("show", folder, "--flow", "visit", "--svg", one, "--language", "zh").strip() == str(one)
    assert "哪一天？" in one.read_text(encoding="utf-8")
    run("show", folder, "--svg", many)
    assert sorted(path.name for path in many.iterdir()) == ["other.svg", "visit.svg"]
    assert "Which day?" in (many / "visit.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["show", "{folder}", "--flow", "visti"], "Did you mean 'visit'?"),
        (["show", "{folder}", "--svg", "{folder}/domain.yaml/x"], "Cannot write"),
        (["show", "{folder}", "--svg", "{folder}/x", "--language", "fr"], "Choose one of: en, zh."),
        (["list", "{folder}/flows"], "There are no flows"),
    ],
)
def test_what_is_refused(folder: Path, arguments: list[str], part: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(*(argument.replace("{folder}", str(folder)) for argument in arguments))
    assert part in str(caught.value)
