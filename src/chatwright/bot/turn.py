"""One turn of a bot: `Bot.reply`. Its main path is the product; everything it names lives one room below.

The user's turn is durable before the first delta leaves, the bot's answer before the last one. Turns of one
conversation run one after the other, first come first served; closing the iterator early records `interrupted`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from chatwright.bot.answer import Answer, Answerer, pieces
from chatwright.bot.definition import BotDefinition
from chatwright.bot.process import Processes, ProcessTurn, origin_of
from chatwright.bot.record import reply_from_json, reply_to_json
from chatwright.bot.ruling import Rulings
from chatwright.bot.silence import Due, due_step, has_lapsed
from chatwright.dialogue.followup import requested_language, resolve_followup
from chatwright.dialogue.rules.rulebook import RuleBook
from chatwright.dialogue.smalltalk import Smalltalk, classify_smalltalk
from chatwright.errors import ChatwrightError, RequestError
from chatwright.language.detect import detect_language, without_codes
from chatwright.messages import (
    NATIVE,
    ConversationId,
    Delta,
    Event,
    EventKind,
    IdempotencyClaim,
    Language,
    Message,
    Origin,
    Reply,
    Timings,
    UserId,
    Utterance,
)
from chatwright.protocols import Engine, Guard, Retriever, Store
from chatwright.safety.guards import run_guards

HISTORY_TURNS = 6


class Clock:
    """Milliseconds since the message arrived."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.retrieve: float | None = None
        self.first_token: float | None = None

    def now_ms(self) -> float:
        return (time.perf_counter() - self._start) * 1000

    def mark_retrieved(self) -> None:
        self.retrieve = self.now_ms()

    def timings(self) -> Timings:
        return Timings(retrieve=self.retrieve, first_token=self.first_token, total=self.now_ms())


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """What a visitor's silence led to. reply: what was said, None nothing. wait_s: ask again then, None never."""

    reply: Reply | None = None
    wait_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot ready to talk: its definition and the services that `assemble` gave it."""

    definition: BotDefinition
    answerer: Answerer
    store: Store
    guards: tuple[Guard, ...]
    processes: Processes | None = None
    rules: RuleBook = field(default_factory=lambda: RuleBook(()))

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def languages(self) -> tuple[Language, ...]:
        return self.definition.languages

    @property
    def engine(self) -> Engine:
        return self.answerer.engine

    @property
    def retriever(self) -> Retriever:
        return self.answerer.retriever

    def title(self, language: Language) -> str:
        """The bot's name as visitors see it."""
        return self.definition.title.get(language) or next(iter(self.definition.title.values()), self.name)

    def greeting(self, language: Language) -> str:
        """The first words, which say that an AI is speaking."""
        return self.definition.persona.greeting.get(language) or self.answerer.say("greeting", language)

    async def open(
        self, user: UserId, conversation: ConversationId | None = None, *, is_used_at_once: bool = False
    ) -> ConversationId:
        """A new conversation of `user`, or theirs again. Raises RequestError 404 when it is not theirs.

        is_used_at_once: the caller replies in it before telling anybody of it."""
        return await self.store.open_conversation(self.name, user, conversation, is_used_at_once=is_used_at_once)

    async def find(self, user: UserId, said: Sequence[Message], caller: str) -> ConversationId | None:
        """The conversation of `user` that this caller keeps itself and sends back as a whole, None when there is none.

        said: its user and assistant messages. caller: whose requests it is made of; another one's is never found.
        """
        for conversation in await self.store.find_transcript(self.name, user, said):
            events = await self.store.events(conversation)
            first = next((event for event in events if event.kind == "user"), None)
            if first is not None and first.data.get("caller") == caller and is_transcript(events, said):
                return conversation
        return None

    async def reply(
        self,
        conversation: ConversationId,
        text: str,
        *,
        history: Sequence[Message] = (),
        claim: IdempotencyClaim | None = None,
        caller: str = "",
        follows: Sequence[Message] = (),
        metadata: Mapping[str, Any] | None = None,
        origin: Origin = NATIVE,
    ) -> AsyncIterator[Delta]:
        """Streams the answer to `text`; the last delta has the whole `Reply`.

        history: earlier messages when the caller keeps the conversation itself. claim: replays a settled answer.
        caller: kept with the message, see `find`; follows: what was said before it, 409 when it is that no more.
        metadata, origin: of the message, JSON; kept with it and handed to actions.
        Raises RequestError for what the visitor must change, EngineError for what may work later.
        """
        clock = Clock()
        if claim and (settled := await self.store.settled(claim)):
            async for delta in self._replay(reply_from_json(settled.data)):
                yield delta
            return
        async with self.store.turn(conversation) as turn:
            earlier = await self.store.events(conversation)
            if follows and not is_transcript(earlier, follows):
                raise _moved_on()
            past = list(history) or latest_messages(earlier)
            language = self._language(text, past, earlier)
            is_offered = bool(earlier) and earlier[-1].kind == "handover_offered"
            said = {"text": text, "language": language, "caller": caller, "metadata": dict(metadata or {})}
            said |= {"origin": asdict(origin)} if origin != NATIVE else {}
            kept = {name: value for name, value in said.items() if value or name == "text"}
            user_turn = Event(conversation=conversation, kind="user", turn=turn, data=kept)
            await self.store.append([user_turn], claim=claim)
            spoken = ""
            try:
                answer = await self._answer(user_turn, language, past, earlier, clock)
                clock.first_token = clock.now_ms()
                async for piece in pieces(answer.text):
                    spoken += piece
                    yield Delta(text=piece)
                reply = self._reply(answer, language, conversation, turn, clock)
                await self.store.append(self._events(reply, answer, is_offered))
            except ChatwrightError as err:
                await self._interrupted(conversation, turn, spoken, err.code)
                raise
            except BaseException:  # the caller went away: what was said so far is kept, then the cancellation goes on
                # Shielded: a cancelled scope cancels every await inside it again.
                await asyncio.shield(self._interrupted(conversation, turn, spoken, "cancelled"))
                raise
            yield Delta(finish_reason=reply.finish_reason, usage=reply.usage, reply=reply, utterances=answer.utterances)

    async def request_person(self, conversation: ConversationId) -> None:
        """Records that the visitor wants a person; the conversation is listed as waiting from now on."""
        events = await self.store.events(conversation)
        turn = max((event.turn for event in events), default=0)
        await self.store.append([Event(conversation=conversation, kind="handover_requested", turn=turn, data={})])

    async def silent(self, conversation: ConversationId) -> Silent:
        """The nudge of a visitor who has been silent in a flow, or the end of the flow, once each; else how long it is
        until something is due. Safe to ask at any time."""
        due = self._due(await self.store.events(conversation))
        if due.step is None or self.processes is None:
            return Silent(wait_s=due.wait_s)
        clock = Clock()
        async with self.store.turn(conversation) as turn:
            earlier = await self.store.events(conversation)
            due = self._due(earlier)  # another tab may have been told meanwhile
            if due.step is None:
                return Silent(wait_s=due.wait_s)
            language = self._language("", latest_messages(earlier), earlier)
            answer = await self.processes.silent(
                ProcessTurn(
                    conversation=conversation,
                    user=await self.store.user_of(conversation),
                    text="",
                    language=language,
                    past=latest_messages(earlier),
                    earlier=earlier,
                    origin=next((origin_of(event) for event in reversed(earlier) if event.kind == "user"), NATIVE),
                ),
                is_over=due.step == "cancel",
            )
            facts = {**answer.facts, "silence": due.step}
            answer = replace(answer, decided_by=f"silence: {due.step}", facts=facts)
            reply = self._reply(answer, language, conversation, turn, clock)
            stored = await self.store.append(self._events(reply, answer, False))
        return Silent(reply=reply, wait_s=self._due([*earlier, *stored]).wait_s)

    def _due(self, events: Sequence[Event]) -> Due:
        return due_step(self.definition.silence, events, datetime.now(UTC))

    async def give_feedback(
        self, conversation: ConversationId, turn: int, rating: Literal["up", "down"], comment: str = ""
    ) -> None:
        """Records the visitor's judgement of one answer. Raises RequestError 404 when there is no such turn."""
        if not any(event.turn == turn and event.kind == "bot" for event in await self.store.events(conversation)):
            raise RequestError(f"There is no answer {turn} in this conversation.", status=404, param="turn")
        data = {"rating": rating, "comment": comment}
        await self.store.append([Event(conversation=conversation, kind="feedback", turn=turn, data=data)])

    async def close(self) -> None:
        """Ends the store; the engine may be shared and is closed by who made it."""
        await self.store.close()

    async def _answer(
        self,
        user_turn: Event,
        language: Language,
        past: Sequence[Message],
        earlier: Sequence[Event],
        clock: Clock,
    ) -> Answer:
        """Guards and rules, then a business process, else small talk, else the knowledge folder."""
        say, text = self.answerer.say, str(user_turn.data["text"])
        turn = ProcessTurn(
            conversation=user_turn.conversation,
            user=await self.store.user_of(user_turn.conversation),
            text=text,
            language=language,
            past=past,
            metadata=user_turn.data.get("metadata", {}),
            origin=origin_of(user_turn),
            earlier=earlier,
            has_lapsed=has_lapsed(self.definition.silence, earlier, datetime.now(UTC)),
        )
        if unreadable := await self._unreadable(turn):
            return unreadable
        verdict = await run_guards(self.guards, text, "input")
        if verdict.action == "refuse":
            facts: dict[str, object] = {"reason": verdict.reason}
            return Answer(text=say("refused", language), outcome="refused", decided_by="guard", facts=facts)
        question = resolve_followup(verdict.text, past)

        async def from_folder() -> Answer:
            is_offered = bool(earlier) and earlier[-1].kind == "handover_offered"
            if smalltalk := classify_smalltalk(verdict.text, is_offer_open=is_offered):
                return self._smalltalk(smalltalk, language)
            return await self.answerer.answer(question, language, past, clock.mark_retrieved)

        rulings = Rulings(book=self.rules, say=say, processes=self.processes)
        answer = await rulings.answer(replace(turn, text=verdict.text, question=from_folder), from_folder)
        checked = await run_guards(self.guards, answer.text, "output")
        if checked.action == "refuse":
            return replace(
                self.answerer.abstain(language), decided_by=f"guard: {checked.reason}", dialogue=answer.dialogue
            )
        facts = {**answer.facts, "query": question, "guards": verdict.reason}
        utterances = answer.utterances if checked.action == "allow" else await self._masked(answer.utterances)
        return replace(answer, text=checked.text, facts=facts, utterances=utterances)

    async def _masked(self, utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
        """The parts of an answer as the guards leave them: a channel that says them one by one says nothing else."""
        texts = [(await run_guards(self.guards, part.text, "output")).text for part in utterances]
        return tuple(replace(part, text=text) for part, text in zip(utterances, texts, strict=True))

    async def _unreadable(self, turn: ProcessTurn) -> Answer | None:
        """The answer to what is too long, or to nothing at all where the folder has a pattern for it."""
        limit = self.definition.safety.max_message_chars
        is_long = len(turn.text) > limit
        if not is_long and turn.text.strip():
            return None
        cut = replace(turn, text=turn.text[: limit + 1])
        if self.processes and (answer := await self.processes.unreadable(cut, limit)):
            return replace(answer, outcome="refused" if is_long else answer.outcome, decided_by="length")
        if not is_long:
            return None
        text = self.answerer.say("too_long", turn.language, limit=str(limit))
        return Answer(text=text, outcome="refused", decided_by="length")

    def _smalltalk(self, kind: Smalltalk, language: Language) -> Answer:
        said = self.answerer.say(kind, language)
        if kind in ("person", "accept"):
            return Answer(text=said, outcome="handed_over", decided_by=kind)
        return Answer(text=said, outcome="answered", decided_by=kind)

    def _reply(
        self, answer: Answer, language: Language, conversation: ConversationId, turn: int, clock: Clock
    ) -> Reply:
        return Reply(
            answer=answer.text,
            outcome=answer.outcome,
            citations=answer.citations,
            language=language,
            model=self.engine.model,
            usage=answer.usage,
            timings_ms=clock.timings(),
            conversation=conversation,
            turn=turn,
            finish_reason=answer.finish_reason,
            offers_person=answer.offers_person,
            buttons=answer.buttons,
        )

    def _events(self, reply: Reply, answer: Answer, is_offered: bool) -> list[Event]:
        """What this turn adds to the conversation: how it was decided, the answer, and what follows from it."""

        def event(kind: EventKind, data: dict[str, Any]) -> Event:
            return Event(conversation=reply.conversation, kind=kind, turn=reply.turn, data=data)

        events = [
            event("commands", {"decided_by": answer.decided_by, **answer.facts}),
            event("bot", reply_to_json(reply)),
        ]
        if answer.dialogue:
            events.append(event("dialogue", dict(answer.dialogue)))
        if answer.offers_person:
            events.append(event("handover_offered", {}))
        if answer.outcome == "handed_over":
            events.append(event("handover_requested", {"after_offer": is_offered}))
        return events

    async def _interrupted(self, conversation: ConversationId, turn: int, said: str, reason: str) -> None:
        data = {"text": said, "reason": reason}
        await self.store.append([Event(conversation=conversation, kind="interrupted", turn=turn, data=data)])

    async def _replay(self, reply: Reply) -> AsyncIterator[Delta]:
        async for piece in pieces(reply.answer):
            yield Delta(text=piece)
        yield Delta(finish_reason=reply.finish_reason, usage=reply.usage, reply=reply)

    def _language(self, text: str, past: Sequence[Message], earlier: Sequence[Event]) -> Language:
        """The language asked for, else of the message, else of the conversation; one that the bot speaks."""
        spoken = self.definition.languages
        kept = next((str(event.data["language"]) for event in reversed(earlier) if event.kind == "user"), "")
        said = next((message.content for message in reversed(past) if message.role == "user"), "")
        before: Language = "zh" if kept == "zh" else "en" if kept == "en" else detect_language(said, spoken[0])
        words = "" if text.startswith("/") else without_codes(text)  # what a button sends has no language either
        language = requested_language(text) or detect_language(words, before)
        return language if language in spoken else spoken[0]


def _moved_on() -> RequestError:
    return RequestError(
        "Another message has gone on with this conversation meanwhile.",
        hint="Send it again; it then begins a conversation of its own.",
        code="conversation_moved_on",
        status=409,
    )


def is_transcript(events: Sequence[Event], said: Sequence[Message]) -> bool:
    """True when exactly this was said in the conversation, but for spaces."""
    kept = [
        ("user", event.data["text"]) if event.kind == "user" else ("assistant", event.data["answer"])
        for event in events
        if event.kind in ("user", "bot")
    ]
    return [(role, text.split()) for role, text in kept] == [(each.role, each.content.split()) for each in said]


def latest_messages(events: Sequence[Event]) -> list[Message]:
    """The latest HISTORY_TURNS turns as messages, oldest first."""
    messages: list[Message] = []
    for event in events:
        if event.kind == "user":
            messages.append(Message(role="user", content=str(event.data["text"])))
        elif event.kind == "bot":
            messages.append(Message(role="assistant", content=str(event.data["answer"])))
    return messages[-2 * HISTORY_TURNS :]
