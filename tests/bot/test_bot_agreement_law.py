"""The law of writes, with real understanding and the real engine: nothing runs but on an agreement to what was shown last."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialogue.shop import Info

from chatwright.bot.process import Lead, Processes, ProcessTurn
from chatwright.dialogue.commands import Command, SetSlot, StartFlow
from chatwright.dialogue.domain import Domain
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.messages import ActionCall, ActionResult, ConversationId, Event, Language, UserId

FOLDER = Path(__file__).parents[2] / "examples" / "support"
BEGUN: tuple[Command, ...] = (
    StartFlow(flow="change_address"),
    SetSlot(slot="order_id", value="LM100005"),
    SetSlot(slot="new_address", value="Flat 2B, 71 Dorset Street, London W1U 7NQ"),
)
DOES = ("submit it", "yes, go ahead", "确认提交", "改吧", "confirmed", "please change it", "行 那就提交吧")
YES = ("yes", "是的", "yes please")
RIGHT = ("that's right", "对", "对 没错", "yes thats the one", "looks good", "没问题")
WEAK = ("ok", "好", "好的", "great", "kk", "好嘞")
BELIEVING = ("对 这回对了", "now it's right", "这下对了", "that's better")
COURTESY = ("thanks", "ok thanks", "好的谢谢", "嗯谢谢", "嗯", "嗯嗯", "i see", "知道了", "好嘞谢谢")
WAIT = ("let me think", "等一下", "not sure yet", "我再想想")
UNREAD = ("blimey", "哎呀妈呀", "the thing with the stuff", "emm 那啥", "yes, blue ones only", "送到柏林也行", "")
OBJECTION = ("that's wrong", "地址不对", "not that building", "no the other street", "单元号写错了")
ASK = ("how long does it take?", "要钱吗", "can I change it later?", "is it free?")
CHANGE = ("it's Flat 2C, not 2B", "是2C不是2B")
AGREEING = (*DOES, *YES, *RIGHT, *WEAK)
MESSAGES = (*AGREEING, *BELIEVING, *COURTESY, *WAIT, *UNREAD, *OBJECTION, *ASK, *CHANGE)


@cache
def shop() -> tuple[Mapping[str, Flow], Domain]:
    return load_flows(FOLDER), load_domain(FOLDER)


class Visit:
    """One conversation that waits for a yes to a change of address; what ran, and after which message."""

    def __init__(self, language: Language = "en") -> None:
        flows, domain = shop()
        actions = {
            "change_address": Info(True, ("order_id", "new_address")),
            "look_up_order": Info(False, ("order_id",)),
        }

        async def run(call: ActionCall) -> ActionResult:
            self.calls += [dict(call.arguments)] if call.name == "change_address" else []
            return ActionResult(slots={"order_state": "paid"})

        self.calls: list[dict[str, Any]] = []
        self.earlier: list[Event] = []
        self.language = language
        playbook = Playbook(flows=flows, domain=domain, run_action=run, actions=actions)
        understanding = Understanding(flows=flows, domain=domain)
        self.processes = Processes(playbook, understanding, lambda: datetime(2026, 11, 24, 10))

    def say(self, text: str, lead: Lead | None = None) -> str:
        number = max((event.turn for event in self.earlier), default=0) + 1
        turn = ProcessTurn(
            conversation=ConversationId("c"), user=UserId("u"), text=text, language=self.language, past=(), earlier=self.earlier
        )  # fmt: skip
        answer = asyncio.run(self.processes.answer(turn, lead))
        if answer is None:
            return ""
        self.earlier = [
            *self.earlier,
            Event(conversation=turn.conversation, kind="dialogue", turn=number, data=answer.dialogue),
        ]
        return answer.text


@pytest.mark.parametrize("language", ["en", "zh"])
@settings(max_examples=60, deadline=None)
@given(messages=st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=6))
def test_a_write_runs_only_on_an_agreement_to_what_was_shown_last(language: Language, messages: list[str]) -> None:
    visit = Visit(language)
    shown = visit.say("x", Lead(only=BEGUN))
    since: list[str] = []  # said since these values were first shown
    for text in messages:
        before = len(visit.calls)
        said = visit.say(text)
        if len(visit.calls) > before:
            assert len(visit.calls) == 1
            assert text in (*AGREEING, *BELIEVING)
            assert all(str(value) in shown for value in visit.calls[-1].values())
            if set(since) & {*OBJECTION}:
                assert text in DOES
            elif set(since) & {*UNREAD, *BELIEVING}:
                assert text in (*DOES, *YES)
            elif since:
                assert text not in WEAK
            return
        since = [] if text in CHANGE else [*since, text]
        shown = said


SHORT = (*COURTESY, *WEAK, "lovely", "right then")


@pytest.mark.parametrize("first", [*UNREAD, *OBJECTION, *WAIT, *COURTESY, *ASK])
def test_what_was_not_understood_is_not_agreed_to_by_a_short_word(first: str) -> None:
    visit = Visit()
    visit.say("x", Lead(only=BEGUN))
    said = visit.say(first)
    assert first in OBJECTION or "LM100005" in said  # shown again, or asked what it should be
    begun = list(visit.earlier)
    for second in SHORT:
        visit.earlier = list(begun)
        visit.say(second)
        assert (second, visit.calls) == (second, [])


@pytest.mark.parametrize("text", AGREEING)
def test_an_agreement_to_a_fresh_summary_runs_it(text: str) -> None:
    visit = Visit()
    visit.say("x", Lead(only=BEGUN))
    visit.say(text)
    assert len(visit.calls) == 1


@pytest.mark.parametrize("text", CHANGE)
def test_a_correction_by_contrast_is_shown_and_then_agreed_to(text: str) -> None:
    visit = Visit()
    visit.say("x", Lead(only=BEGUN))
    assert "Flat 2C, 71 Dorset Street" in visit.say(text)
    visit.say("confirmed")
    assert [call["new_address"] for call in visit.calls] == ["Flat 2C, 71 Dorset Street, London W1U 7NQ"]


def test_a_message_that_no_flow_heard_makes_the_summary_be_shown_again() -> None:
    visit = Visit()
    visit.say("x", Lead(only=BEGUN))
    visit.earlier.append(Event(conversation=ConversationId("c"), kind="user", turn=9, data={"text": "refused"}))
    assert "LM100005" in visit.say("yes")
    assert visit.calls == []
    visit.say("submit it")
    assert len(visit.calls) == 1
