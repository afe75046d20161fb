"""Carries out the commands of one message: what to begin, to fill, to correct, to give up. In: Scene, commands.

Out: the Scene, changed; `walk.py` goes on from there. At most MAX_COMMANDS commands are taken; unknown flows and slots
are ignored with a note in the trace; of two values for one slot none is taken, the visitor is asked. A yes to an open
confirmation counts only when the message changes nothing else, and only when a rule or a button read it, not a model.
"""

from collections.abc import Sequence
from dataclasses import replace

from chatwright.dialogue.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    HumanHandoff,
    RepeatMessages,
    Restart,
    SearchAndReply,
    SessionStart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    UserSilence,
    worse_doubt,
)
from chatwright.dialogue.flows.flow import CollectStep
from chatwright.dialogue.reserved_slots import CHOSEN_FLOW, CONFIRMED_ACTION
from chatwright.dialogue.running.act import say_answer
from chatwright.dialogue.running.answers import Answers, sort_answers
from chatwright.dialogue.running.begin import begin_flows, offerable
from chatwright.dialogue.running.doubting import doubt_of, say_unread
from chatwright.dialogue.running.fill import Filled, ask_which_value, fill_slots, settle_proposed
from chatwright.dialogue.running.repair import CHITCHAT, REPEAT, SEARCH
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import cancel_group, group_start, resume
from chatwright.messages import Button

MAX_COMMANDS = 8
SILENCES = "consecutive_silence_timeouts"  # the slot in which Rasa's pattern counts them
MAX_READ = 200  # commands beyond these are not even looked at
MAX_CHOICES = 3
MAX_ASIDES = 2


async def carry_out(scene: Scene, commands: Sequence[Command]) -> None:
    """Everything that the message asks for, in the order in which it makes sense."""
    await _carry_out(scene, commands)
    settle_proposed(scene)


async def _carry_out(scene: Scene, commands: Sequence[Command]) -> None:
    if scene.before.dropped:
        scene.repair("code_changed", {"flow": ", ".join(map(scene.name_of, scene.before.dropped))})
    taken = _taken(scene, commands)
    scene.doubt = doubt_of(commands)
    if SILENCES in scene.slots and not any(isinstance(command, UserSilence) for command in taken):
        scene.set_slot(SILENCES, None)  # the visitor speaks
    if _is_unreadable(scene, taken) or _at_once(scene, taken):
        return
    answers = sort_answers(scene, [command for command in taken if isinstance(command, SetSlot)])
    if answers.wants_person:
        hand_over(scene)
        return
    wanted = [command.flow for command in taken if isinstance(command, StartFlow)]
    wanted += [answers.chosen_flow] if answers.chosen_flow else []
    has_effect = CancelFlow() in taken and _cancel(scene, is_replaced=bool(wanted))
    has_effect = begin_flows(scene, wanted) or has_effect
    if not wanted and scene.top is not None and scene.top.kept:
        resume(scene)  # the flow above it failed in the turn before
    offered = [flow for command in taken if isinstance(command, Clarify) and not wanted for flow in command.flows]
    filled = fill_slots(scene, answers.rest, offered)
    is_alone = not has_effect and all(isinstance(command, SetSlot | ChitChat) for command in taken)
    has_effect = _answered(scene, answers, filled, is_alone=is_alone) or filled.is_taken or has_effect
    if SkipQuestion() in taken:
        has_effect = _skip(scene) or has_effect
    beside = [command for command in taken if isinstance(command, SearchAndReply | ChitChat)]
    if beside and not scene.is_finished:
        await _digress(scene, beside, is_new=bool(wanted))
        has_effect = True
    if filled.clashing and not scene.is_finished:
        ask_which_value(scene, filled.clashing)
    for clarify in [command for command in taken if isinstance(command, Clarify) and not wanted][:1]:
        has_effect = _clarify(scene, clarify.flows) or has_effect
    if not has_effect and not scene.is_finished:
        unread = next((command for command in commands if isinstance(command, CannotHandle)), CannotHandle())
        scene.doubt = worse_doubt(scene.doubt, unread.doubt)
        if not (scene.pending and say_unread(scene, unread)):
            _cannot_handle(scene)


def _taken(scene: Scene, commands: Sequence[Command]) -> list[Command]:
    """The commands once each, for the first MAX_COMMANDS things that they are about.

    Every value for a slot that is taken stays: cutting one off would hide that they clash.
    """
    taken: list[Command] = []
    about: set[str] = set()
    num_left = max(0, len(commands) - MAX_READ)
    for command in commands[:MAX_READ]:
        if command in taken or isinstance(command, CannotHandle):
            continue
        subject = command.slot if isinstance(command, SetSlot) else repr(command)
        if subject in about or len(about) < MAX_COMMANDS:
            about.add(subject)
            taken.append(command)
        else:
            num_left += 1
    if num_left:
        scene.note(f"{num_left} of {len(commands)} commands were left out: more than {MAX_COMMANDS} at once.")
    return taken


