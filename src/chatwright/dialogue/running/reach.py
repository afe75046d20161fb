"""Knows which slots an open flow may still take: those it has asked for, and those that the way before it can ask for.

In: a Scene and frames of its stack. Out: slots with the steps that ask. A branch counts as decided when its condition
speaks only of slots that the flow asks for and that have a value; otherwise every way is open. What the visitor said
ahead of its question is dropped when the flow turns away from that question (`drop_unreached`).
"""

import re
from dataclasses import replace

from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow import CallStep, CollectStep, Flow, SetSlotsStep, Step
from chatwright.dialogue.flows.flow_slots import asks_before_filling, collected_slots
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.state import Frame
from chatwright.errors import ConfigError

AHEAD = "ahead"  # in a frame's context: slot → value of what was said before its question
Asked = dict[str, list[CollectStep]]
_SLOT = re.compile(r"\bslots\.(\w+)")


def fillable(scene: Scene) -> Asked:
    """The slots that the open flows have asked for or can still ask for, with the steps that do."""
    found: Asked = {}
    for frame in scene.stack:
        flow = scene.flows.get(frame.flow)
        if flow is not None:
            names = _asked_in(scene, flow, (*frame.trail, *_steps_ahead(scene, flow, frame)))
            for name, steps in collected_slots(flow, scene.flows).items():
                if name in names:
                    found.setdefault(name, []).extend(steps)
    return found


def note_ahead(scene: Scene, name: str) -> None:
    """Remembers on the flow that asks for the slot that its value came before the question."""
    for place in reversed(range(len(scene.stack))):
        frame = scene.stack[place]
        flow = scene.flows.get(frame.flow)
        if flow is not None and name in collected_slots(flow, scene.flows):
            ahead = {**frame.context.get(AHEAD, {}), name: scene.slots.get(name)}
            scene.stack[place] = replace(frame, context={**frame.context, AHEAD: ahead})
            return


def drop_unreached(scene: Scene) -> None:
    """Empties what was said ahead for questions that the flows no longer come to."""
    if not any(frame.context.get(AHEAD) for frame in scene.stack):
        return
    names = set(fillable(scene))
    for place, frame in enumerate(scene.stack):
        ahead = frame.context.get(AHEAD, {})
        for name, value in ahead.items():
            if name not in names and scene.slots.get(name) == value and value is not None:
                scene.note(f"Slot {name!r} is emptied: it was said ahead, and the flow does not ask for it.")
                scene.set_slot(name, None)
        if set(ahead) - names:
            left = {name: value for name, value in ahead.items() if name in names}
            scene.stack[place] = replace(frame, context={**frame.context, AHEAD: left})


def _asked_in(scene: Scene, flow: Flow, step_ids: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for step in (flow.steps.get(step_id) for step_id in step_ids):
        if isinstance(step, CollectStep):
            found.add(step.slot)
        elif isinstance(step, CallStep) and step.flow in scene.flows:
            found.update(collected_slots(scene.flows[step.flow], scene.flows))
    return found


def _steps_ahead(scene: Scene, flow: Flow, frame: Frame) -> tuple[str, ...]:
    """Every step that the flow may come to from where it stands, that one included."""
    settled = _settled(scene, flow, frame)
    waiting, seen = [frame.step or flow.first], dict[str, None]()
    while waiting:
        step = flow.steps.get(waiting.pop())
        if step is not None and step.id not in seen:
            seen[step.id] = None
            waiting += _targets(scene, step, frame, settled)
    return tuple(seen)


def _targets(scene: Scene, step: Step, frame: Frame, settled: set[str]) -> list[str]:
    targets: list[str] = []
    for branch in step.next:
        if branch.condition is None:
            return [*targets, branch.target]
        is_decided = "context." not in branch.condition and set(_SLOT.findall(branch.condition)) <= settled
        if not is_decided:
            targets.append(branch.target)
        elif _holds(scene, branch.condition, frame):
            return [*targets, branch.target]
    return targets


def _holds(scene: Scene, condition: str, frame: Frame) -> bool:
    try:
        return parse_condition(condition).holds(scene.slots, frame.context)
    except ConfigError:
        return False


def _settled(scene: Scene, flow: Flow, frame: Frame) -> set[str]:
    """The slots that have a value which only the visitor changes: asked for by the flow, and not set by its steps."""
    changing = {name for step in flow.steps.values() if isinstance(step, SetSlotsStep) for name, _ in step.values}
    return {
        name
        for name, steps in collected_slots(flow, scene.flows).items()
        if name not in changing and scene.slots.get(name) is not None
        if not any(asks_before_filling(step) and step.id not in frame.trail for step in steps)
    }
