"""The business processes of one bot: understands a message as commands, and lets the flow engine carry them out.

In: a message and the conversation's events. Out: an Answer whose trace and state the turn keeps as a `dialogue` event.
What is nothing but a question or small talk is left to the folder, and the facts say how that was seen.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chatwright.bot.answer import Answer, join_answers
from chatwright.dialogue.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    SearchAndReply,
    SessionStart,
    SetSlot,
    StartFlow,
    UserSilence,
    commands_to_json,
)
from chatwright.dialogue.reserved_slots import RESERVED_SLOTS
from chatwright.dialogue.running.flow_engine import FlowEngine
from chatwright.dialogue.running.repair import CHITCHAT, SEARCH, repair_text
from chatwright.dialogue.running.state import DialogueState, state_to_json
from chatwright.dialogue.running.turn_input import Advanced, Playbook, TurnInput
from chatwright.dialogue.understanding.buttons import read_button
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.dialogue.understanding.understood import Context, Understood
from chatwright.dialogue.understanding.wishes import speaks_of_own
from chatwright.messages import (
    NATIVE,
    Citation,
    ConversationId,
    Event,
    Language,
    Message,
    Origin,
    UserId,
    Utterance,
)

NUM_RECENT = 4  # messages that understanding sees
NUM_TRACED = 200  # of the latest events that actions see
LEAST_TO_ASK_WHICH = 0.5  # below it, what the folder cannot answer is not turned into a choice of processes


async def _no_question() -> Answer:
    """What a turn has to say to a question before there is a folder to ask."""
    return Answer(text="", outcome="abstained")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTurn:
    """What a turn of a process needs to know. has_lapsed: what is open is given up first, after a long silence.
    question: answers from the folder, for a question beside the flow."""

    conversation: ConversationId
    user: UserId
    text: str
    language: Language
    past: Sequence[Message]
    metadata: Mapping[str, Any] = field(default_factory=dict)  # of the message
    origin: Origin = NATIVE
    earlier: Sequence[Event]
    has_lapsed: bool = False
    question: Callable[[], Awaitable[Answer]] = _no_question


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What the bot's rules want of a turn: flows to stop or start besides what the message asks for, or `only`
    commands, which take the place of understanding it. state: where the turn begins, None for where the last ended."""

    start: tuple[str, ...] = ()
    stop: bool = False
    only: tuple[Command, ...] = ()
    state: DialogueState | None = None


