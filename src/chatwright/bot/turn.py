"""One turn of a bot: `Bot.reply`. Its main path is the product; everything it names lives one room below.

The user's turn is durable before the first delta leaves, the bot's answer before the last one. Turns of one
conversation run one after the other, first come first served; closing the iterator early records `interrupted`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from chatwright.bot.answer import Answer, Answerer, pieces
from chatwright.bot.definition import BotDefinition
from chatwright.bot.process import Processes, ProcessTurn
from chatwright.bot.record import reply_from_json, reply_to_json
from chatwright.dialogue.followup import requested_language, resolve_followup
from chatwright.dialogue.smalltalk import Smalltalk, classify_smalltalk
from chatwright.errors import ChatwrightError, RequestError
from chatwright.language.detect import detect_language, without_codes
from chatwright.messages import (
    ConversationId,
    Delta,
    Event,
    EventKind,
    IdempotencyClaim,
    Language,
    Message,
    Reply,
    Timings,
    UserId,
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
class Bot:
    """A bot ready to talk: its definition and the services that `assemble` gave it."""

    definition: BotDefinition
    answerer: Answerer
    store: Store
    guards: tuple[Guard, ...]
    processes: Processes | None = None

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

    async def reply(
        self,
        conversation: ConversationId,
        text: str,
        *,
        history: Sequence[Message] = (),
        claim: IdempotencyClaim | None = None,
    ) -> AsyncIterator[Delta]:
        """Streams the answer to `text`; the last delta has the whole `Reply`.

        history: earlier messages when the caller keeps the conversation itself. claim: replays a settled answer.
        Raises RequestError for what the visitor must change, EngineError for what may work later.
        """
        clock = Clock()
        if claim and (settled := await self.store.settled(claim)):
            async for delta in self._replay(reply_from_json(settled.data)):
                yield delta
            return
        async with self.store.turn(conversation) as turn:
            earlier = await self.store.events(conversation)
            past = list(history) or latest_messages(earlier)
            language = self._language(text, past, earlier)
            is_offered = bool(earlier) and earlier[-1].kind == "handover_offered"
            user_turn = Event(
                conversation=conversation, kind="user", turn=turn, data={"text": text, "language": language}
            )
            await self.store.append([user_turn], claim=claim)
            said = ""
            try:
                answer = await self._answer(conversation, text, language, past, earlier, clock)
                clock.first_token = clock.now_ms()
                async for piece in pieces(answer.text):
                    said += piece
                    yield Delta(text=piece)
                reply = self._reply(answer, language, conversation, turn, clock)
                await self.store.append(self._events(reply, answer, is_offered))
            except ChatwrightError as err:
                await self._interrupted(conversation, turn, said, err.code)
                raise
            except BaseException:  # the caller went away: what was said so far is kept, then the cancellation goes on
                # Shielded: a cancelled scope cancels every await inside it again.
                await asyncio.shield(self._interrupted(conversation, turn, said, "cancelled"))
                raise
            yield Delta(finish_reason=reply.finish_reason, usage=reply.usage, reply=reply, utterances=answer.utterances)

    async def request_person(self, conversation: ConversationId) -> None:
        """Records that the visitor wants a person; the conversation is listed as waiting from now on."""
        events = await self.store.events(conversation)
        turn = max((event.turn for event in events), default=0)
        await self.store.append([Event(conversation=conversation, kind="handover_requested", turn=turn, data={})])

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
        conversation: ConversationId,
        text: str,
        language: Language,
        past: Sequence[Message],
        earlier: Sequence[Event],
        clock: Clock,
    ) -> Answer:
        """Guards, then a business process, else small talk, else the knowledge folder."""
        say = self.answerer.say
        if len(text) > self.definition.safety.max_message_chars:
            limit = str(self.definition.safety.max_message_chars)
            return Answer(text=say("too_long", language, limit=limit), outcome="refused", decided_by="length")
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

        turn = ProcessTurn(
            conversation=conversation,
            text=verdict.text,
            language=language,
            past=past,
            earlier=earlier,
            question=from_folder,
        )
        answer = (await self.processes.answer(turn) if self.processes else None) or await from_folder()
        checked = await run_guards(self.guards, answer.text, "output")
        if checked.action == "refuse":
            return replace(
                self.answerer.abstain(language), decided_by=f"guard: {checked.reason}", dialogue=answer.dialogue
            )
        facts = {**answer.facts, "query": question, "guards": verdict.reason}
        return replace(answer, text=checked.text, facts=facts)

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


def latest_messages(events: Sequence[Event]) -> list[Message]:
    """The latest HISTORY_TURNS turns as messages, oldest first."""
    messages: list[Message] = []
    for event in events:
        if event.kind == "user":
            messages.append(Message(role="user", content=str(event.data["text"])))
        elif event.kind == "bot":
            messages.append(Message(role="assistant", content=str(event.data["answer"])))
    return messages[-2 * HISTORY_TURNS :]
