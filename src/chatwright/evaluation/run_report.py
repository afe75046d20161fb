"""Words the results of a run: what failed as a difference with its place and transcript, and JSON for programs."""

from collections.abc import Sequence
from typing import Any

from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.turn_trace import transcript


def result_rows(results: Sequence[CaseResult]) -> list[list[str]]:
    """mark, name, kind, turns, seconds, place."""
    return [
        [
            "ok" if result.is_passed else "!!",
            result.name,
            result.kind,
            str(sum(bool(turn.said) for turn in result.turns)),
            f"{result.seconds:.1f}",
            f"{result.path}:{result.line}",
        ]
        for result in results
    ]


def failure_lines(result: CaseResult) -> list[str]:
    """Why one test did not pass: expected with `-`, what happened with `+`, and the whole conversation."""
    lines = [f"!! {result.id}"]
    if result.error:
        lines.append(f"  {result.path}:{result.line}: {result.error}")
    for failure in result.failures:
        lines.append(f"  {result.path}:{failure.line}")
        lines += [f"  - {line}" for line in failure.expected.splitlines() or [""]]
        lines += [f"  + {line}" for line in failure.happened.splitlines() or [""]]
    lines += [f"  {note}" for note in result.notes]
    return [*lines, "  conversation:", *(f"    {line}" for line in transcript(result.turns))]


def summary_line(results: Sequence[CaseResult], seconds: float) -> str:
    """How many passed."""
    failed = sum(not result.is_passed for result in results)
    return f"{len(results) - failed} passed, {failed} failed in {seconds:.1f} s."


def result_json(result: CaseResult) -> dict[str, Any]:
    """One result with its transcript."""
    return {
        "kind": result.kind,
        "name": result.name,
        "path": str(result.path),
        "line": result.line,
        "passed": result.is_passed,
        "error": result.error,
        "failures": [
            {"line": each.line, "expected": each.expected, "happened": each.happened} for each in result.failures
        ],
        "notes": list(result.notes),
        "transcript": list(transcript(result.turns)),
        "seconds": round(result.seconds, 3),
    }
