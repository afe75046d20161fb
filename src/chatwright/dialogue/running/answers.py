"""Takes the answers to the bot's own questions: may this write run, which flow is meant, is a person wanted.

In: the Scene and the SetSlot commands of one message. Out: those that are about the folder's slots, and what the
answers decided. An answer counts only for the question that was asked last; a button carries the token of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.reserved_slots import CHOSEN_FLOW, CONFIRMED_ACTION, RESERVED_SLOTS, WANTED_PERSON
from chatwright.dialogue.running.confirm import read_confirmation
from chatwright.dialogue.running.scene import Scene

RESERVED = RESERVED_SLOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """confirmations: what was said to the open question about a write, in order; `is_stale`: an answer to another;
    `is_postponed`: neither yes nor no, it stays open. own: the same for a question of the flow's own. rest: commands
    about ordinary slots.
    """

    rest: tuple[SetSlot, ...] = ()
    confirmations: tuple[bool, ...] = ()
    own: tuple[SetSlot, ...] = ()
    chosen_flow: str = ""
    wants_person: bool | None = None
    is_stale: bool = False


def sort_answers(scene: Scene, commands: Sequence[SetSlot]) -> Answers:
    """Which command answers which question."""
    answers = Answers(rest=tuple(command for command in commands if command.slot not in RESERVED_SLOTS))
    for command in commands:
        if command.slot == CONFIRMED_ACTION:
            answers = _with_confirmation(scene, answers, command)
        elif command.slot == WANTED_PERSON:
            if scene.before.asked == WANTED_PERSON or command.extractor == "button":
                answers = replace(answers, wants_person=read_confirmation(command.value, ""))
        elif command.slot == CHOSEN_FLOW:
            answers = _with_choice(scene, answers, command)
    return _with_own(scene, answers)


def _with_confirmation(scene: Scene, answers: Answers, command: SetSlot) -> Answers:
    pending = scene.pending
    is_open = pending is not None and not pending.is_own and scene.before.asked == CONFIRMED_ACTION
    said = read_confirmation(command.value, pending.token) if is_open and pending is not None else None
    if said is None:
        scene.note("A confirmation that is not open was answered; nothing runs because of it.")
        return replace(answers, is_stale=True)
    if command.extractor == "model" and said:
        scene.note("A yes that only a model read confirms nothing.")
        return replace(answers, is_stale=False)
    return replace(answers, confirmations=(*answers.confirmations, said))


def _with_choice(scene: Scene, answers: Answers, command: SetSlot) -> Answers:
    chosen = str(command.value)
    is_offered = chosen in scene.before.choices and scene.before.asked == CHOSEN_FLOW
    if is_offered or (command.extractor == "button" and chosen in scene.flows):
        return replace(answers, chosen_flow=chosen)
    scene.note(f"{chosen[:60]!r} is not one of the flows that were offered.")
    return answers


def _with_own(scene: Scene, answers: Answers) -> Answers:
    """Takes the answer to a flow's own confirming question out of the ordinary slots."""
    pending = scene.pending
    if pending is None or not pending.is_own:
        return answers
    own = tuple(command for command in answers.rest if command.slot == scene.before.asked)
    rest = tuple(command for command in answers.rest if command.slot != scene.before.asked)
    return replace(answers, own=own, rest=rest)
