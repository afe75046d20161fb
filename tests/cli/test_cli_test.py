"""`chatwright test` through the real command line, with the real model and embedder, on a small shop of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import orjson
import pytest
import typer

from chatwright.bot.check_tests import check_tests
from chatwright.cli import main
from chatwright.evaluation.assertion_file import ASSERTION_KINDS
from chatwright.evaluation.folder_tests import chosen_tests
from chatwright.evaluation.scenario import TEMPERAMENTS
from chatwright.settings import Settings

SHOP = Path(__file__).parents[2] / "examples" / "support"
CHATWRIGHT = [sys.executable, "-m", "chatwright"]
TESTS = """
test_cases:
  - test_case: order status
    steps:
      - user: where is my order LM100003
        assertions:
          - flow_completed: {flow_id: order_status}
          - bot_uttered: {text_matches: Quire 11}
  - test_case: a repair tomorrow
    steps:
      - user: 我要预约维修
      - user: 手机
      - user: 明天
      - slot_was_set: [visit_date: '2026-03-03']
  - test_case: an answer of the folder
    steps:
      - user: 可以开发票吗
        assertions:
          - generative_response_is_grounded: {threshold: 1}
"""
SCENARIO = """
scenario:
  name: asks for the state of an order
  user: {goal: where is my order, flow: order_status, facts: {order_id: LM100001}, temperament: chatty}
  goals:
    assertions:
      - slot_was_set: [{name: order_state, value: delivered}]
"""
FAILING = """
test_cases:
  - test_case: wrong
    steps:
      - user: where is my order LM100003
      - utter: utter_order_unknown
  - test_case: writes
    steps:
      - user: 我要退货 LM100001
      - user: 坏了
      - user: 是的
