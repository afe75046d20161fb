"""Moves flows on and off the stack: begin, call, link, end, cancel, resume. In: a Scene. Out: its stack changed.

A flow and those it called are one group, which begins, is interrupted, cancelled and resumed as one. Slots are given up
when a group ends or is cancelled, except persisted ones and those that another open flow asks for; but what a flow was
just asking for when it was interrupted, it asks for again.
"""

from collections.abc import Sequence
from dataclasses import replace

from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow import END, CollectStep, Flow, Step
from chatwright.dialogue.flows.flow_slots import collected_slots, filled_slots, given_up_slots
from chatwright.dialogue.running.reach import drop_unreached
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.state import Frame, Write
from chatwright.errors import ConfigError

MAX_STACK = 12
MAX_TRAIL = 400


def group_start(stack: Sequence[Frame], place: int | None = None) -> int:
    """The place of the flow that began the group to which the frame at `place` (the top) belongs."""
    start = len(stack) - 1 if place is None else place
    while start > 0 and stack[start].is_called:
        start -= 1
    return start


def holds(scene: Scene, condition: str, frame: Frame | None = None) -> bool:
    """Whether a condition of a flow holds now; one that does not parse never does."""
    try:
        return parse_condition(condition).holds(scene.slots, frame.context if frame else {})
    except ConfigError as err:
        scene.note(err.message)
        return False


def begin_flow(scene: Scene, flow_id: str, *, is_called: bool = False) -> None:
    """Puts a flow on top of the stack."""
    scene.stack.append(Frame(flow=flow_id, is_called=is_called))
    scene.trace("flow_started", flow=flow_id)


def begin_later(scene: Scene, flow_id: str, place: int) -> None:
    """Puts a flow into the stack at `place`, where it waits for those above it to end."""
    scene.stack.insert(place, Frame(flow=flow_id, context={"is_waiting": True}))


def interrupt(scene: Scene) -> None:
    """The group on top has to wait: its own slot values are kept for when it goes on."""
    if scene.top is None:
        return
    root = scene.flows[scene.stack[group_start(scene.stack)].flow]
    kept = {name: scene.slots[name] for name in filled_slots(root, scene.flows) if name in scene.slots}
    frame = scene.replace_top(is_asked=False, kept=scene.stack[-1].kept or kept)
    scene.trace("flow_interrupted", flow=frame.flow, step=frame.step)


def restore(scene: Scene, ended: Flow | None = None) -> None:
    """The group on top goes on with its own values, where the flow that ended above it has given them up."""
    frame = scene.stack[-1]
    changed = set(given_up_slots(ended, scene.flows)) if ended else set(frame.kept)
    for name, value in frame.kept.items():
        if name in changed and scene.slots.get(name) != value:
            scene.set_slot(name, value)
    step = scene.flows[frame.flow].steps.get(frame.step)
    if ended and isinstance(step, CollectStep) and step.slot in changed - set(frame.kept):
        # What was asked about another order answers nothing: the question is put again.
        initial = scene.slot(step.slot).initial_value
        if scene.slots.get(step.slot) != initial and not scene.slot(step.slot).is_shared:
            scene.set_slot(step.slot, initial)
    scene.replace_top(is_asked=False, kept={})


def raise_to_top(scene: Scene, place: int) -> None:
    """The group of the frame at `place` goes on before the others."""
    interrupt(scene)
    start = group_start(scene.stack, place)
    end = start + 1
    while end < len(scene.stack) and scene.stack[end].is_called:
        end += 1
    group = scene.stack[start:end]
    scene.stack[start:end] = []
    scene.stack += group
    restore(scene)
    scene.trace("flow_resumed", flow=group[-1].flow, step=group[-1].step)


def go_on(scene: Scene, step: Step, *, writes: tuple[Write, ...] = ()) -> None:
    """The flow on top has done `step`: on to the first branch that holds."""
    frame = scene.stack[-1]
    target = next(
        (branch.target for branch in step.next if branch.condition is None or holds(scene, branch.condition, frame)),
        END,
    )
    context = {key: value for key, value in frame.context.items() if key != "followup"}
    trail, done = (*frame.trail, step.id), (*frame.writes, *writes)
    frame = scene.replace_top(trail=trail, writes=done, is_asked=False, context=context)
    if len(frame.trail) > MAX_TRAIL:
        cut = MAX_TRAIL // 2
        kept = tuple(replace(write, place=write.place - cut) for write in frame.writes if write.place >= cut)
        scene.replace_top(trail=frame.trail[cut:], writes=kept)
    if target == END or target not in scene.flows[frame.flow].steps:
        end_flow(scene, step.id)
    else:
        scene.replace_top(step=target)
        if len(step.next) > 1:
            drop_unreached(scene)