def _is_unreadable(scene: Scene, taken: list[Command]) -> bool:
    """A message without a word, or one that is too long: what was asked stays asked."""
    limit = scene.turn.max_chars
    is_asked_again = scene.pending is not None  # nothing may stand between what is shown and the yes to it
    if limit and len(scene.turn.text) > limit:
        scene.repair("too_long", {"limit": str(limit)}, is_last=not is_asked_again)
    elif not taken and not scene.turn.text.strip():
        scene.repair("empty", is_last=not is_asked_again)
    else:
        return False
    if is_asked_again:
        scene.doubt = "unread"
    else:
        scene.keep_open()
    return True


def _at_once(scene: Scene, taken: list[Command]) -> bool:
    """Wishes about the conversation as a whole, which leave nothing else to do."""
    if Restart() in taken:
        _clear(scene)
        scene.repair("restarted", is_last=True)
    elif HumanHandoff() in taken:
        hand_over(scene)
    elif SessionStart() in taken:
        _begin_session(scene)
    elif RepeatMessages() in taken and len(taken) == 1:
        _repeat(scene)
    elif UserSilence(is_over=True) in taken:
        _lapse(scene)
    elif UserSilence() in taken and len(taken) == 1:
        scene.slots.setdefault(SILENCES, 0.0)
        scene.repair("user_silence")
    else:
        return False
    return True


def hand_over(scene: Scene) -> None:
    """A person is called; what is open stays open for them."""
    scene.outcome = "handed_over"
    scene.trace("handed_over")
    scene.repair("human_handoff", is_last=True)


def _clear(scene: Scene) -> None:
    while scene.stack:
        cancel_group(scene, "restart")
    scene.slots.clear()
    slots = scene.playbook.domain.slots.values()
    scene.slots.update({slot.name: slot.initial_value for slot in slots if slot.initial_value is not None})
    scene.trace("restart")


def _lapse(scene: Scene) -> None:
    """Everything that is open is given up: nobody has answered for too long."""
    scene.trace("silence_over")
    cancelled = []
    while scene.stack:
        cancelled.append(scene.name_of(cancel_group(scene)))
    if cancelled:
        joint = "”、“" if scene.language == "zh" else "”, “"
        scene.repair("flow_cancelled", {"flow": joint.join(cancelled)}, is_last=True)


def _begin_session(scene: Scene) -> None:
    kept = dict(scene.slots)
    _clear(scene)
    is_carried = scene.playbook.domain.carry_over_slots
    scene.slots.update({name: value for name, value in kept.items() if is_carried or scene.slot(name).is_shared})
    scene.trace("session_started")
    scene.repair("session_start", is_last=True)


def _repeat(scene: Scene) -> None:
    if not scene.before.last_said:
        scene.repair("nothing_to_repeat", is_last=True)
    elif not scene.begin_pattern(REPEAT, {"is_last": True}):
        for utterance in scene.before.last_said:
            scene.say(utterance)
    scene.keep_open()


def _cancel(scene: Scene, *, is_replaced: bool) -> bool:
    """Gives up the flow on top; the one below goes on, unless the message begins another."""
    while scene.top is not None and scene.top.kind == "pattern":
        scene.stack.pop()
    if scene.top is None:
        scene.say_text("nothing_to_cancel")
        return True
    has_written = any(frame.writes for frame in scene.stack[group_start(scene.stack) :])
    flow_id = cancel_group(scene)
    name = "flow_cancelled_after_write" if has_written else "flow_cancelled"
    if not is_replaced:
        flow = scene.flows.get(flow_id)
        if scene.top is not None:
            if scene.repair(name, scene.named(flow_id)):
                scene.replace_top(context={**scene.stack[-1].context, "resume_after": flow_id})
            else:
                resume(scene, flow)
            return True
    scene.repair(name, scene.named(flow_id))
    return True


def _answered(scene: Scene, answers: Answers, filled: Filled, *, is_alone: bool) -> bool:
    """What the answers to the bot's own questions lead to; False when there were none."""
    if answers.wants_person is False:
        scene.say_text("person_declined")
        return True
    if answers.is_stale:
        scene.say_text("nothing_to_confirm")
        return True
    if answers.own:
        return _answer_own(scene, answers, filled, is_alone=is_alone)
    if not answers.confirmations:
        return False
    said = set(answers.confirmations)
    if len(said) > 1 or not filled.is_quiet or not is_alone:
        scene.note("The answer to the confirmation came with something else; it is asked again.")
    elif True in said:
        scene.is_confirmed = True
    else:
        _decline(scene)
    return True