"""


@pytest.fixture(scope="module")
def environment(live_model_dir: Path) -> dict[str, str]:
    """With the user's own models, where `live_model_dir` has pulled and prepared the default."""
    models_dir = Settings().models_dir
    if not (models_dir / "qwen2.5-coder-0.5b" / "openvino").is_dir():
        pytest.skip(f"CHATWRIGHT_TEST_MODEL_DIR is set and the default model is not in {models_dir}")
    return {**os.environ, "CHATWRIGHT__MODELS_DIR": str(models_dir), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The example's flows over one curated question; its knowledge has been read."""
    folder = tmp_path_factory.mktemp("shops") / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(".chatwright", "tests", "knowledge"))
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "faq.yaml").write_text(
        "- question: 可以开发票吗？\n  answer: 可以，签收后发到邮箱。\n", encoding="utf-8"
    )
    (folder / "tests" / "more").mkdir(parents=True)
    (folder / "tests" / "orders.yaml").write_text(TESTS, encoding="utf-8")
    (folder / "tests" / "more" / "state.yml").write_text(SCENARIO, encoding="utf-8")
    questions = "questions:\n- {id: q, language: zh, question: 可以开发票吗？, expect: answered}\n"
    (folder / "tests" / "questions.yaml").write_text(questions, encoding="utf-8")
    done = subprocess.run(
        [*CHATWRIGHT, "ingest", folder], capture_output=True, check=False, env=environment, timeout=200
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder


def run(environment: dict[str, str], *arguments: Any) -> subprocess.CompletedProcess[str]:
    command = [*CHATWRIGHT, "test", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=200)


@pytest.mark.live
def test_everything_passes_and_is_reported(shop: Path, environment: dict[str, str], tmp_path: Path) -> None:
    junit, covered = tmp_path / "out" / "junit.xml", tmp_path / "covered.json"
    done = run(environment, shop, "--now", "2026-03-02T10:00", "--jobs", 3, "--junit", junit, "--coverage", covered)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed, 0 failed" in done.stdout
    assert "asks for the state of an order: seed 0" in done.stdout
    assert "questions.yaml: questions; asked by chatwright eval." in done.stdout
    assert done.stderr == ""
    root = parse(junit).getroot()
    assert root is not None
    assert [case.attrib["name"] for case in root.iter("testcase")] == [
        "asks for the state of an order", "order status", "a repair tomorrow", "an answer of the folder",
    ]  # fmt: skip
    coverage = orjson.loads(covered.read_bytes())
    by_flow = {flow["flow"]: flow for flow in coverage["flows"]}
    assert by_flow["order_status"]["covered"] == 3
    assert [missed["step"] for missed in by_flow["order_status"]["missed"]] == ["2_utter_order_unknown"]
    assert f"{by_flow['complaint']['path']}:" in done.stdout
    assert sorted(path.name for path in (shop / ".chatwright").iterdir() if "conversations" in path.name) == []


@pytest.mark.live
def test_failures_are_told_with_their_place(shop: Path, environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "failing.yaml"
    path.write_text(FAILING, encoding="utf-8")
    done = run(environment, shop, path)
    assert done.returncode == 1
    for part in (
        f"{path}:6", "- utter: utter_order_unknown", "+ Order LM100003 (Quire 11) is on its way. [utter_order_state]",
        f"{path}:11", "allow writes with --run-writes", "user: 是的", "0 passed, 2 failed",
    ):  # fmt: skip
        assert part in done.stdout
    first = orjson.loads(run(environment, shop, path, "--fail-fast", "--json").stdout)
    assert (first["passed"], first["failed"], first["not_run"]) == (0, 1, 1)
    assert first["results"][0]["failures"][0]["line"] == 6
    allowed = orjson.loads(run(environment, shop, f"{path}::writes", "--run-writes", "--json").stdout)
    assert (allowed["passed"], allowed["failed"]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("test_cases:\n- {test_case: a, stps: []}\n", [], "x.yaml:2: Unknown key 'stps' of a test case. Did you mean 'steps'?"),
        ("test_cases:\n- {test_case: a, steps: [{user: hi}, {utter: utter_x}]}\n", [], "x.yaml:2: There is no response 'utter_x'."),
        ("test_cases: []\n", [], "There are no tests in"),
        (TESTS, ["--now", "soon"], "--now 'soon' is not a time."),
        (TESTS, ["nothing.yaml"], "There is no test file 'nothing.yaml'."),
        (TESTS, ["x.yaml::nothing"], "There is no test 'nothing' in"),
    ],
)  # fmt: skip
def test_what_is_wrong_before_anything_runs(tmp_path: Path, text: str, arguments: list[str], told: str) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns(".chatwright", "tests", "knowledge"))
    (shop / "tests").mkdir()
    (shop / "tests" / "x.yaml").write_text(text, encoding="utf-8")
    done = run(dict(os.environ), shop, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_folder_that_is_no_bot(tmp_path: Path) -> None:
    done = run(dict(os.environ), tmp_path)
    assert done.returncode == 2
    assert "bot.yaml" in done.stderr


DOCS = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")


def test_what_the_documentation_shows_is_read_as_it_stands(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns(".chatwright", "tests", "knowledge"))
    fences = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    (shop / "tests").mkdir()
    for number, fence in enumerate(fences):
        (shop / "tests" / f"{number}.yaml").write_text(fence, encoding="utf-8")
    assert check_tests(shop) == []
    found = chosen_tests(shop / "tests", [])
    assert found.names == ["return with a fixture", "改主意的用户退货"]


def test_the_documentation_names_every_option_assertion_and_temperament() -> None:
    options = re.findall(r"--[a-z-]+", typer.main.get_command(main.app).commands["test"].get_help(click_context()))  # type: ignore[attr-defined]
    for name in (*set(options) - {"--help"}, *ASSERTION_KINDS, *TEMPERAMENTS):
        assert f"`{name}" in DOCS, name


def click_context() -> Any:
    command = typer.main.get_command(main.app).commands["test"]  # type: ignore[attr-defined]
    return command.context_class(command)
