"""Takes a correction: a slot that is already filled gets a new value, and its flow goes back to where it was asked.

In: the Scene and the slot. Out: whether it may change. What came after is walked again: branches are chosen anew,
rejections are checked anew, reads are read again; a write that was carried out is never repeated, and a slot on which
one depended cannot change any more.
"""

from dataclasses import replace
from typing import Literal

from chatwright.dialogue.flows.flow import CallStep, CollectStep, Flow, Step
from chatwright.dialogue.flows.flow_slots import collected_slots
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import group_start
from chatwright.dialogue.running.state import Frame

Correction = Literal["free", "too_late"]


def may_change(scene: Scene, slot: str) -> Correction:
    """ "too_late" when an open flow has already written something outside with the slot's value."""
    for place, frame in enumerate(scene.stack):
        asked = _place_of(scene, frame, slot)
        # A loop may have written with an earlier value; what counts is what was written since the slot was asked last.
        if any(slot in write.slots and write.place >= (asked or 0) for write in frame.writes):
            return "too_late"
        if asked is not None and _has_called_writes(scene, place):
            return "too_late"
    return "free"


def _has_called_writes(scene: Scene, place: int) -> bool:
    """True when a flow that this one called, and that is still open, has written: going back would repeat it."""
    called = place + 1
    while called < len(scene.stack) and scene.stack[called].is_called:
        if scene.stack[called].writes:
            return True
        called += 1
    return False


def go_back(scene: Scene, slot: str) -> None:
    """Every open flow that has asked for the slot goes back to that question; flows it called are left."""
    place = 0
    while place < len(scene.stack):
        frame = scene.stack[place]
        back = _place_of(scene, frame, slot)
        if back is not None:
            end = place + 1
            while end < len(scene.stack) and scene.stack[end].is_called:
                end += 1
            later = _collected(scene, [replace(frame, trail=frame.trail[back:]), *scene.stack[place + 1 : end]])
            scene.stack[place] = _rewound(frame, back)
            scene.stack[place + 1 : end] = []
            _put_aside(scene, group_start(scene.stack, place), later - {slot})
            scene.trace("flow_rewound", flow=frame.flow, step=frame.trail[back])
        place += 1


def _collected(scene: Scene, frames: list[Frame]) -> set[str]:
    """The slots that were asked for in these trails."""
    found: set[str] = set()
    for frame in frames:
        flow = scene.flows.get(frame.flow)
        for step_id in frame.trail if flow else ():
            step = flow.steps.get(step_id) if flow else None
            if isinstance(step, CollectStep):
                found.add(step.slot)
            elif isinstance(step, CallStep) and step.flow in scene.flows:
                found.update(collected_slots(scene.flows[step.flow], scene.flows))
    return found


def _put_aside(scene: Scene, place: int, names: set[str]) -> None:
    """Empties what was answered later; it counts again only when the new way asks for it again."""
    values = {name: scene.slots[name] for name in sorted(names) if name in scene.slots}
    frame = scene.stack[place]
    scene.stack[place] = replace(frame, stash={**frame.stash, **values})
    for name in values:
        scene.set_slot(name, None)


def take_again(scene: Scene, slot: str) -> bool:
    """Fills the slot with the answer given before its flow went back; False when there is none."""
    place = group_start(scene.stack)
    frame = scene.stack[place]
    if slot not in frame.stash:
        return False
    stash = {name: value for name, value in frame.stash.items() if name != slot}
    scene.stack[place] = replace(frame, stash=stash)
    scene.set_slot(slot, frame.stash[slot])
    return True


def _rewound(frame: Frame, back: int) -> Frame:
    later = tuple(write for write in frame.writes if write.place >= back)
    return replace(
        frame,
        step=frame.trail[back],
        trail=frame.trail[:back],
        writes=tuple(write for write in frame.writes if write.place < back),
        skips=(*frame.skips, *later),
        is_asked=False,
        context={key: value for key, value in frame.context.items() if key != "followup"},
    )


def _place_of(scene: Scene, frame: Frame, slot: str) -> int | None:
    """Where in the frame's trail the slot was asked last, itself or by a flow that was called."""
    flow = scene.flows.get(frame.flow)
    if flow is None:
        return None
    places = [i for i, step in enumerate(frame.trail) if _asks(scene, flow.steps.get(step), slot)]
    return places[-1] if places else None


def _asks(scene: Scene, step: Step | None, slot: str) -> bool:
    if isinstance(step, CallStep):
        called: Flow | None = scene.flows.get(step.flow)
        return called is not None and slot in collected_slots(called, scene.flows)
    return isinstance(step, CollectStep) and step.slot == slot