def _answer_own(scene: Scene, answers: Answers, filled: Filled, *, is_alone: bool) -> bool:
    """The flow's own confirming question: the answer is kept apart from values of the same message."""
    is_by_model = any(command.extractor == "model" and command.value is not False for command in answers.own)
    if not filled.is_quiet or not is_alone or is_by_model:
        scene.note("The answer to the flow's confirmation came with something else, or by a model; it is asked again.")
        return True
    answer = fill_slots(scene, answers.own)
    filled.clashing.update(answer.clashing)
    scene.is_confirmed = scene.slots.get(scene.before.asked) is True and scene.before.asked in answer.changed
    return answer.is_taken


def _decline(scene: Scene) -> None:
    """A no: what should change? A second no gives the flow up."""
    pending = scene.pending
    if pending is None or pending.is_declined:
        _cancel(scene, is_replaced=False)
        return
    scene.trace("confirmation_declined", action=pending.action)
    scene.say_text("not_confirmed")
    scene.asked = CONFIRMED_ACTION
    scene.confirmation = replace(pending, is_declined=True, doubt="objected")
    scene.is_finished = True


def _skip(scene: Scene) -> bool:
    """The question is left out when its step says that it may (`metadata: {optional: true}`)."""
    frame = scene.top
    step = scene.flows[frame.flow].steps.get(frame.step) if frame and frame.flow in scene.flows else None
    if frame is None or step is None:
        scene.repair("nothing_to_skip")
        return True
    if isinstance(step, CollectStep) and step.metadata.get("optional") is True and frame.is_asked:
        skipped = (*frame.context.get("skipped", ()), step.slot)
        scene.replace_top(context={**frame.context, "skipped": skipped})
        scene.trace("slot_skipped", name=step.slot)
        scene.repair("skipped")
        return True
    root = scene.stack[group_start(scene.stack)].flow
    scene.repair("cannot_skip", scene.named(root))
    return True


async def _digress(scene: Scene, beside: Sequence[Command], *, is_new: bool) -> None:
    """Answers a question beside the flow, and comes back to it. Patterns of the folder run in the place of either."""
    scene.trace("digression")
    is_search = any(isinstance(command, SearchAndReply) for command in beside)
    kind = next((command.kind for command in beside if isinstance(command, ChitChat)), "")
    returns_to = "" if is_new or scene.top is None else scene.stack[group_start(scene.stack)].flow
    context = {"kind": kind, "digression_from": returns_to}
    if scene.begin_pattern(SEARCH if is_search else CHITCHAT, context):
        return
    await say_answer(scene)
    if returns_to:
        scene.repair("digression_return", scene.named(returns_to))
    elif is_search and not scene.stack:
        _offer_again(scene)


def _offer_again(scene: Scene) -> None:
    """A question does not take back the offer that it came upon; after MAX_ASIDES of them it is no longer put."""
    if not scene.before.choices or scene.before.num_asides >= MAX_ASIDES:
        return
    _clarify(scene, scene.before.choices)
    scene.num_asides = scene.before.num_asides + 1


def _clarify(scene: Scene, flow_ids: Sequence[str]) -> bool:
    """Asks which of these flows is meant; False when none of them can be begun."""
    offered = [flow for flow in dict.fromkeys(flow_ids) if flow in offerable(scene)][:MAX_CHOICES]
    if not offered:
        scene.note(f"None of the flows {', '.join(flow_ids)[:120]} can be begun.")
        return False
    offer_flows(scene, "which_flow_one" if len(offered) == 1 else "which_flow", offered)
    return True


def offer_flows(scene: Scene, text: str, offered: Sequence[str], *more: Button) -> None:
    """Ends the turn with the choice between flows."""
    buttons = [Button(title=scene.name_of(flow), payload=f"/SetSlots({CHOSEN_FLOW}={flow})") for flow in offered]
    scene.trace("clarification", flows=list(offered))
    scene.asked, scene.choices = CHOSEN_FLOW, tuple(offered)
    scene.repair(text, scene.named(offered[0]) | {"names": ", ".join(offered)}, (*buttons, *more), is_last=True)


def _cannot_handle(scene: Scene) -> None:
    """First: another wording, please. Second in a row: what there is to choose from. Third: a person."""
    scene.num_not_understood = scene.before.num_not_understood + 1
    scene.trace("cannot_handle", times=scene.num_not_understood)
    if scene.num_not_understood > 2:
        scene.num_not_understood = 0
        scene.offer_person("cannot_handle_person")
    elif scene.top is not None:
        scene.repair("cannot_handle" if scene.num_not_understood == 1 else "cannot_handle_in_flow")
    else:
        scene.outcome = "abstained"
        offered = offerable(scene)[:MAX_CHOICES] if scene.num_not_understood > 1 else []
        if offered:
            person = Button(title=scene.text("person"), payload="/SetSlots(wanted_person=true)")
            offer_flows(scene, "cannot_handle_choices", offered, person)
        else:
            scene.repair("cannot_handle", is_last=True)
