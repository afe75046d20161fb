"""A failure is told as a difference with its place and the conversation."""

from pathlib import Path

from chatwright.evaluation.case_result import CaseResult, Failure
from chatwright.evaluation.run_report import failure_lines, result_json, result_rows, summary_line
from chatwright.evaluation.turn_trace import TurnTrace

TURN = TurnTrace(
    said="hi",
    events=(
        {"event": "flow_started", "flow": "f"},
        {"event": "slot", "name": "a", "value": 1},
        {"event": "action", "name": "act", "arguments": {"a": 1}},
        {"event": "bot", "text": "one\ntwo", "names": ["utter_x"]},
        {"event": "write_refused", "name": "w"},
        {"event": "note", "text": "ignored"},
        {"event": "flow_step", "flow": "f", "step": "s"},
    ),
)
FAILED = CaseResult(
    kind="test case", name="t", path=Path("t.yaml"), line=2, turns=(TURN,), seconds=0.26,
    failures=(Failure(line=7, expected="bot: three", happened="one\ntwo"),), notes=("seed 1",),
)  # fmt: skip
BROKEN = CaseResult(kind="scenario", name="s", path=Path("t.yaml"), line=3, error="It died.")
PASSED = CaseResult(kind="test case", name="p", path=Path("t.yaml"), line=4)


def test_a_failure() -> None:
    assert failure_lines(FAILED) == [
        "!! t.yaml::t",
        "  t.yaml:7",
        "  - bot: three",
        "  + one",
        "  + two",
        "  seed 1",
        "  conversation:",
        "    user: hi",
        "        flow started: f",
        "        slot a = 1",
        "        action act(a=1)",
        "    bot: one / two   [utter_x]",
        "        write refused: w",
        "        note: ignored",
    ]
    assert failure_lines(BROKEN)[1] == "  t.yaml:3: It died."


def test_rows_and_summary() -> None:
    assert result_rows([FAILED, PASSED]) == [
        ["!!", "t", "test case", "1", "0.3", "t.yaml:2"],
        ["ok", "p", "test case", "0", "0.0", "t.yaml:4"],
    ]
    assert summary_line([FAILED, BROKEN, PASSED], 2.04) == "1 passed, 2 failed in 2.0 s."


def test_json() -> None:
    written = result_json(FAILED)
    assert (written["passed"], written["path"], written["line"]) == (False, "t.yaml", 2)
    assert written["failures"] == [{"line": 7, "expected": "bot: three", "happened": "one\ntwo"}]
    assert written["transcript"][0] == "user: hi"
