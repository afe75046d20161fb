"""Takes what an action returned, all of it untrusted: slots are validated, texts said as they are and never rendered.

In: the Scene and an ActionResult. Out: it, changed, and the name of the follow-up that the action asked for. Events are
followed as Rasa documents them: `reset_slots`, `restart` and `session_ended` before the slots, `pause` calls a person,
`followup` names what runs next, `action_execution_rejected` means that nothing was done. A reminder is kept in the
trace and reported, not fired. What was said stays said: `undo` and `rewind` are left out, with a note, like the rest.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatwright.dialogue.extract import validate_slot
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.state import Write
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionResult, Utterance

MAX_RESULT_SLOTS = 100
MAX_FOLLOWUPS = 10  # in one turn
_FIRST = frozenset({"reset_slots", "restart", "session_ended"})  # the result's slots were set after them
_REPORTED = frozenset({"reminder", "cancel_reminder"})


def refuse_declined(name: str, result: ActionResult) -> None:
    """Raises ActionError(code="rejected") when the action says that it did not run."""
    if any(event.get("event") == "action_execution_rejected" for event in result.events):
        raise ActionError(f"Action {name!r} declined to run.", code="rejected")


def take_result(scene: Scene, name: str, result: ActionResult) -> str:
    """Carries out what the action returned; the last follow-up it named, "" without one."""
    for event in result.events:
        forget(scene, event)
    for slot, value in list(result.slots.items())[:MAX_RESULT_SLOTS]:
        _take_slot(scene, name, slot, value)
    for utterance in result.utterances:
        _take_utterance(scene, name, utterance)
    followup = ""
    for event in result.events:
        if event.get("event") == "followup":
            followup = str(event.get("name") or "")
        elif event.get("event") not in _FIRST:
            _take_event(scene, name, event)
    return followup


def take_followup(scene: Scene, name: str, followup: str, written: tuple[Write, ...]) -> bool:
    """The step of the flow on top stays, to run what its action asked for; False when there is nothing of that name."""
    scene.num_followups += 1
    known = {*scene.playbook.actions, *(flow for flow in scene.flows if not flow.startswith("pattern_"))}
    if followup not in known and not followup.startswith(("utter_", "action_")):
        scene.note(f"{name}: there is no action or flow {followup[:60]!r} to follow.")
        return False
    if scene.num_followups > MAX_FOLLOWUPS:
        scene.note(f"{name}: {followup[:60]!r} does not follow; more than {MAX_FOLLOWUPS} follow-ups in one turn.")
        return False
    frame = scene.stack[-1]
    scene.replace_top(context={**frame.context, "followup": followup}, writes=(*frame.writes, *written))
    scene.trace("followup", name=followup)
    return True


def forget(scene: Scene, event: Mapping[str, Any]) -> None:
    """Empties the slots to their initial values; with a restart, ends what is open too. Other events do nothing."""
    kind = event.get("event")
    if kind not in _FIRST:
        return
    if kind != "reset_slots":
        scene.stack.clear()
    for name in {*scene.slots, *scene.playbook.domain.slots}:
        initial = scene.slot(name).initial_value
        if scene.slots.get(name) != initial:
            scene.set_slot(name, initial)
    scene.trace(str(kind))


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
    elif not scene.say_response(utterance.response, utterance.values or None, utterance.buttons):
        scene.note(f"{action}: there is no response {utterance.response!r}.")
        scene.say(replace(utterance, response=""))


def _take_event(scene: Scene, action: str, event: Mapping[str, Any]) -> None:
    kind = str(event.get("event"))
    if kind == "pause":
        scene.outcome = "handed_over"
        scene.repair("human_handoff", is_last=True)
    elif kind in _REPORTED:
        details = {key: value for key, value in event.items() if key not in ("event", "timestamp")}
        scene.trace(kind, action=action, **details)
        scene.note(f"{action}: the {kind.replace('_', ' ')} is kept in the record; it is not fired.")
    else:
        scene.note(f"{action}: the event {kind[:60]!r} has no effect here.")
