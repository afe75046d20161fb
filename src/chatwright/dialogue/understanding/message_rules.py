"""What a message means by rule alone: buttons, the answer to a confirmation, wishes about the conversation, small talk.

In: the message, where the conversation stands, what was read of slots. Out: Understood, or None for what rules do not
decide. A yes counts for a confirmation only when the whole message is one: "yes, but …" confirms nothing.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.dialogue.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Command,
    Doubt,
    HumanHandoff,
    RepeatMessages,
    Restart,
    SearchAndReply,
    SessionStart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    UserSilence,
)
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.choices import read_choices
from chatwright.dialogue.extract.found import settle
from chatwright.dialogue.extract.yes_no import read_yes_no, tells_to_do_it
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_names import flow_name
from chatwright.dialogue.reserved_slots import RESERVED_SLOTS
from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.dialogue.understanding.agreement import read_agreement
from chatwright.dialogue.understanding.buttons import Pressed
from chatwright.dialogue.understanding.corrections import read_correction
from chatwright.dialogue.understanding.intent_slots import slots_of_intent
from chatwright.dialogue.understanding.process_words import ProcessWords
from chatwright.dialogue.understanding.slot_answers import Answers
from chatwright.dialogue.understanding.understood import Context, Understood
from chatwright.dialogue.understanding.wishes import Wish, asks, asks_in_general, read_wish, urges
from chatwright.language.in_place import fold_in_place
from chatwright.messages import Language

_INTENTS: dict[str, Command] = {"restart": Restart(), "session_start": SessionStart(), "silence_timeout": UserSilence()}
_AGREES = frozenset({"affirm", "yes", "confirm"})
_DENIES = frozenset({"deny", "no"})
_POLITE = frozenset({"thanks", "accept", "ok", "greeting", "no_words", "empty"})
_INTERRUPTING = frozenset({"greeting", "thanks", "bye", "is_bot"})  # small talk also while something is asked
_GIVES_UP = re.compile(
    r"cancel|stop|quit|never ?mind|forget|取消|算了|不办|放弃|退出|终止"
)  # more than a no to a question
_LANGUAGES: tuple[Language, ...] = ("zh", "en")


def read_pressed(
    pressed: Pressed,
    context: Context,
    flows: Mapping[str, Flow],
    settable: Collection[str],
    slots: Mapping[str, Slot] | None = None,
) -> Understood:
    """What a button asks for. settable: the slots it may set; others, and unknown intents, are named in the details.

    slots: those of the domain, whose mappings an intent and its entities fill; an answer begins no flow.
    """
    known = {*settable, *RESERVED_SLOTS}
    mapped = [slot for slot in (slots or {}).values() if slot.name in settable] if pressed.intent else []
    commands: list[Command] = [*slots_of_intent(pressed.intent, pressed.values, mapped, context.asked)]
    if pressed.intent and not any(isinstance(each, SetSlot) and each.slot == context.asked for each in commands):
        commands += _of_intent(pressed.intent, context, flows)
    filled = {command.slot for command in commands if isinstance(command, SetSlot)}
    commands += [
        SetSlot(slot=name, value=value, extractor="button")
        for name, value in pressed.values.items()
        if name in known and name not in filled
    ]
    entities = {str(mapping.get("entity")) for slot in mapped for mapping in slot.mappings}
    unknown = sorted(set(pressed.values) - set(known) - entities) + (
        [pressed.intent] if pressed.intent and not commands else []
    )
    details = {"unknown": unknown} if unknown else {}
    if not commands:
        commands = [CannotHandle(reason="unknown button")]
    return Understood(commands=tuple(commands), decided_by="button", confidence=1.0, details=details)


def _of_intent(intent: str, context: Context, flows: Mapping[str, Flow]) -> list[Command]:
    if intent in _INTENTS:
        return [_INTENTS[intent]]
    if context.confirmation and intent in _AGREES | _DENIES:
        return [SetSlot(slot=context.confirmation, value=intent in _AGREES, extractor="button")]
    triggered = [flow.id for flow in flows.values() if any(trigger.intent == intent for trigger in flow.nlu_trigger)]
    return [StartFlow(flow=flow) for flow in triggered[:1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a summary that waits for a yes is about: the slots of the open flow, and the words of what it does."""

    slots: Sequence[Slot] = ()
    words: ProcessWords = field(default_factory=ProcessWords)


def read_rules(
    text: str, context: Context, answers: Answers, flows: Mapping[str, Flow], waiting: Waiting | None = None
) -> Understood | None:
    """The first rule that decides. answers: what was read of the open flow's slots."""
    small = classify_smalltalk(text, is_offer_open=context.is_person_offered)
    wish = read_wish(text)
    if small == "person" or (context.is_person_offered and small == "accept"):
        return _by_rule(HumanHandoff())
    if context.is_person_offered and small == "decline":
        return _by_rule(ChitChat(kind="decline"))
    if wish == "restart":
        return _by_rule(Restart())
    if context.choices and (chosen := _choose(text, context, flows)):
        return _by_rule(StartFlow(flow=chosen), 0.95)
    if context.open_flow:
        return _in_flow(text, context, answers, wish, waiting or Waiting()) or _small_in_flow(small, answers)
    if wish == "repeat" and not asks_something_else(text):
        return _by_rule(RepeatMessages())
    return _by_rule(ChitChat(kind=small)) if small else None


