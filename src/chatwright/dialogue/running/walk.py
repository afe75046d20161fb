"""Walks the flow on top, step by step, until it waits for the visitor. In: a Scene. Out: it, changed.

Deterministic but for what actions return. More than MAX_STEPS steps in one turn, an action that fails, a flow that is
not there: the internal error pattern, with the slots kept and a person offered. Writes run only through `confirm.py`.
"""

from dataclasses import replace

from chatwright.dialogue.flows.flow import ActionStep, CallStep, CollectStep, LinkStep, SetSlotsStep
from chatwright.dialogue.flows.flow_names import slot_name
from chatwright.dialogue.flows.flow_slots import asks_before_filling
from chatwright.dialogue.running.act import run_action_step, run_followup
from chatwright.dialogue.running.checking import has_moved, is_accepted
from chatwright.dialogue.running.confirm import note_own_question
from chatwright.dialogue.running.failing import fail
from chatwright.dialogue.running.going_back import take_again
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.show_value import show_value
from chatwright.dialogue.running.stack import MAX_STACK, begin_flow, go_on, holds, link_to
from chatwright.dialogue.running.state import Frame
from chatwright.messages import Button

MAX_STEPS = 256


async def walk(scene: Scene) -> None:
    """Until the turn is finished or the stack empty."""
    while not scene.is_finished and scene.top is not None:
        scene.num_steps += 1
        if scene.num_steps > MAX_STEPS:
            scene.num_steps = MAX_STEPS // 2  # the error pattern may take some steps itself
            fail(scene, f"More than {MAX_STEPS} steps without a question.")
        else:
            await _step(scene, scene.top)


async def _step(scene: Scene, frame: Frame) -> None:
    flow = scene.flows.get(frame.flow)
    if flow is None:
        fail(scene, f"There is no flow {frame.flow!r}.")
        return
    if not frame.step:
        if frame.context.get("is_waiting"):
            scene.trace("flow_started", flow=flow.id)
        frame = scene.replace_top(step=flow.first)
    step = flow.steps.get(frame.step)
    scene.trace("flow_step", flow=flow.id, step=frame.step)
    if step is not None and "followup" in frame.context:
        await run_followup(scene, frame, step)
        return
    match step:
        case CollectStep():
            await _collect(scene, frame, step)
        case ActionStep():
            await run_action_step(scene, frame, step)
        case SetSlotsStep():
            for name, value in step.values:
                scene.set_slot(name, value)
            go_on(scene, step)
        case LinkStep() | CallStep() if step.flow not in scene.flows:
            fail(scene, f"There is no flow {step.flow!r} to go to.")
        case LinkStep():
            link_to(scene, step, step.flow)
        case CallStep():
            _call(scene, frame, step)
        case None:
            fail(scene, f"Flow {flow.id!r} has no step {frame.step!r}.")
        case _:
            go_on(scene, step)


def _call(scene: Scene, frame: Frame, step: CallStep) -> None:
    if skipped := next((write for write in frame.skips if write.step == step.id), None):
        scene.replace_top(skips=tuple(write for write in frame.skips if write is not skipped))
        scene.note(f"{step.flow}: not run again after the correction; it has already written.")
        go_on(scene, step, writes=(replace(skipped, place=len(frame.trail)),))
    elif len(scene.stack) >= MAX_STACK:
        fail(scene, f"More than {MAX_STACK} flows call each other.")
    else:
        begin_flow(scene, step.flow, is_called=True)


async def _collect(scene: Scene, frame: Frame, step: CollectStep) -> None:
    """Goes on when the slot has a value that is not rejected; asks otherwise."""
    if asks_before_filling(step) and not frame.is_asked and scene.slots.get(step.slot) is not None:
        scene.set_slot(step.slot, None)
    elif scene.slots.get(step.slot) is None and not asks_before_filling(step):
        take_again(scene, step.slot)
    if scene.slots.get(step.slot) is None:
        if step.slot in frame.context.get("skipped", ()):
            go_on(scene, step)
        else:
            await _ask(scene, frame, step)
        return
    for rejection in step.rejections:
        if holds(scene, rejection.condition, frame):
            scene.trace("slot_rejected", name=step.slot, condition=rejection.condition)
            if not (rejection.utter and scene.say_response(rejection.utter)):
                scene.say_text("slot_not_of_form", {"value": str(scene.slots[step.slot])[:60]})
            scene.set_slot(step.slot, None)
            await _ask(scene, frame, step)
            return
    if await is_accepted(scene, frame, step):
        go_on(scene, step)
    elif not has_moved(scene, frame):
        await _ask(scene, frame, step)


async def _ask(scene: Scene, frame: Frame, step: CollectStep) -> None:
    """Puts the step's question and ends the turn."""
    scene.asked = step.slot
    frame = scene.replace_top(is_asked=True)
    if "requested_slot" in scene.playbook.domain.slots:  # Rasa's actions and conditions look at it
        scene.set_slot("requested_slot", step.slot)
    if "confirms" in step.metadata:
        note_own_question(scene, frame, step)
    responses = (step.utter, f"utter_ask_{frame.flow}_{step.slot}", f"utter_ask_{step.slot}")
    known = (f"action_ask_{frame.flow}_{step.slot}", f"action_ask_{step.slot}")
    action = next((name for name in known if name in scene.playbook.actions), known[1])
    info = scene.playbook.actions.get(action)
    own = ActionStep(id=step.id, next=step.next, action=action)
    is_asking = not step.utter and info is not None and not info.is_write
    num_failures = scene.num_failures
    if step.metadata.get("silent") is True:
        pass  # what came before it has asked
    elif is_asking and await run_action_step(scene, frame, own, is_question=True):
        if scene.num_failures > num_failures:
            return  # the error pattern goes on
    elif not any(name and scene.say_response(name) for name in responses):
        slot = scene.slot(step.slot)
        scene.say_text("ask_slot", {"slot": slot_name(slot, scene.language)}, _buttons(scene, step))
    scene.is_finished = True


def _buttons(scene: Scene, step: CollectStep) -> tuple[Button, ...]:
    """The choices of a slot that can only be one of a few."""
    slot = scene.slot(step.slot)
    if slot.type == "bool":
        titles = {"true": scene.text("yes"), "false": scene.text("no")}
        return tuple(Button(title=title, payload=f"/SetSlots({slot.name}={key})") for key, title in titles.items())
    if slot.type != "categorical" or len(slot.values) > 10:
        return ()
    return tuple(
        Button(title=show_value(value, scene.language, slot), payload=f"/SetSlots({slot.name}={value})")
        for value in slot.values
    )
