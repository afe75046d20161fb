"""Runs an action step: a response, an action of the bot folder, or one of the names that Rasa's patterns use.

In: the Scene and the step. Out: it, changed by what the action returned (`action_result.py`). A write runs only when
`confirm.py` lets it, once, with the arguments that were shown; one that an action asks for as its follow-up likewise.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatwright.dialogue.flows.flow import ActionStep, Step
from chatwright.dialogue.running.action_result import forget, refuse_declined, take_followup, take_result
from chatwright.dialogue.running.confirm import arguments_of, is_write, may_run, missing_arguments, used_slots
from chatwright.dialogue.running.failing import fail
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import begin_flow, cancel_group, go_on, group_start
from chatwright.dialogue.running.state import Frame, Write
from chatwright.errors import ActionError
from chatwright.messages import ActionCall, ActionResult

# What Rasa's own patterns name; the engine has already done it when the pattern runs.
_DONE_ALREADY = frozenset(
    """action_listen action_cancel_flow action_correct_flow_slot action_clean_stack action_clarify_flows
    action_session_start action_run_slot_rejections action_validate_slot_mappings action_extract_slots
    action_continue_interrupted_flow action_default_fallback action_hangup action_unlikely_intent
    action_block_digression action_continue_digression""".split()  # noqa: SIM905
)
_LEAVING = frozenset({"action_deactivate_loop", "action_deactivate_form", "action_restart"})
_ANSWERING = frozenset({"action_trigger_search", "action_trigger_chitchat"})


async def run_action_step(scene: Scene, frame: Frame, step: ActionStep, *, is_question: bool = False) -> bool:
    """Runs it and goes on. is_question: it asks for a slot, and the flow stays where it is; False when it declined."""
    name = step.action
    if name not in scene.playbook.actions and await _run_known(scene, step):
        return True
    if _was_done_before(scene, frame, step):
        return True
    is_writing = is_write(scene, step)
    if is_writing:
        if missing := missing_arguments(scene, step):
            fail(scene, f"{name}: there is no value for {', '.join(missing)}.")
            return True
        if not may_run(scene, frame, step):
            return True
    used = used_slots(scene, step) if is_writing else ()
    num_failures = scene.num_failures
    result = await _called(scene, step, is_writing=is_writing, is_question=is_question)
    if result is None:
        return scene.num_failures > num_failures
    written = (Write(step=_write_name(frame, step), place=len(frame.trail), slots=used),) if is_writing else ()
    followup = take_result(scene, name, result)
    if is_question:
        return True
    if scene.top is not None and scene.top.flow == frame.flow and scene.top.step == step.id:
        if followup and take_followup(scene, name, followup, written):
            return True
        go_on(scene, step, writes=written)
    return True


async def run_followup(scene: Scene, frame: Frame, step: Step) -> None:
    """Runs what the action of this step asked for: another action, else a flow or response; then the flow goes on."""
    name = str(frame.context["followup"])
    if name in scene.flows and name not in scene.playbook.actions:
        begin_flow(scene, name, is_called=True)
    else:
        await run_action_step(scene, frame, ActionStep(id=step.id, next=step.next, action=name))


def _write_name(frame: Frame, step: ActionStep) -> str:
    """The step, and for a follow-up its own name too, so that both may write and each is known as done."""
    return f"{step.id}>{step.action}" if frame.context.get("followup") == step.action else step.id


def _was_done_before(scene: Scene, frame: Frame, step: ActionStep) -> bool:
    """Passes over a write that was carried out before the flow went back, with its follow-ups."""
    name = _write_name(frame, step)
    place = next((i for i, write in enumerate(frame.skips) if write.step == name), None)
    if place is None:
        return False
    end = place + 1
    while end < len(frame.skips) and frame.skips[end].step.startswith(f"{step.id}>"):
        end += 1
    scene.replace_top(skips=frame.skips[:place] + frame.skips[end:])
    scene.note(f"{step.action}: not run again after the correction; it has already been carried out.")
    go_on(scene, step, writes=tuple(replace(write, place=len(frame.trail)) for write in frame.skips[place:end]))
    return True


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
    elif name in _LEAVING:
        _leave_others(scene, is_restart=name == "action_restart")
        go_on(scene, step)
    elif name == "action_human_handoff":
        scene.outcome = "handed_over"
        scene.trace("handed_over")
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


def _leave_others(scene: Scene, *, is_restart: bool) -> None:
    """Gives up the flow that the one on top interrupted, its values kept, as Rasa gives up a form; or everything."""
    start = group_start(scene.stack)
    own = scene.stack[start:]
    scene.stack[start:] = []
    if is_restart:
        forget(scene, {"event": "restart"})
    elif scene.stack:
        cancel_group(scene, "deactivated")
    scene.stack += own


async def say_answer(scene: Scene) -> bool:
    """Says what the knowledge folder or small talk has to say; False when that is nothing."""
    answer = await scene.turn.answer()
    if all(frame.kind == "pattern" for frame in scene.stack) and scene.outcome == "flow":
        scene.outcome = "answered" if answer else "abstained"
    if answer is None:
        scene.say_text("no_answer")
        return False
    scene.say(answer, answer.response)
    return True


async def _called(scene: Scene, step: ActionStep, *, is_writing: bool, is_question: bool) -> ActionResult | None:
    """What the action returned; None when it failed, which was dealt with, or declined to ask a question."""
    call = _call(scene, step)
    scene.num_calls += 1
    scene.trace("action", name=step.action, arguments=dict(call.arguments), is_write=is_writing)
    try:
        result = await scene.playbook.run_action(call)
        refuse_declined(step.action, result)
        return result
    except ActionError as err:
        kind = "action_execution_rejected" if err.code == "rejected" else "action_failed"
        scene.trace(kind, name=step.action, code=err.code)
        if kind == "action_execution_rejected" and is_question:
            scene.note(f"{step.action}: {err.message}")
            return None
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
    forms = scene.playbook.domain.raw.get("forms") or {}
    loops = [
        {"event": "active_loop", "name": frame.flow, "timestamp": stamp}
        for frame in scene.stack[-1:]
        if frame.flow in forms
    ]
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
        events=(*turn.events, *loops, *own),
        stack=tuple(frames),
        sender=turn.sender,
    )


_RASA_EVENTS: Mapping[str, tuple[str, ...]] = {"slot": ("name", "value"), "action": ("name",), "bot": ("text",)}


def _rasa_event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"event": event["event"], **{key: event[key] for key in _RASA_EVENTS[event["event"]]}}
