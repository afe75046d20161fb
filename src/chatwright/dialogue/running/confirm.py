"""Asks before a write: shows the exact arguments, and lets it run only after a yes to exactly these.

In: the Scene at an action that writes. Out: true when it may run now. The question carries a token made of the
conversation, the call's number and the arguments, so that a button of an earlier question confirms nothing.
A flow's own question counts only when its step says `metadata: {confirms: ACTION}` and stands right before the action.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from chatwright.dialogue.commands import Doubt, worse_doubt
from chatwright.dialogue.flows.flow import ActionStep, CollectStep, Step
from chatwright.dialogue.flows.flow_names import slot_name
from chatwright.dialogue.flows.flow_slots import filled_slots
from chatwright.dialogue.reserved_slots import CONFIRMED_ACTION
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.show_value import show_value
from chatwright.dialogue.running.stack import group_start
from chatwright.dialogue.running.state import Confirmation, Frame
from chatwright.messages import Button, Utterance


def is_write(scene: Scene, step: ActionStep) -> bool:
    """True when the action says that it writes, or the step does (`metadata: {writes: true}`)."""
    info = scene.playbook.actions.get(step.action)
    return (info is not None and info.is_write) or step.metadata.get("writes") is True


def sources_of(scene: Scene, step: ActionStep) -> dict[str, str]:
    """Parameter → the slot it is taken from, in the order of the parameters; empty when the action reads slots.

    `metadata: {arguments: {parameter: slot}}` names slots that are called otherwise.
    """
    info = scene.playbook.actions.get(step.action)
    properties = info.parameters.get("properties", {}) if info else {}
    renamed = step.metadata.get("arguments")
    renamed = renamed if isinstance(renamed, Mapping) else {}
    return {name: str(renamed.get(name, name)) for name in properties}


def arguments_of(scene: Scene, step: ActionStep) -> dict[str, Any]:
    """What the action will be called with."""
    sources = sources_of(scene, step)
    return {name: scene.slots[slot] for name, slot in sources.items() if scene.slots.get(slot) is not None}


def used_slots(scene: Scene, step: ActionStep) -> tuple[str, ...]:
    """The slots a write depends on: those of its parameters, or all of the flow's when it reads slots itself."""
    sources = tuple(sources_of(scene, step).values())
    return sources or tuple(_flow_slots(scene))


def missing_arguments(scene: Scene, step: ActionStep) -> list[str]:
    """The required parameters for which there is no value."""
    info = scene.playbook.actions.get(step.action)
    required = info.parameters.get("required", ()) if info else ()
    given = arguments_of(scene, step)
    return [name for name in required if name not in given]


def shown_of(scene: Scene, step: ActionStep) -> dict[str, Any]:
    """Slot → value, as the visitor is shown them: the arguments, or the flow's slots when the action reads slots."""
    names = [name for name in used_slots(scene, step) if scene.slots.get(name) is not None]
    return {name: scene.slots[name] for name in names}


def _flow_slots(scene: Scene) -> list[str]:
    """What the flow on top and its callers ask for or set, without the answers to questions that only confirm."""
    names: dict[str, None] = {}
    confirming: set[str] = set()
    for frame in scene.stack[group_start(scene.stack) :]:
        flow = scene.flows[frame.flow]
        names.update(dict.fromkeys(filled_slots(flow, scene.flows)))
        confirming |= {step.slot for step in flow.steps.values() if isinstance(step, CollectStep) and _confirms(step)}
    return [name for name in names if name not in confirming]


def _confirms(step: Step) -> str:
    """The action that this question confirms, "" for other steps."""
    return str(step.metadata.get("confirms", "")) if isinstance(step, CollectStep) else ""


def may_run(scene: Scene, frame: Frame, step: ActionStep) -> bool:
    """True when the visitor has said yes to exactly this write; otherwise the question is put and the turn ends."""
    shown = shown_of(scene, step)
    pending = scene.pending
    is_same = (
        pending is not None
        and (pending.action, pending.flow, pending.shown) == (step.action, frame.flow, shown)
        and not pending.is_declined
    )
    if is_same and pending is not None and scene.is_confirmed and (pending.is_own or pending.step == step.id):
        own = scene.flows[frame.flow].steps.get(frame.trail[-1]) if frame.trail else None
        if not pending.is_own or (own is not None and own.id == pending.step and _confirms(own) == step.action):
            scene.pending, scene.is_confirmed = None, False  # one yes is for one call
            return True
    _ask(scene, frame, step, shown)
    return False


def note_own_question(scene: Scene, frame: Frame, step: CollectStep) -> None:
    """Remembers with what arguments the flow's own question was put."""
    action = next(
        (
            found
            for found in scene.flows[frame.flow].steps.values()
            if isinstance(found, ActionStep) and found.action == _confirms(step)
        ),
        None,
    )
    if action is not None:
        shown = shown_of(scene, action)
        scene.confirmation = Confirmation(
            action=action.action,
            flow=frame.flow,
            step=step.id,
            shown=shown,
            token=_token(scene, shown),
            is_own=True,
            doubt=_doubt(scene, action.action, frame.flow, shown),
        )


def _doubt(scene: Scene, action: str, flow: str, shown: Mapping[str, Any]) -> Doubt:
    """What was said since these arguments were first shown; nothing when they are shown for the first time."""
    pending = scene.pending
    is_again = pending is not None and (pending.action, pending.flow, pending.shown) == (action, flow, shown)
    return worse_doubt(pending.doubt if is_again and pending else "", scene.doubt)


def _token(scene: Scene, shown: Mapping[str, Any]) -> str:
    known = [str(scene.turn.conversation), scene.num_calls, shown]
    return hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:12]


def _ask(scene: Scene, frame: Frame, step: ActionStep, shown: Mapping[str, Any]) -> None:
    token = _token(scene, shown)
    doubt = _doubt(scene, step.action, frame.flow, shown)
    scene.confirmation = Confirmation(
        action=step.action, flow=frame.flow, step=step.id, shown=shown, token=token, doubt=doubt
    )
    scene.asked = CONFIRMED_ACTION
    scene.trace("confirmation_asked", action=step.action, arguments=dict(shown))
    if not scene.say_response(f"utter_confirm_{step.action}"):
        root = scene.stack[group_start(scene.stack)].flow
        name = scene.name_of(root)
        scene.say_text("confirm_write", {"action": f"“{name}”" if scene.language == "zh" else f" for “{name}”"})
    buttons = (
        Button(title=scene.text("confirm_yes"), payload=f"/SetSlots({CONFIRMED_ACTION}=yes:{token})"),
        Button(title=scene.text("confirm_no"), payload=f"/SetSlots({CONFIRMED_ACTION}=no:{token})"),
    )
    question = scene.text("confirm_question")
    scene.say(Utterance(text="\n".join([*_lines(scene, shown), question]), buttons=buttons), "utter_confirm_question")
    scene.is_finished = True


def _lines(scene: Scene, shown: Mapping[str, Any]) -> list[str]:
    mark = "：" if scene.language == "zh" else ": "
    return [
        f"- {slot_name(scene.slot(name), scene.language)}{mark}{show_value(value, scene.language, scene.slot(name))}"
        for name, value in shown.items()
    ]


def read_confirmation(value: Any, token: str) -> bool | None:
    """What the answer to the open question says; None for one that belongs to another question."""
    if isinstance(value, bool):
        return value
    word, mark, given = str(value).partition(":")
    if mark:
        return word == "yes" if given and given == token and word in ("yes", "no") else None
    return {"true": True, "yes": True, "false": False, "no": False}.get(word.strip().lower())
