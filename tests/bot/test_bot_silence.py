"""Silence in a flow: when something is due, told by the stored events alone; one nudge, then the flow waits or ends."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.bot.test_bot_process import opened_shop, say

from chatwright.bot.silence import Due, Silence, due_step, has_lapsed
from chatwright.bot.turn import Bot, Silent
from chatwright.messages import ConversationId, Event, EventKind, Reply, UserId

T0 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OPEN = {"state": {"stack": [{"flow": "f", "kind": "flow"}]}}
CLOSED: dict[str, Any] = {"state": {"stack": []}}
LEAVE = Silence(after_s=60)
CANCEL = Silence(after_s=60, then="cancel", cancel_after_s=100)


def events(*kinds: tuple[EventKind, float, dict[str, Any]]) -> list[Event]:
    """(kind, seconds after the beginning, data)"""
    return [
        Event(conversation=ConversationId("c"), kind=kind, turn=1, data=data, at=T0 + timedelta(seconds=at))
        for kind, at, data in kinds
    ]


ASKED = events(("user", 0, {}), ("commands", 1, {}), ("bot", 1, {}), ("dialogue", 1, OPEN))
NUDGED = [*ASKED, *events(("commands", 70, {"silence": "nudge"}), ("bot", 70, {}), ("dialogue", 70, OPEN))]
ENDED = [*NUDGED, *events(("commands", 180, {"silence": "cancel"}), ("bot", 180, {}), ("dialogue", 180, CLOSED))]
SPOKE = [*NUDGED, *events(("user", 80, {}), ("bot", 81, {}), ("dialogue", 81, OPEN))]


@pytest.mark.parametrize(
    ("silence", "past", "at", "due", "lapsed"),
    [
        (Silence(), ASKED, 999, Due(), False),
        (LEAVE, [], 999, Due(), False),
        (LEAVE, ASKED, 21, Due(wait_s=40), False),
        (LEAVE, ASKED, 61, Due(step="nudge", wait_s=0), False),
        (LEAVE, ASKED, 9999, Due(step="nudge", wait_s=0), False),
        (LEAVE, NUDGED, 9999, Due(), False),
        (LEAVE, SPOKE, 91, Due(wait_s=50), False),
        (LEAVE, events(("user", 0, {}), ("bot", 1, {}), ("dialogue", 1, CLOSED)), 999, Due(), False),
        (LEAVE, events(("user", 0, {}), ("bot", 1, {})), 999, Due(), False),
        (LEAVE, [*ASKED, *events(("handover_requested", 2, {}))], 999, Due(), False),
        (LEAVE, [*ASKED, *events(("handover_requested", 2, {}), ("handover_closed", 3, {}))], 999, Due(step="nudge", wait_s=0), False),
        (CANCEL, ASKED, 61, Due(step="nudge", wait_s=0), False),
        (CANCEL, ASKED, 162, Due(step="nudge", wait_s=0), True),
        (CANCEL, NUDGED, 120, Due(wait_s=50), False),
        (CANCEL, NUDGED, 170, Due(step="cancel", wait_s=0), True),
        (CANCEL, ENDED, 9999, Due(), False),
        (Silence(after_s=60, then="cancel"), NUDGED, 129, Due(wait_s=1), False),
    ],
)  # fmt: skip
def test_what_is_due(silence: Silence, past: Sequence[Event], at: float, due: Due, lapsed: bool) -> None:
    now = T0 + timedelta(seconds=at)
    assert due_step(silence, past, now) == due
    assert has_lapsed(silence, past, now) is lapsed


def with_silence(bot: Bot, then: str, *, after_s: float = 0) -> Bot:
    """The bot with a patience shorter than a folder may ask for, so that no test has to wait."""
    silence = Silence.model_construct(after_s=after_s, then=then, cancel_after_s=after_s or None)
    return replace(bot, definition=bot.definition.model_copy(update={"silence": silence}))


async def in_flow(bot: Bot, texts: Sequence[str]) -> ConversationId:
    conversation = await bot.open(UserId("u"))
    for text in texts:
        await say(bot, conversation, text)
    return conversation


@pytest.mark.parametrize(
    ("text", "nudge", "question", "ended"),
    [
        ("I want to return my order", "Are you still there?", "order number", "I have cancelled “return”"),
        ("我要退货", "您还在吗", "订单号", "已取消“退货”"),
    ],
)
def test_one_nudge_then_the_flow_is_given_up(tmp_path: Path, text: str, nudge: str, question: str, ended: str) -> None:
    async def whole() -> list[Silent]:
        async with opened_shop(tmp_path, []) as shop:
            bot = with_silence(shop, "cancel", after_s=0.0001)
            conversation = await in_flow(bot, [text])
            found = [await bot.silent(conversation) for _ in range(4)]
            kinds = [
                event.data.get("silence") for event in await bot.store.events(conversation) if event.kind == "commands"
            ]
            assert kinds == [None, "nudge", "cancel"]
            return found

    first, second, *rest = asyncio.run(whole())
    assert first.reply is not None
    assert nudge in first.reply.answer
    assert question in first.reply.answer
    assert second.reply is not None
    assert ended.split("“")[0] in second.reply.answer
    assert rest == [Silent(), Silent()]


def test_what_was_asked_can_still_be_answered_and_a_yes_counts(tmp_path: Path) -> None:
    done: list[tuple[str, dict[str, Any]]] = []

    async def whole() -> Reply:
        async with opened_shop(tmp_path, done) as shop:
            bot = with_silence(shop, "leave")
            conversation = await in_flow(bot, ["I want to return my order", "LM100001", "it is faulty"])
            silent = await bot.silent(conversation)
            assert silent.reply is not None
            assert silent.reply.buttons  # the confirmation is shown again
            assert await bot.silent(conversation) == Silent()
            return await say(bot, conversation, "yes")

    assert "registered" in asyncio.run(whole()).answer
    assert [name for name, _ in done].count("register_return") == 1


def test_asked_twice_at_once_it_nudges_once(tmp_path: Path) -> None:
    async def whole() -> list[Silent]:
        async with opened_shop(tmp_path, []) as shop:
            bot = with_silence(shop, "leave")
            conversation = await in_flow(bot, ["I want to return my order"])
            return await asyncio.gather(*(bot.silent(conversation) for _ in range(5)))

    assert sum(silent.reply is not None for silent in asyncio.run(whole())) == 1


def test_it_outlives_the_process(tmp_path: Path) -> None:
    async def first() -> ConversationId:
        async with opened_shop(tmp_path, []) as shop:
            return await in_flow(with_silence(shop, "leave"), ["I want to return my order"])

    async def second(conversation: ConversationId) -> Silent:
        async with opened_shop(tmp_path, []) as shop:
            return await with_silence(shop, "leave").silent(conversation)

    assert asyncio.run(second(asyncio.run(first()))).reply is not None


@pytest.mark.parametrize(("after_s", "is_asked"), [(3600, False), (0, True)])
def test_a_visitor_who_comes_back_too_late_begins_anew(tmp_path: Path, after_s: float, is_asked: bool) -> None:
    async def whole() -> Reply:
        async with opened_shop(tmp_path, []) as shop:
            conversation = await in_flow(shop, ["I want to return my order"])
            return await say(with_silence(shop, "cancel", after_s=after_s), conversation, "Do you sell gift cards?")

    reply = asyncio.run(whole())
    assert ("cancelled" in reply.answer) is is_asked
    assert "10 to 500 dollars" in reply.answer
    assert ("order number" in reply.answer) is not is_asked


def test_nothing_is_said_where_no_flow_is_open(tmp_path: Path) -> None:
    async def whole() -> Silent:
        async with opened_shop(tmp_path, []) as shop:
            bot = with_silence(shop, "leave")
            return await bot.silent(await in_flow(bot, ["Do you sell gift cards?"]))

    assert asyncio.run(whole()) == Silent()
