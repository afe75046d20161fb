"""Begins the flows that a message asks for. In: the Scene and flow ids. Out: it, with the first of them on top.

A flow whose guard does not hold is not begun, and the bot says so; one that is open already is not begun twice. Of
several, the first mentioned runs first; what was open before goes on when they have ended.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_kind import only_answers
from chatwright.dialogue.flows.flow_slots import collected_slots
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import (
    MAX_STACK,
    begin_flow,
    begin_later,
    group_start,
    interrupt,
    raise_to_top,
)
from chatwright.dialogue.running.state import Frame
from chatwright.errors import ConfigError, nearest

MAX_BEGUN = 3
PATTERN_PREFIX = "pattern_"


def may_start(flow: Flow, slots: Mapping[str, Any]) -> bool:
    """True for a flow that a visitor may begin: it is no pattern, and its guard holds."""
    if flow.id.startswith(PATTERN_PREFIX):
        return False
    try:
        return flow.guard is None or parse_condition(flow.guard).holds(slots)
    except ConfigError:  # a guard that says nothing lets nobody in
        return False


def startable(scene: Scene) -> list[str]:
    """The flows that a visitor may begin now, in the order in which they are written."""
    return [flow.id for flow in scene.flows.values() if may_start(flow, scene.slots)]


def offerable(scene: Scene) -> list[str]:
    """Those of them that do something: what only says something is not put to a visitor as a thing to choose."""
    return [name for name in startable(scene) if not only_answers(scene.flows[name], scene.flows)]


def begin_flows(scene: Scene, wanted: Sequence[str]) -> bool:
    """False when the message asks for none that there is."""
    known = [flow_id for flow_id in dict.fromkeys(wanted) if _is_known(scene, flow_id)]
    for flow_id in known[MAX_BEGUN:]:
        scene.note(f"Flow {flow_id!r} was left out: more than {MAX_BEGUN} flows at once.")
    allowed = [flow_id for flow_id in known[:MAX_BEGUN] if _may_begin(scene, flow_id)]
    if allowed:
        _begin(scene, allowed)
    return bool(known)


def _is_known(scene: Scene, flow_id: str) -> bool:
    flow = scene.flows.get(flow_id)
    if flow is None or flow_id.startswith(PATTERN_PREFIX):
        choices = [known for known in scene.flows if not known.startswith(PATTERN_PREFIX)]
        scene.note(f"There is no flow {flow_id[:60]!r} to begin. {nearest(flow_id, choices)}")
        return False
    return True


def _may_begin(scene: Scene, flow_id: str) -> bool:
    """Says why not, where that is of use to the visitor."""
    place = next((i for i, frame in enumerate(scene.stack) if frame.flow == flow_id), None)
    if place is not None:
        if group_start(scene.stack, place) == group_start(scene.stack):
            scene.note(f"Flow {flow_id!r} is open already.")
        else:
            raise_to_top(scene, place)
            scene.say_text("continue_interrupted", scene.named(flow_id))
        return False
    if not may_start(scene.flows[flow_id], scene.slots):
        scene.note(f"The guard of flow {flow_id!r} does not hold.")
        scene.say_text("flow_not_available", scene.named(flow_id))
        return False
    if len(scene.stack) >= MAX_STACK - MAX_BEGUN:
        scene.say_text("too_many_flows")
        return False
    return True


def _asks(scene: Scene, flow_id: str) -> bool:
    """False for a flow that only says something, or whose questions need not be answered: it keeps nobody waiting."""
    flow = scene.flows[flow_id]
    is_soft = any(step.metadata.get("soft") is True for step in flow.steps.values())
    return not is_soft and bool(collected_slots(flow, scene.flows))


def _begin(scene: Scene, flow_ids: Sequence[str]) -> None:
    first: list[Frame] = []  # patterns of this turn that have yet to say something
    while scene.top is not None and scene.top.kind == "pattern":
        pattern = scene.stack.pop()
        first = [pattern, *first] if not pattern.step else first
    if scene.top is not None:
        interrupted = scene.stack[group_start(scene.stack)].flow
        interrupt(scene)
        names = {"flow": scene.name_of(flow_ids[0]), "interrupted": scene.name_of(interrupted)}
        if _asks(scene, flow_ids[0]):
            scene.say_text("flow_interrupted", names)
    place = len(scene.stack)
    begin_flow(scene, flow_ids[0])
    for flow_id in flow_ids[1:]:
        begin_later(scene, flow_id, place)
    scene.stack += first