class Processes:
    """The flows of one bot, with what understands and what acts."""

    def __init__(
        self, playbook: Playbook, understanding: Understanding, now: Callable[[], datetime] = datetime.now
    ) -> None:
        """now: the local time that "tomorrow" is told from; tests give a fixed one."""
        self.playbook = playbook
        self._now = now
        self._understanding = understanding
        self._engine = FlowEngine(
            playbook.flows, playbook.domain, playbook.run_action, playbook.actions, playbook.texts
        )

    async def answer(self, turn: ProcessTurn, lead: Lead | None = None) -> Answer:
        """The answer of the flows, or of the folder when they have no part in this turn."""
        now = self._now().replace(microsecond=0)
        lead = lead or Lead()
        if not turn.earlier and "pattern_session_start" in self.playbook.flows:
            return await self._after(SessionStart(), turn, lead, now)
        if turn.has_lapsed:
            return await self._after(UserSilence(is_over=True), turn, lead, now)
        return await self._answer(turn, lead, now)

    async def silent(self, turn: ProcessTurn, *, is_over: bool) -> Answer:
        """What is said to a visitor who has said nothing for long."""
        understood = Understood(commands=(UserSilence(is_over=is_over),), decided_by="rule", confidence=1.0)
        now = self._now().replace(microsecond=0)
        return await self._advanced(turn, self.state(turn.earlier), understood, None, now)

    async def _after(self, command: Command, turn: ProcessTurn, lead: Lead, now: datetime) -> Answer:
        """A turn before which something else happens: the session begins, or what was open is given up."""
        understood = Understood(commands=(command,), decided_by="rule", confidence=1.0)
        state = lead.state or self.state(turn.earlier)
        first = await self._advanced(turn, state, understood, None, now)
        lead = replace(lead, state=self.restored(first, state))
        rest = await self._answer(turn, lead, now)
        return join_answers(replace(first, decided_by="", facts={}), rest)

    async def _answer(self, turn: ProcessTurn, lead: Lead, now: datetime) -> Answer:
        state = lead.state or self.state(turn.earlier)
        understood = await self._understood(turn, lead, self._context(state, turn, now))
        if left := self._engine.left(state, understood.commands):
            state = left  # the question need not be answered: what was said is understood as if it had not been put
            understood = await self._understood(turn, lead, self._context(state, turn, now))
        found: Answer | None = None
        if not (state.stack or state.asked or state.confirmation or state.choices):
            if all(map(self._is_left_to_the_folder, understood.commands)):
                return _with_understood(await turn.question(), understood)
            is_value = understood.decided_by == "slots"  # the folder has nothing to say to an order number
            if not is_value and _only_offers(understood.commands):
                found = await turn.question()  # perhaps a wish, perhaps a question: what the folder answers is one
                is_answered = found.outcome == "answered"
                if not speaks_of_own(turn.text) and (is_answered or understood.confidence < LEAST_TO_ASK_WHICH):
                    return _with_understood(found, understood)
                if is_answered:
                    understood = replace(understood, commands=(SearchAndReply(), *understood.commands))
        return await self._advanced(turn, state, understood, found, now)

    async def _understood(self, turn: ProcessTurn, lead: Lead, context: Context) -> Understood:
        """What the message asks for, as the rules would have it."""
        if lead.only:
            return Understood(commands=lead.only, decided_by="rule", confidence=1.0)
        understood = _pressed(turn.text) or _asked_first(await self._understanding.understand(turn.text, context))
        if not (lead.start or lead.stop):
            return understood
        commands: list[Command] = [CancelFlow()] if lead.stop and context.open_flow else []
        for flow in lead.start:
            commands += self._understanding.begin(flow, turn.text, context)
        if not commands:  # nothing is open that could be stopped
            return understood
        return replace(understood, commands=tuple(dict.fromkeys(commands)), decided_by="rule", confidence=1.0)

    def _is_left_to_the_folder(self, command: Command) -> bool:
        """True for what no flow has a part in, unless the bot folder has a pattern for it."""
        patterns = {SearchAndReply: SEARCH, ChitChat: CHITCHAT, CannotHandle: "pattern_cannot_handle"}
        pattern = patterns.get(type(command))
        return pattern is not None and pattern not in self.playbook.flows

    async def unreadable(self, turn: ProcessTurn, max_chars: int) -> Answer | None:
        """The answer to a message that is too long or empty, where a pattern of the folder has one; else None."""
        if not {"pattern_too_long", "pattern_empty", "pattern_internal_error"} & set(self.playbook.flows):
            return None
        understood = Understood(commands=(CannotHandle(reason="unreadable"),), decided_by="rule", confidence=1.0)
        now = self._now().replace(microsecond=0)
        return await self._advanced(turn, self.state(turn.earlier), understood, None, now, max_chars)

    async def ranked(self, text: str) -> tuple[tuple[str, float], ...]:
        """The intents of a message with their probabilities, best first; none without a classifier."""
        ranked = await asyncio.to_thread(self._understanding.rank, text)
        return tuple((name, confidence * ranked.in_scope) for name, confidence in ranked.intents)

    def text(self, name: str, language: Language) -> str:
        """One of the texts of repair, as the owner worded it."""
        return repair_text(name, language, self.playbook.texts)

    def given(self, state: DialogueState, values: Mapping[str, Any]) -> DialogueState:
        """The state with slots that the rules set."""
        return self._engine.given(state, values)

    def restored(self, answer: Answer, state: DialogueState) -> DialogueState:
        """Where the turn has led so far: the state that its answer left, else `state`."""
        return self._engine.restore(answer.dialogue["state"]) if answer.dialogue else state

    async def _advanced(
        self,
        turn: ProcessTurn,
        state: DialogueState,
        understood: Understood,
        found: Answer | None,
        now: datetime,
        max_chars: int = 0,
    ) -> Answer:
        """The commands carried out. found: the folder's answer, where it was asked already."""
        cited: list[Citation] = []

        async def beside() -> Utterance | None:
            answer = found or await turn.question()
            cited.extend(answer.citations)
            return Utterance(text=answer.text, citations=answer.citations) if answer.outcome == "answered" else None

        advanced = await self._engine.advance(
            state,
            understood.commands,
            TurnInput(
                text=turn.text,
                language=turn.language,
                conversation=turn.conversation,
                user=turn.user,
                now=now,
                answer=beside,
                channel=turn.origin.channel,
                sender=turn.origin.sender,
                events=[
                    *rasa_events(turn.earlier)[-NUM_TRACED:],
                    user_event(turn.text, now.timestamp(), turn.metadata, turn.origin.channel),
                ],
                max_chars=max_chars,
            ),
        )
        return _as_answer(advanced, understood, cited)

    def state(self, earlier: Sequence[Event]) -> DialogueState:
        """Where the conversation stands: the state that its last turn of a process left."""
        last = next((event for event in reversed(earlier) if event.kind == "dialogue"), None)
        if last is None:
            return self._engine.begin()
        state = self._engine.restore(last.data.get("state"))
        # Something was said since that no flow has heard, such as what a guard refused.
        is_unheard = any(event.kind == "user" and event.turn > last.turn for event in earlier)
        return self._engine.doubted(state) if is_unheard else state

    def _context(self, state: DialogueState, turn: ProcessTurn, now: datetime) -> Context:
        open_flows = [frame.flow for frame in state.stack if frame.kind == "flow"]
        ended, ended_values = ("", frozenset[str]()) if open_flows else _ended(turn.earlier)
        return Context(
            language=turn.language,
            now=now,
            open_flow=open_flows[-1] if open_flows else "",
            callers=_callers(state),
            asked=state.asked,
            slots=state.slots,
            confirmation=self._engine.confirmation_slot(state),
            choices=state.choices,
            is_person_offered=bool(turn.earlier) and turn.earlier[-1].kind == "handover_offered",
            startable=self._engine.startable(state),
            offered=frozenset(button.payload for said in state.last_said for button in said.buttons),
            recent=tuple(turn.past[-NUM_RECENT:]),
            ended=ended,
            ended_values=ended_values,
            shown=state.confirmation.shown if state.confirmation else {},
            doubt=state.confirmation.doubt if state.confirmation else "",
        )

    def begun(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a `dialogue` event with which a conversation begins that already knows these slots."""
        state = self._engine.begin()
        state = replace(state, slots={**state.slots, **slots})
        events = [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]
        return {"state": state_to_json(state), "events": events}


def _pressed(text: str) -> Understood | None:
    """The answer that a button of the bot's own questions sends; what the folder's buttons send is read elsewhere."""
    pressed = read_button(text)
    values = {} if pressed is None or pressed.intent else dict(pressed.values)
    if not values or not set(values) <= RESERVED_SLOTS:
        return None
    commands = tuple(SetSlot(slot=name, value=value, extractor="button") for name, value in values.items())
    return Understood(commands=commands, decided_by="button", confidence=1.0)


def _callers(state: DialogueState) -> tuple[str, ...]:
    """The flows that called the one on top and wait for it, the nearest first."""
    callers: list[str] = []
    frames = [frame for frame in state.stack if frame.kind == "flow"]
    while len(frames) > 1 and frames[-1].is_called:
        frames.pop()
        callers.append(frames[-1].flow)
    return tuple(callers)


def _ended(earlier: Sequence[Event]) -> tuple[str, frozenset[str]]:
    """The flow that was completed last, and the texts that slots have held so far."""
    traced = [item for event in earlier if event.kind == "dialogue" for item in event.data.get("events", ())]
    done = [item["flow"] for item in traced if item.get("event") == "flow_completed"]
    values = (item.get("value") for item in traced if item.get("event") == "slot")
    return (
        next((flow for flow in reversed(done) if not flow.startswith("pattern_")), ""),
        frozenset(value for value in values if isinstance(value, str)),
    )


def _asked_first(understood: Understood) -> Understood:
    """A flow is never begun on the small model's word alone: it is asked whether it is meant (docs/decisions.md)."""
    flows = tuple(each.flow for each in understood.commands if isinstance(each, StartFlow))
    if understood.decided_by != "model" or not flows:
        return understood
    others = tuple(each for each in understood.commands if not isinstance(each, StartFlow | Clarify))
    return replace(understood, commands=(Clarify(flows=flows), *others))


def user_event(text: str, at: float, metadata: Mapping[str, Any], channel: str) -> Mapping[str, Any]:
    """What the visitor said, in Rasa's flat form."""
    event = {"event": "user", "text": text, "timestamp": at, "input_channel": channel}
    return {**event, "metadata": dict(metadata)} if metadata else event


def origin_of(event: Event) -> Origin:
    """Where a message came in that was kept."""
    return Origin(**event.data.get("origin", {}))


def rasa_events(earlier: Sequence[Event]) -> list[Mapping[str, Any]]:
    """The conversation in Rasa's flat form, oldest first."""
    events: list[Mapping[str, Any]] = []
    for event in earlier:
        at = event.at.timestamp() if event.at else 0.0
        if event.kind == "user":
            metadata, channel = event.data.get("metadata", {}), origin_of(event).channel
            events.append(user_event(event.data["text"], at, metadata, channel))
        elif event.kind == "bot":
            events.append({"event": "bot", "text": event.data["answer"], "timestamp": at})
        elif event.kind == "dialogue":
            traced = (item for item in event.data.get("events", ()) if item.get("event") in ("slot", "action"))
            events.extend({**item, "timestamp": at} for item in traced)
    return events


def _only_offers(commands: Sequence[Command]) -> bool:
    """True for a choice of flows, with the values that would go along with the one chosen."""
    others = [each for each in commands if not isinstance(each, Clarify)]
    return len(others) < len(commands) and all(isinstance(each, SetSlot) for each in others)


def _with_understood(answer: Answer, understood: Understood) -> Answer:
    """The folder's answer, with how it came that no flow had a part in it: for the record of the turn."""
    record = {"by": understood.decided_by, **_understood_facts(understood)}
    return replace(answer, facts={**answer.facts, "understood": record})


def _understood_facts(understood: Understood) -> dict[str, object]:
    return {
        "commands": commands_to_json(understood.commands),
        "confidence": understood.confidence,
        "details": dict(understood.details),
    }


def _as_answer(advanced: Advanced, understood: Understood, cited: Sequence[Citation]) -> Answer:
    """What was said, as one message; the last one's choices are those that are open."""
    said = [part for part in advanced.utterances if part.text or part.image]
    last = advanced.utterances[-1] if advanced.utterances else Utterance()
    return Answer(
        text="\n\n".join("\n".join(filter(None, (part.text, part.image))) for part in said),
        outcome=advanced.outcome,
        citations=tuple(cited),
        decided_by=f"flow: {understood.decided_by}",
        offers_person=advanced.offers_person,
        facts=_understood_facts(understood),
        buttons=last.buttons,
        utterances=advanced.utterances,
        dialogue={"state": state_to_json(advanced.state), "events": [dict(event) for event in advanced.events]},
    )
