"""A rehearsal: stubs speak for actions, writes are refused, time stands still, metadata arrives, answers are judged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.bot.rehearsed_shop import rehearsed_shop

from chatwright.actions.rasa_wire import tracker_state
from chatwright.actions.registry import ActionRegistry
from chatwright.bot.assemble import call_writes
from chatwright.bot.rehearse import BotRehearsal, Cast
from chatwright.dialogue.flows.flow import ActionStep, Flow
from chatwright.evaluation.turn_trace import Setup, TurnTrace
from chatwright.messages import ActionCall, ActionResult, ConversationId, UserId

T = TypeVar("T")


def rehearsed(folder: Path, talk: Callable[[BotRehearsal], Awaitable[T]], **options: bool) -> T:
    async def whole() -> T:
        async with rehearsed_shop(folder, **options) as rehearsal:
            return await talk(rehearsal)

    return asyncio.run(whole())


def kinds(turn: TurnTrace) -> list[str]:
    return [str(event["event"]) for event in turn.events]


def test_each_conversation_has_its_own_stubs(tmp_path: Path) -> None:
    async def talk(rehearsal: BotRehearsal) -> list[TurnTrace]:
        stub = {
            "look_up_order": {"events": [{"event": "slot", "name": "order_state", "value": "paid"}], "responses": []}
        }
        first, _ = await rehearsal.open(Setup(stubs=stub))
        second, _ = await rehearsal.open(Setup())
        return [await rehearsal.say(each, "where is my order LM100003", {}) for each in (first, second)]

    stubbed, real = rehearsed(tmp_path, talk)
    assert stubbed.events[[*kinds(stubbed)].index("action") + 1]["value"] == "paid"
    assert real.events[[*kinds(real)].index("action") + 1]["value"] == "shipped"


@pytest.mark.parametrize("run_writes", [False, True])
def test_writes(tmp_path: Path, run_writes: bool) -> None:
    async def talk(rehearsal: BotRehearsal) -> TurnTrace:
        conversation, _ = await rehearsal.open(Setup())
        for text in ("I want to return my order", "LM100001", "it is faulty"):
            await rehearsal.say(conversation, text, {})
        return await rehearsal.say(conversation, "yes", {})

    turn = rehearsed(tmp_path, talk, run_writes=run_writes)
    assert ("write_refused" in kinds(turn)) is not run_writes
    assert ("registered" in turn.answer) is run_writes


def test_slots_and_state_at_the_beginning(tmp_path: Path) -> None:
    async def talk(rehearsal: BotRehearsal) -> tuple[TurnTrace, TurnTrace]:
        conversation, before = await rehearsal.open(Setup(slots={"phone": "13800138000"}))
        return before, await rehearsal.say(conversation, "I want to book a repair", {})

    before, turn = rehearsed(tmp_path, talk)
    assert before.events == ({"event": "slot", "name": "phone", "value": "13800138000"},)
    assert turn.slots["phone"] == "13800138000"
    assert (turn.asking, turn.asked, turn.is_open) == ("slot", "repair_device", True)


def test_metadata_of_a_message_is_kept_and_reaches_actions(tmp_path: Path) -> None:
    calls: list[ActionCall] = []

    async def talk() -> None:
        async with rehearsed_shop(tmp_path, calls=calls) as rehearsal:
            conversation, _ = await rehearsal.open(Setup())
            await rehearsal.say(conversation, "hello", {"device": "desk"})
            await rehearsal.say(conversation, "where is my order LM100003", {"device": "phone"})

    asyncio.run(talk())
    (call,) = calls
    said = [(event["text"], event["metadata"]["device"]) for event in call.events if event["event"] == "user"]
    assert said == [("hello", "desk"), ("where is my order LM100003", "phone")]
    assert tracker_state(call)["latest_message"]["metadata"] == {"device": "phone"}


def test_guarded_calls() -> None:
    ran: list[str] = []

    async def run(call: ActionCall) -> ActionResult:
        ran.append(call.name)
        return ActionResult()

    def call(name: str, conversation: str) -> ActionCall:
        return ActionCall(name=name, conversation=ConversationId(conversation), user=UserId("u"), call_id="1")

    async def whole() -> None:
        cast = Cast(run_writes=False, stubs={"a": {"stubbed": {"responses": [{"text": "hi"}]}}})
        guarded = cast.guarded(run, lambda called: called.name == "write")
        result = await guarded(call("stubbed", "a"))
        assert [said.text for said in result.utterances] == ["hi"]
        await guarded(call("stubbed", "b"))
        await guarded(call("read", "a"))
        with pytest.raises(Exception, match="not stubbed"):
            await guarded(call("write", "a"))
        assert cast.refused == {"a": ["write"]}

    asyncio.run(whole())
    assert ran == ["stubbed", "read"]


@pytest.mark.parametrize(
    ("answer", "evidence", "score"),
    [
        ("Returns take 7 days.", ["Returns take 7 days."], 1.0),
        ("Returns take 9 days.", ["Returns take 7 days."], 0.0),
        ("Returns take 7 days. Shipping is free on Mars.", ["Returns take 7 days."], 0.5),
        ("运费是35元。", ["香港的运费是35元。"], 1.0),
        ("运费是53元。", ["香港的运费是35元。"], 0.0),
        ("", ["x"], 0.0),
        ("Returns take 7 days.", [], 0.0),
    ],
)
def test_groundedness(tmp_path: Path, answer: str, evidence: list[str], score: float) -> None:
    async def judged(rehearsal: BotRehearsal) -> float:
        return rehearsal.groundedness(answer, evidence)

    assert rehearsed(tmp_path, judged) == score


def test_relevance_is_a_share_and_higher_for_what_is_nearer(tmp_path: Path) -> None:
    async def judged(rehearsal: BotRehearsal) -> list[float]:
        answers = ("gift cards from 10 to 500 dollars", "gift cards", "the moon is far away")
        return [await rehearsal.relevance("gift cards", answer) for answer in answers]

    scores = rehearsed(tmp_path, judged)
    assert all(0 <= score <= 1 for score in scores)
    assert scores[1] > scores[2]


def test_the_steps_of_the_flows_have_their_lines(tmp_path: Path) -> None:
    async def steps(rehearsal: BotRehearsal) -> dict[str, int]:
        return {flow.flow: len(flow.steps) for flow in rehearsal.flow_steps if all(flow.steps.values())}

    assert rehearsed(tmp_path, steps) == {
        "order_status": 4, "return_parcel": 7, "change_address": 7, "book_repair": 6, "complaint": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "metadata", "writes"),
    [("read", {}, False), ("write", {}, True), ("read", {"writes": True}, True), ("unknown", {"writes": True}, True)],
)
def test_whether_a_call_writes(name: str, metadata: dict[str, bool], writes: bool) -> None:
    step = ActionStep(id="s", next=(), action=name, metadata=metadata)
    flow = Flow(id="f", description="d", steps={"s": step}, first="s")
    called = ActionCall(
        name=name,
        conversation=ConversationId("c"),
        user=UserId("u"),
        call_id="1",
        stack=({"flow_id": "f", "step_id": "s"},),
    )
    assert (
        call_writes(ActionRegistry([Doing(name="read"), Doing(name="write", is_write=True)]), {"f": flow}, called)
        is writes
    )


@dataclass
class Doing:
    """An action that does nothing, or says that it writes."""

    name: str
    is_write: bool = False
    description: str = ""
    is_idempotent: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)

    async def run(self, call: ActionCall) -> ActionResult:
        return ActionResult()