def end_flow(scene: Scene, step_id: str) -> None:
    """The flow on top has come to its end: its caller goes on, or the flow that it interrupted, or nothing is open."""
    frame = scene.stack.pop()
    flow = scene.flows[frame.flow]
    scene.trace("flow_completed", flow=flow.id, step=step_id)
    if frame.kind == "pattern":
        scene.is_finished = scene.is_finished or frame.context.get("is_last") is True
        _after_pattern(scene, frame)
        return
    scene.completed.append(flow.id)
    if frame.is_called and scene.top:
        caller = scene.top
        step = scene.flows[caller.flow].steps[caller.step]
        go_on(scene, step, writes=_as_one(frame.writes, step.id, len(caller.trail)))
        return
    give_up_slots(scene, flow)
    _after(scene, flow)


def _after_pattern(scene: Scene, frame: Frame) -> None:
    """What the pattern stood before: the flow below goes on, or the way back from a digression is told."""
    if ended := frame.context.get("resume_after"):
        resume(scene, scene.flows.get(ended))
    elif (returns_to := frame.context.get("digression_from")) and scene.top is not None and not scene.is_finished:
        scene.repair("digression_return", scene.named(returns_to))


def _as_one(writes: tuple[Write, ...], step: str, place: int) -> tuple[Write, ...]:
    """What a called flow wrote, as a write of the step that called it."""
    slots = tuple(dict.fromkeys(name for write in writes for name in write.slots))
    return (Write(step=step, place=place, slots=slots),) if writes else ()


def _after(scene: Scene, ended: Flow) -> None:
    if scene.top is not None:
        resume(scene, ended)
    elif ended.run_pattern_completed:
        scene.repair("completed", scene.named(ended.id))


def resume(scene: Scene, ended: Flow | None = None) -> None:
    """Says that the flow on top goes on, or that it begins now. ended: the flow that was above it."""
    if scene.top is None or scene.top.kind == "pattern":
        return
    root = scene.stack[group_start(scene.stack)].flow
    values = scene.named(root)
    if not scene.top.step:
        scene.say_text("next_flow", values)
        return
    restore(scene, ended)
    scene.trace("flow_resumed", flow=scene.top.flow, step=scene.top.step)
    scene.repair("continue_interrupted", values)


def link_to(scene: Scene, step: Step, flow_id: str) -> None:
    """The flow on top ends and another takes its place, with the slots that both ask for."""
    frame = scene.stack.pop()
    scene.trace("flow_completed", flow=frame.flow, step=step.id)
    scene.completed.append(frame.flow)
    begin_flow(scene, flow_id, is_called=frame.is_called)
    if frame.writes:  # a caller must know of them when the linked flow ends
        scene.replace_top(writes=frame.writes)
    give_up_slots(scene, scene.flows[frame.flow])


def cancel_group(scene: Scene, reason: str = "") -> str:
    """Takes the group on top off the stack, slots kept when there is a reason; the flow that began it."""
    start = group_start(scene.stack)
    group = scene.stack[start:]
    scene.stack[start:] = []
    for name, value in group[0].stash.items() if reason else ():
        scene.slots.setdefault(name, value)
    for frame in reversed(group):
        details = {"reason": reason} if reason else {}
        scene.trace("flow_cancelled", flow=frame.flow, step=frame.step, **details)
    if not reason and group[0].flow in scene.flows:
        give_up_slots(scene, scene.flows[group[0].flow])
    return group[0].flow


def give_up_slots(scene: Scene, flow: Flow) -> None:
    """Empties what the flow asked for or set, to the slot's initial value."""
    needed = {name for frame in scene.stack if frame.flow in scene.flows for name in _asked_by(scene, frame.flow)}
    for name in given_up_slots(flow, scene.flows):
        initial = scene.slot(name).initial_value
        if name not in needed and scene.slots.get(name) != initial:
            scene.set_slot(name, initial)


def _asked_by(scene: Scene, flow_id: str) -> set[str]:
    return set(collected_slots(scene.flows[flow_id], scene.flows))
