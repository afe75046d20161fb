"""Which steps of a bot's flows its tests walk through, and where those stand that they do not.

In: the flows' steps with their lines, and what was visited. Out: a Coverage, and its rows, Markdown
and JSON. Only what a passed test visited counts: a step that led to a failure is not known to be right.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.turn_trace import visited_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSteps:
    """One flow: step id → line, in the order they are written."""

    flow: str
    path: str
    steps: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCoverage:
    """One flow's share. missed: (step, line)."""

    flow: str
    path: str
    num_steps: int
    missed: tuple[tuple[str, int], ...]

    @property
    def num_covered(self) -> int:
        return self.num_steps - len(self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All flows."""

    flows: tuple[FlowCoverage, ...]

    @property
    def num_steps(self) -> int:
        return sum(flow.num_steps for flow in self.flows)

    @property
    def num_covered(self) -> int:
        return sum(flow.num_covered for flow in self.flows)

    @property
    def share(self) -> float:
        """In [0, 1]; 1 for a bot without flows."""
        return self.num_covered / self.num_steps if self.num_steps else 1.0


def measure_coverage(flows: Iterable[FlowSteps], results: Iterable[CaseResult]) -> Coverage:
    """Of the flows' steps, those that a passed test entered."""
    visited = {step for result in results if result.is_passed for step in visited_steps(result.turns)}
    return Coverage(flows=tuple(_of_flow(flow, visited) for flow in flows))


def _of_flow(flow: FlowSteps, visited: set[tuple[str, str]]) -> FlowCoverage:
    missed = tuple((step, line) for step, line in flow.steps.items() if (flow.flow, step) not in visited)
    return FlowCoverage(flow=flow.flow, path=flow.path, num_steps=len(flow.steps), missed=missed)


def coverage_rows(coverage: Coverage) -> list[list[str]]:
    """flow, covered of steps, share, and what is missed, one place a line."""
    return [
        [
            flow.flow,
            f"{flow.num_covered}/{flow.num_steps}",
            f"{flow.num_covered / flow.num_steps if flow.num_steps else 1.0:.0%}",
            "\n".join(f"{flow.path}:{line} {step}" for step, line in flow.missed),
        ]
        for flow in coverage.flows
    ]


def coverage_markdown(coverage: Coverage) -> Sequence[str]:
    """The table as Markdown, with a line for the whole."""
    lines = ["| flow | steps covered | share | missed |", "|---|---|---|---|"]
    rows = ([cell.replace("\n", "<br>") for cell in row] for row in coverage_rows(coverage))
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return [*lines, f"| all | {coverage.num_covered}/{coverage.num_steps} | {coverage.share:.0%} | |"]


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """The same for programs."""
    return {
        "covered": coverage.num_covered,
        "steps": coverage.num_steps,
        "share": round(coverage.share, 4),
        "flows": [
            {
                "flow": flow.flow,
                "path": flow.path,
                "covered": flow.num_covered,
                "steps": flow.num_steps,
                "missed": [{"step": step, "line": line} for step, line in flow.missed],
            }
            for flow in coverage.flows
        ],
    }
