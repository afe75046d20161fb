"""Processes in a bot: a flow goes through with what was said, is interrupted by a question, and outlives the process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.bot.test_bot_turn import opened_bot as opened_plain_bot

from chatwright.actions.actions_settings import ActionSettings
from chatwright.actions.opening import open_actions
from chatwright.bot.definition import load_definition
from chatwright.bot.process import Processes
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.rules.rulebook import RuleBook
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.messages import NATIVE, ActionCall, ActionResult, ConversationId, Origin, Reply, UserId

SHOP = Path(__file__).parents[2] / "examples" / "support"
RETURN_EN = ["I want to return my order", "LM100001", "it is faulty"]


@asynccontextmanager
async def opened_shop(
    folder: Path,
    done: list[tuple[str, dict[str, Any]]],
    users: list[UserId] | None = None,
    *,
    calls: list[ActionCall] | None = None,
    probability: float = 0.9,
    bot_dir: Path = SHOP,
) -> AsyncIterator[Bot]:
    """The example's flows over a small knowledge folder; no model, and what is carried out is noted in `done`."""
    domain, flows = load_domain(bot_dir), load_flows(bot_dir)
    async with (
        opened_plain_bot(folder, probability=probability) as bot,
        open_actions(bot_dir, ActionSettings(), domain.raw) as registry,
    ):
        actions = {name: registry.find(name) for name in registry.names}

        async def run_action(call: ActionCall) -> ActionResult:
            done.append((call.name, dict(call.arguments)))
            if calls is not None:
                calls.append(call)
            if users is not None:
                users.append(call.user)
            return await registry.run(call)

        playbook = Playbook(flows=flows, domain=domain, run_action=run_action, actions=actions)
        index = FlowIndex(list(flows.values()), HashEmbedder())
        processes = Processes(playbook, Understanding(flows=flows, domain=domain, index=index))
        yield replace(bot, processes=processes, rules=RuleBook(load_definition(bot_dir).rules))


async def say(bot: Bot, conversation: ConversationId, text: str) -> Reply:
    replies = [delta.reply async for delta in bot.reply(conversation, text) if delta.reply is not None]
    return replies[-1]


def talk(folder: Path, texts: Sequence[str]) -> tuple[list[Reply], list[tuple[str, dict[str, Any]]]]:
    done: list[tuple[str, dict[str, Any]]] = []

    async def whole() -> list[Reply]:
        async with opened_shop(folder, done) as bot:
            conversation = await bot.open(UserId("u"))
            return [await say(bot, conversation, text) for text in texts]

    return asyncio.run(whole()), [call for call in done if call[0] != "look_up_order"]