def asks_something_else(text: str) -> bool:
    """A long message that says "sorry, again" somewhere is about something else."""
    return len(text) > 80


def _in_flow(text: str, context: Context, answers: Answers, wish: Wish | None, waiting: Waiting) -> Understood | None:
    is_chosen = answers.answers_asked and not answers.is_free_text and answers.confidence >= 0.8
    is_plain_no = is_chosen and not context.confirmation and _GIVES_UP.search(text.lower()) is None
    if context.confirmation and answers.is_change and all(each.value is not None for each in answers.commands):
        return _confirmed(text, context, answers, waiting)  # "no, the reason is: I changed my mind"
    if wish == "cancel" and not (is_chosen and (is_plain_no or not _is_yes_no(context, answers))):
        return _by_rule(CancelFlow())
    if context.confirmation and wish != "repeat":
        return _confirmed(text, context, answers, waiting)
    if wish == "repeat" and (answers.is_free_text or not answers.answers_asked):
        return _by_rule(RepeatMessages())
    if wish == "skip" and context.asked and not is_chosen:
        return _by_rule(SkipQuestion())
    return None


def _is_yes_no(context: Context, answers: Answers) -> bool:
    return any(isinstance(each.value, bool) for each in answers.commands if each.slot == context.asked)


def _small_in_flow(small: str | None, answers: Answers) -> Understood | None:
    if small in _INTERRUPTING and not answers.commands:
        return _by_rule(ChitChat(kind=str(small)))
    if small in ("empty", "no_words") and not answers.commands:
        return _by_rule(CannotHandle(reason=str(small)))
    return None


def _confirmed(text: str, context: Context, answers: Answers, waiting: Waiting) -> Understood:
    """A change of what was shown before a yes or no; otherwise what the message says to the summary."""
    changes = tuple(each for each in answers.commands if each.slot != context.confirmation)
    if asks_in_general(text):  # "does a change cost anything?" changes nothing
        changes = tuple(each for each in changes if each.value is not None)
    corrected = read_correction(text, waiting.slots, context)
    if corrected.commands and (corrected.is_exact or not changes):
        return Understood(commands=corrected.commands, decided_by="slots", confidence=corrected.confidence)
    if changes:
        named = {each.slot for each in changes}
        others = () if corrected.is_guess else (each for each in corrected.commands if each.slot not in named)
        return Understood(commands=(*changes, *others), decided_by="slots", confidence=answers.confidence)
    if corrected.slots:
        return _by_rule(CannotHandle(reason="which slot", doubt="objected", slots=corrected.slots), 0.6)
    reply = read_agreement(text, waiting.words, context.shown, context.doubt)
    if reply.gives_up:
        return _by_rule(CancelFlow(), reply.confidence)
    if reply.kind in ("yes", "no"):
        return _by_rule(SetSlot(slot=context.confirmation, value=reply.kind == "yes"), reply.confidence)
    doubt: Doubt = "objected" if reply.objects else "unread"
    if reply.kind in ("wait", "courtesy"):
        calm = "waits" if reply.kind == "wait" else "courtesy"
        return _by_rule(CannotHandle(reason=calm, doubt="aside"), reply.confidence)
    if reply.kind == "ask" or (asks(text) and reply.kind != "change"):
        beside = (CannotHandle(reason="objection", doubt=doubt),) if reply.objects else ()
        return Understood(commands=(SearchAndReply(), *beside), decided_by="rule", confidence=reply.confidence)
    reason = reply.kind or "neither yes nor no"
    return _by_rule(CannotHandle(reason=reason, doubt=doubt), 0.6)


def _is_all(text: str, folded: str, start: int, end: int) -> bool:
    """True when the rest of the message says yes as well, or is mere politeness."""
    for rest in (text[:start], text[end:]):
        if not any(map(str.isalnum, rest)) or classify_smalltalk(rest) in _POLITE:
            continue
        if tells_to_do_it(fold_in_place(rest)) or urges(rest):
            continue
        again = read_yes_no(fold_in_place(rest))
        if again is None or not again.value or (again.end - again.start) < len(rest.strip()) * 0.6:
            return False
    return True


def _choose(text: str, context: Context, flows: Mapping[str, Flow]) -> str:
    """Which of the flows that were offered the message names, by name or by place in the list."""
    labels: dict[Any, Any] = {
        name: {language: (flow_name(flows[name], language),) for language in _LANGUAGES}
        for name in context.choices
        if name in flows
    }
    offered = Slot(name="flow", type="categorical", values=tuple(labels), labels=labels)
    folded = fold_in_place(text)
    found = settle(read_choices(offered, folded, is_asked=True))
    if found is None and len(labels) == 1:  # of one flow it was asked whether it is meant
        said = read_yes_no(folded)
        return next(iter(labels)) if said and said.value and _is_all(text, folded, said.start, said.end) else ""
    return str(found.value) if found and not found.is_ambiguous else ""


def _by_rule(command: Command, confidence: float = 1.0) -> Understood:
    return Understood(commands=(command,), decided_by="rule", confidence=confidence)
