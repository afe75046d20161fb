"""Rehearses a bot: real conversations in a data folder of their own, with stubbed actions and a time that can be fixed.

In: a bot folder, what may run, what time it is. Out: a BotRehearsal as `evaluation/rehearsal.py` asks for it. The
owner's conversations are never touched; the index is the owner's, so that what is tested is what visitors get. An
action that writes runs only when it is stubbed or `run_writes` is set.
"""

import asyncio
import math
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from chatwright.actions.rasa_wire import read_reply
from chatwright.bot.assemble import Trial, opened_house
from chatwright.bot.observe import observe_turn
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.running.turn_input import RunAction
from chatwright.errors import ActionError, ConfigError
from chatwright.evaluation.flow_coverage import FlowSteps
from chatwright.evaluation.turn_trace import Setup, TurnTrace
from chatwright.language.sentences import split_sentences
from chatwright.messages import ActionCall, ActionResult, ConversationId, Event, UserId
from chatwright.protocols import Embedder
from chatwright.safety.grounding import check_grounding
from chatwright.settings import Settings

_USER = UserId("rehearsal")
# Logistic regression of "it was given to this question" on the e5 similarity; figures: docs/testing.md.
RELEVANCE_SLOPE = 100.0
RELEVANCE_MIDDLE = 0.873


@dataclass(slots=True)
class Cast:
    """What stands before the actions: each conversation's stubs, and the writes that were refused."""

    run_writes: bool
    stubs: dict[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)

    def guarded(self, run: RunAction, writes: Callable[[ActionCall], bool]) -> RunAction:
        """`run`, but for what is stubbed and what must not run."""

        async def guarded_run(call: ActionCall) -> ActionResult:
            stub = self.stubs.get(call.conversation, {}).get(call.name)
            if stub is not None:
                return read_reply(call.name, stub).result
            if writes(call) and not self.run_writes:
                self.refused.setdefault(call.conversation, []).append(call.name)
                raise ActionError("it writes and is not stubbed.", code="rejected")
            return await run(call)

        return guarded_run


@dataclass(frozen=True, slots=True, kw_only=True)
class BotRehearsal:
    """A bot to be talked to by tests; also the judge of its generated answers."""

    bot: Bot
    embedder: Embedder
    cast: Cast

    async def open(self, setup: Setup) -> tuple[ConversationId, TurnTrace]:
        """A new conversation with its slots and stubs. Raises ConfigError for slots where the bot has no flows."""
        conversation = await self.bot.open(_USER)
        self.cast.stubs[conversation] = setup.stubs
        if not setup.slots:
            return conversation, TurnTrace(said="")
        if self.bot.processes is None:
            raise ConfigError("This bot has no flows, so no slots can be set.", hint="Leave the fixtures out.")
        data = self.bot.processes.begun(setup.slots)
        await self.bot.store.append([Event(conversation=conversation, kind="dialogue", turn=0, data=data)])
        return conversation, TurnTrace(said="", events=tuple(data["events"]), slots=data["state"]["slots"])

    async def say(self, conversation: ConversationId, text: str, metadata: Mapping[str, Any]) -> TurnTrace:
        """One turn of the real bot."""
        deltas = [delta async for delta in self.bot.reply(conversation, text, metadata=metadata)]
        reply = deltas[-1].reply
        assert reply is not None, "Bot.reply ended without a reply"
        events = await self.bot.store.events(conversation)
        state = next((event.data.get("state") for event in reversed(events) if event.kind == "dialogue"), None)
        own = [event for event in events if event.turn == reply.turn]
        turn = observe_turn(text, reply, own, state if isinstance(state, Mapping) else {})
        return _with_refused(turn, self.cast.refused.pop(conversation, []))

    def groundedness(self, answer: str, evidence: Sequence[str]) -> float:
        """The share of sentences that one piece of evidence supports, by `safety/grounding.py`; no model."""
        sentences = [answer[start:end] for start, end in split_sentences(answer)]
        supported = [check_grounding(sentence, evidence).is_supported for sentence in sentences if sentence.strip()]
        return sum(supported) / len(supported) if supported else 0.0

    async def relevance(self, question: str, answer: str) -> float:
        """The chance that the answer is about the question, from the e5 similarity of the two; no language model."""

        def similarity() -> float:
            asked, said = self.embedder.embed_queries([question]), self.embedder.embed_passages([answer])
            return float(asked[0] @ said[0])

        return 1 / (1 + math.exp(-RELEVANCE_SLOPE * (await asyncio.to_thread(similarity) - RELEVANCE_MIDDLE)))

    @property
    def flow_steps(self) -> list[FlowSteps]:
        """The steps of the bot's own flows, for coverage."""
        flows = self.bot.processes.playbook.flows.values() if self.bot.processes else ()
        return [_steps(flow) for flow in flows]


def _with_refused(turn: TurnTrace, names: Sequence[str]) -> TurnTrace:
    refused = tuple({"event": "write_refused", "name": name} for name in names)
    return replace(turn, events=(*turn.events, *refused)) if refused else turn


def _steps(flow: Flow) -> FlowSteps:
    return FlowSteps(flow=flow.id, path=flow.path, steps={step.id: step.line for step in flow.steps.values()})


@asynccontextmanager
async def opened_rehearsal(
    bot_dir: Path, settings: Settings, *, now: datetime | None = None, run_writes: bool = False
) -> AsyncIterator[BotRehearsal]:
    """The bot of one folder, ready to be tried. now: local time; None is the clock's."""
    cast = Cast(run_writes=run_writes)
    with tempfile.TemporaryDirectory(prefix="chatwright-test-") as folder:
        clock: Callable[[], datetime] = datetime.now if now is None else lambda: now
        trial = Trial(data_dir=Path(folder), guarded=cast.guarded, now=clock)
        async with opened_house([bot_dir], settings, trial=trial) as house:
            bot = next(iter(house.bots.values()))
            yield BotRehearsal(bot=bot, embedder=house.embedder, cast=cast)
