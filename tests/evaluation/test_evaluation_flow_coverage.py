"""Steps that passed tests went through count, others do not, and each missed one has its place."""

from pathlib import Path

import pytest

from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.flow_coverage import (
    FlowSteps,
    coverage_json,
    coverage_markdown,
    coverage_rows,
    measure_coverage,
)
from chatwright.evaluation.turn_trace import TurnTrace

FLOWS = [FlowSteps(flow="a", path="f.yaml", steps={"x": 3, "y": 4}), FlowSteps(flow="b", path="g.yaml", steps={"x": 9})]


def result(*steps: tuple[str, str], error: str = "") -> CaseResult:
    events = tuple({"event": "flow_step", "flow": flow, "step": step} for flow, step in steps)
    return CaseResult(
        kind="test case", name="t", path=Path("t"), line=1, turns=(TurnTrace(said="", events=events),), error=error
    )


@pytest.mark.parametrize(
    ("results", "covered", "missed"),
    [
        ([], 0, [("x", 3), ("y", 4)]),
        ([result(("a", "x"))], 1, [("y", 4)]),
        ([result(("a", "x")), result(("a", "y"), ("b", "x"))], 3, []),
        ([result(("a", "x"), ("a", "y"), error="failed")], 0, [("x", 3), ("y", 4)]),
        ([result(("c", "x"), ("a", "z"))], 0, [("x", 3), ("y", 4)]),
    ],
)
def test_measured(results: list[CaseResult], covered: int, missed: list[tuple[str, int]]) -> None:
    coverage = measure_coverage(FLOWS, results)
    assert (coverage.num_covered, coverage.num_steps) == (covered, 3)
    assert list(coverage.flows[0].missed) == missed


def test_worded() -> None:
    coverage = measure_coverage(FLOWS, [result(("a", "x"))])
    assert coverage_rows(coverage) == [["a", "1/2", "50%", "f.yaml:4 y"], ["b", "0/1", "0%", "g.yaml:9 x"]]
    assert coverage_markdown(coverage)[-1] == "| all | 1/3 | 33% | |"
    assert coverage_json(coverage)["flows"][0] == {
        "flow": "a", "path": "f.yaml", "covered": 1, "steps": 2, "missed": [{"step": "y", "line": 4}],
    }  # fmt: skip


def test_a_bot_without_flows_misses_nothing() -> None:
    assert measure_coverage([], []).share == 1.0