@pytest.mark.parametrize(
    ("texts", "last", "calls"),
    [
        pytest.param(RETURN_EN, "Please check", [], id="a write is shown first"),
        pytest.param(
            [*RETURN_EN, "yes"],
            "registered",
            [("register_return", {"order_id": "LM100001", "return_reason": "faulty"})],
            id="a yes carries it out",
        ),
        pytest.param([*RETURN_EN, "cancel it please"], "cancelled", [], id="a change of mind leaves it"),
        pytest.param(
            [*RETURN_EN, "/SetSlots(confirmed_action=true)"],
            "registered",
            [("register_return", {"order_id": "LM100001", "return_reason": "faulty"})],
            id="the button says yes",
        ),
        pytest.param(
            ["我要退货", "LM100002", "/SetSlots(return_reason=unwanted)", "不对，订单号应该是LM100001", "是的"],
            "已登记退货",
            [("register_return", {"order_id": "LM100001", "return_reason": "unwanted"})],
            id="a correction counts",
        ),
        pytest.param(
            ["我要退货", "LM100002", "我的订单LM100003到哪了", "/SetSlots(return_reason=unwanted)", "是的"],
            "已登记退货",
            [("register_return", {"order_id": "LM100002", "return_reason": "unwanted"})],
            id="another order looked up in between leaves this one",
        ),
        pytest.param(["where is my order", "LM100003", "and LM100005?"], "Order LM100005", [], id="and another"),
        pytest.param(["我要退货", "LM100003"], "还没有送达", [], id="the flow's rules decide"),
        pytest.param(["where is my order", "LM999999"], "cannot find order LM999999", [], id="unknown order"),
    ],
)  # fmt: skip
def test_flows(tmp_path: Path, texts: list[str], last: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
    replies, done = talk(tmp_path, texts)
    assert last in replies[-1].answer
    assert replies[-1].outcome == "flow"
    assert done == calls


def test_a_question_in_between_is_answered_with_its_source_and_the_flow_goes_on(tmp_path: Path) -> None:
    replies, _ = talk(tmp_path, ["I want to return my order", "Do you sell gift cards?", "LM100001"])
    beside, after = replies[1], replies[2]
    assert "from 10 to 500 dollars" in beside.answer
    assert [citation.source for citation in beside.citations] == ["faq.yaml"]
    assert "order number" in beside.answer
    assert "send it back" in after.answer
    assert [button.title for button in after.buttons] == ["It is faulty", "I changed my mind", "Wrong item"]


def test_a_question_without_a_flow_is_the_folders(tmp_path: Path) -> None:
    replies, _ = talk(tmp_path, ["Do you sell gift cards?"])
    assert replies[0].outcome == "answered"
    assert replies[0].citations


def test_the_state_outlives_the_process(tmp_path: Path) -> None:
    done: list[tuple[str, dict[str, Any]]] = []

    async def first() -> ConversationId:
        async with opened_shop(tmp_path, done) as bot:
            conversation = await bot.open(UserId("u"))
            for text in RETURN_EN:
                await say(bot, conversation, text)
            return conversation

    async def second(conversation: ConversationId) -> Reply:
        async with opened_shop(tmp_path, done) as bot:
            return await say(bot, conversation, "yes")

    reply = asyncio.run(second(asyncio.run(first())))
    assert "registered" in reply.answer
    assert ("register_return", {"order_id": "LM100001", "return_reason": "faulty"}) in done


def test_a_number_alone_keeps_the_language(tmp_path: Path) -> None:
    replies, _ = talk(tmp_path, ["我要退货", "LM100001", "/SetSlots(return_reason=faulty)"])
    assert [reply.language for reply in replies] == ["zh", "zh", "zh"]


def test_an_action_knows_the_person_not_only_the_conversation(tmp_path: Path) -> None:
    users: list[UserId] = []

    async def whole() -> None:
        async with opened_shop(tmp_path, [], users) as bot:
            for user in ("ann", "bob"):
                conversation = await bot.open(UserId(user))
                for text in [*RETURN_EN, "yes"]:
                    await say(bot, conversation, text)

    asyncio.run(whole())
    assert users == ["ann", "ann", "bob", "bob"]


@pytest.mark.parametrize(
    ("origin", "sender", "channel"),
    [(NATIVE, "", "chatwright"), (Origin(channel="rest", sender="anna"), "anna", "rest"), (Origin(channel="socketio"), "", "socketio")],
)  # fmt: skip
def test_an_action_knows_where_a_message_came_in(tmp_path: Path, origin: Origin, sender: str, channel: str) -> None:
    calls: list[ActionCall] = []

    async def talked() -> None:
        async with opened_shop(tmp_path, [], calls=calls) as bot:
            conversation = await bot.open(UserId("u"))
            for text in ("where is my order", "LM100001"):
                async for _ in bot.reply(conversation, text, origin=origin):
                    pass

    asyncio.run(talked())
    said = [event for event in calls[0].events if event["event"] == "user"]
    assert calls[0].sender == sender
    assert [event["input_channel"] for event in said] == [channel, channel]


@pytest.mark.parametrize(
    ("text", "by"), [("how long does a refund take", "rule"), ("refund timing for headphones", "nothing"), ("thank you", "rule")]
)  # fmt: skip
def test_a_search_keeps_how_it_was_understood(tmp_path: Path, text: str, by: str) -> None:
    async def kept() -> dict[str, Any]:
        async with opened_shop(tmp_path, []) as bot:
            conversation = await bot.open(UserId("u"))
            await say(bot, conversation, text)
            events = await bot.store.events(conversation)
            return dict(next(event.data for event in events if event.kind == "commands"))

    record = asyncio.run(kept())
    assert record["understood"]["by"] == by
    assert 0 < record["understood"]["confidence"] <= 1
    assert ("flows" in record["understood"]["details"]) is (text != "thank you")


def test_a_bare_number_is_asked_about_and_kept(tmp_path: Path) -> None:
    replies, _ = talk(tmp_path, ["LM100001", "order status"])
    assert [button.title for button in replies[0].buttons] == ["order status", "return", "address change"]
    assert "LM100001" in replies[1].answer
