"""Runs an action step: a response, an action of the bot folder, or one of the names that Rasa's patterns use.

In: the Scene and the step. Out: it, changed by what the action returned, which is untrusted: slots are validated, texts
are said as they are and never rendered, other events are followed only as far as they do no harm. A write runs only
when `confirm.py` lets it, once, with the arguments that were shown.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatwright.dialogue.extract import validate_slot
from chatwright.dialogue.flows.flow import ActionStep
from chatwright.dialogue.running.confirm import arguments_of, is_write, may_run, missing_arguments, used_slots
from chatwright.dialogue.running.failing import fail
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import go_on
from chatwright.dialogue.running.state import Frame, Write
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall, ActionResult, Utterance

# What Rasa's own patterns name; the engine has already done it when the pattern runs.
_DONE_ALREADY = frozenset(
    """action_listen action_cancel_flow action_correct_flow_slot action_clean_stack action_clarify_flows
    action_session_start action_restart action_run_slot_rejections action_validate_slot_mappings action_extract_slots
    action_continue_interrupted_flow action_default_fallback action_hangup action_unlikely_intent
    action_deactivate_loop action_block_digression action_continue_digression""".split()  # noqa: SIM905
)
_ANSWERING = frozenset({"action_trigger_search", "action_trigger_chitchat"})
MAX_RESULT_SLOTS = 100


async def run_action_step(scene: Scene, frame: Frame, step: ActionStep, *, is_question: bool = False) -> None:
    """Runs it and goes on. is_question: it asks for a slot, and the flow stays where it is."""
    name = step.action
    if name not in scene.playbook.actions and await _run_known(scene, step):
        return
    if skipped := next((write for write in frame.skips if write.step == step.id), None):
        scene.replace_top(skips=tuple(write for write in frame.skips if write is not skipped))
        scene.note(f"{name}: not run again after the correction; it has already been carried out.")
        go_on(scene, step, writes=(replace(skipped, place=len(frame.trail)),))
        return
    is_writing = is_write(scene, step)
    if is_writing:
        if missing := missing_arguments(scene, step):
            fail(scene, f"{name}: there is no value for {', '.join(missing)}.")
            return
        if not may_run(scene, frame, step):
            return
    used = used_slots(scene, step) if is_writing else ()
    result = await _called(scene, step, is_writing=is_writing)
    if result is None:
        return
    if not is_question:
        writes = (Write(step=step.id, place=len(frame.trail), slots=used),) if is_writing else ()
        _take(scene, name, result)
        if scene.top is not None and scene.top.flow == frame.flow and scene.top.step == step.id:
            go_on(scene, step, writes=writes)
    else:
        _take(scene, name, result)


async def _run_known(scene: Scene, step: ActionStep) -> bool:
    """Responses and the names of Rasa's patterns; False when it is an action of the folder."""
    name = step.action
    if name.startswith("utter_"):
        if not scene.say_response(name):
            scene.note(f"There is no response {name!r} that fits.")
        go_on(scene, step)
    elif name in _ANSWERING:
        await say_answer(scene)
        go_on(scene, step)
    elif name == "action_repeat_bot_messages":
        for utterance in scene.before.last_said:
            scene.say(utterance)
        go_on(scene, step)
    elif name in _DONE_ALREADY:
        go_on(scene, step)
        scene.is_finished = scene.is_finished or name == "action_listen"
    else:
        return False
    return True


async def say_answer(scene: Scene) -> bool:
    """Says what the knowledge folder or small talk has to say; False when that is nothing."""
    answer = await scene.turn.answer()
    if answer is None:
        scene.say_text("no_answer")
        return False
    scene.say(answer, answer.response)
    return True


async def _called(scene: Scene, step: ActionStep, *, is_writing: bool) -> ActionResult | None:
    """What the action returned; None when it failed, which was dealt with."""
    call = _call(scene, step)
    scene.num_calls += 1
    scene.trace("action", name=step.action, arguments=dict(call.arguments), is_write=is_writing)
    try:
        return await scene.playbook.run_action(call)
    except ActionError as err:
        scene.trace("action_failed", name=step.action, code=err.code)
        # Only these two say for certain that nothing was carried out.
        is_unclear = is_writing and err.code not in ("unknown_action", "rejected")
        fail(scene, f"{step.action}: {err.message}", is_unclear=is_unclear)
        return None


def _call(scene: Scene, step: ActionStep) -> ActionCall:
    turn = scene.turn
    known = f"{turn.conversation}\0{scene.num_calls}\0{step.action}"
    frames = [
        {"frame_id": str(i), "flow_id": frame.flow, "step_id": frame.step, "frame_type": "regular", "type": "flow"}
        for i, frame in enumerate(scene.stack)
    ]
    stamp = turn.now.timestamp()
    own = [_rasa_event(event) | {"timestamp": stamp} for event in scene.events if event["event"] in _RASA_EVENTS]
    return ActionCall(
        name=step.action,
        conversation=turn.conversation,
        user=turn.user,
        # The same when the turn is run again because its end was never stored.
        call_id=hashlib.sha256(known.encode()).hexdigest()[:24],
        language=turn.language,
        arguments=arguments_of(scene, step),
        slots=dict(scene.slots),
        text=turn.text,
        events=(*turn.events, *own),
        stack=tuple(frames),
    )


_RASA_EVENTS: Mapping[str, tuple[str, ...]] = {"slot": ("name", "value"), "action": ("name",), "bot": ("text",)}


def _rasa_event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"event": event["event"], **{key: event[key] for key in _RASA_EVENTS[event["event"]]}}


def _take(scene: Scene, name: str, result: ActionResult) -> None:
    """Carries out what the action returned."""
    for slot, value in list(result.slots.items())[:MAX_RESULT_SLOTS]:
        _take_slot(scene, name, slot, value)
    for utterance in result.utterances:
        _take_utterance(scene, name, utterance)
    for event in result.events:
        _take_event(scene, name, event)


def _take_slot(scene: Scene, action: str, name: str, value: Any) -> None:
    slot = scene.playbook.domain.slots.get(name)
    if slot is None:
        scene.note(f"{action}: there is no slot {name!r}.")
        return
    try:
        checked = validate_slot(slot, value)
    except ConfigError as err:
        scene.note(f"{action}: {err.message}")
        return
    if checked.is_valid:
        scene.set_slot(name, checked.value)
    else:
        scene.note(f"{action}: {checked.problem} for slot {name!r}.")


def _take_utterance(scene: Scene, action: str, utterance: Utterance) -> None:
    if not utterance.response:
        scene.say(utterance)
    elif not scene.say_response(utterance.response, buttons=utterance.buttons):
        scene.note(f"{action}: there is no response {utterance.response!r}.")
        scene.say(replace(utterance, response=""))


def _take_event(scene: Scene, action: str, event: Mapping[str, Any]) -> None:
    match event.get("event"):
        case "reset_slots":
            for name in list(scene.slots):
                scene.set_slot(name, scene.slot(name).initial_value)
        case "restart" | "session_ended":
            scene.stack.clear()
            scene.slots.clear()
        case "pause":
            scene.outcome = "handed_over"
            scene.repair("human_handoff", is_last=True)
        case other:
            scene.note(f"{action}: the event {str(other)[:60]!r} has no effect here.")
