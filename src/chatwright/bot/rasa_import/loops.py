"""Mends CALM flows that would go round for ever: a question to which a flow comes back is asked again.

In: a flow as written, and the collect steps that it comes back to. Out: the flow, with their slots emptied on the way
back. Rasa breaks off such a conversation; here `chatwright check` refuses the flow.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chatwright.dialogue.flows.flow import CollectStep, Flow


def mended(written: dict[str, Any], flow: Flow, circle: Sequence[str]) -> dict[str, Any]:
    """The flow with a way out of the circle. flow: as it was read; circle: the ids of its steps."""
    asks = {step_id: step.slot for step_id in circle if isinstance(step := flow.steps.get(step_id), CollectStep)}
    return {**written, "steps": _steps(written["steps"], asks)}


def _steps(written: Sequence[Any], asks: Mapping[str, str]) -> list[Any]:
    made: list[Any] = []
    for step in written:
        if not isinstance(step, dict):
            continue
        goal = step.get("next")
        if isinstance(goal, str) and goal in asks:
            made += [{key: value for key, value in step.items() if key != "next"}, _emptied(goal, asks)]
        elif isinstance(goal, list):
            made.append({**step, "next": [_branch(branch, asks) for branch in goal]})
        else:
            made.append(step)
    return made


def _branch(branch: Any, asks: Mapping[str, str]) -> Any:
    if not isinstance(branch, dict):
        return branch
    changed = dict(branch)
    for key in ("then", "else"):
        goal = branch.get(key)
        if isinstance(goal, str) and goal in asks:
            changed[key] = [_emptied(goal, asks)]
        elif isinstance(goal, list):
            changed[key] = _steps(goal, asks)
    return changed


def _emptied(goal: str, asks: Mapping[str, str]) -> dict[str, Any]:
    return {"set_slots": [{asks[goal]: None}], "next": goal}
