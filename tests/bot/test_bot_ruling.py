"""Rules in a turn: what is said, what happens to the flows, and what the record of the turn says of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.bot.test_bot_process import opened_shop, say
from tests.bot.test_bot_turn import opened_bot as opened_plain_bot

from chatwright.bot.turn import Bot
from chatwright.dialogue.rules.rule_settings import Rule
from chatwright.dialogue.rules.rulebook import RuleBook
from chatwright.messages import Event, Reply, UserId

SAID = {"zh": "先说一句。", "en": "One word first."}
LAWYER = {"id": "lawyer", "when": {"says": ["lawyer", "律师"]}, "then": {"hand_over": True}}
RETURN = "I want to return my order"


@dataclass
class Talk:
    """What came of a conversation. records: of each turn, how it was decided."""

    replies: list[Reply] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    done: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [dict(event.data) for event in self.events if event.kind == "commands"]

    @property
    def state(self) -> dict[str, Any]:
        return dict([event.data["state"] for event in self.events if event.kind == "dialogue"][-1])

    @property
    def last(self) -> Reply:
        return self.replies[-1]

    @property
    def fired(self) -> list[str]:
        return [rule["id"] for rule in self.records[-1].get("rules", ())]


@asynccontextmanager
async def opened_plain(
    folder: Path, done: list[tuple[str, dict[str, Any]]], *, probability: float
) -> AsyncIterator[Bot]:
    async with opened_plain_bot(folder, probability=probability) as bot:
        yield bot


def talk(
    folder: Path,
    rules: Sequence[dict[str, Any]],
    texts: Sequence[str],
    *,
    has_flows: bool = True,
    probability: float = 0.9,
) -> Talk:
    """probability: that the folder has the answer to any question."""
    folder.mkdir(exist_ok=True)
    talk = Talk()
    book = RuleBook([Rule.model_validate(rule) for rule in rules])

    async def whole() -> None:
        async with (opened_shop if has_flows else opened_plain)(folder, talk.done, probability=probability) as shop:
            bot = replace(shop, rules=book)
            conversation = await bot.open(UserId("u"))
            talk.replies = [await say(bot, conversation, text) for text in texts]
            talk.events = await bot.store.events(conversation)

    asyncio.run(whole())
    return talk


@pytest.mark.parametrize("has_flows", [True, False])
@pytest.mark.parametrize(
    ("text", "said"), [("my lawyer will call you", "asked a colleague"), ("我的律师会联系你们", "转接人工")]
)
def test_a_rule_hands_over(tmp_path: Path, has_flows: bool, text: str, said: str) -> None:
    found = talk(tmp_path, [LAWYER], [text], has_flows=has_flows)
    assert found.last.outcome == "handed_over"
    assert said in found.last.answer
    assert found.records[-1]["decided_by"] == "rule: lawyer"
    assert found.records[-1]["rules"][0]["because"]["by"] == "words"
    assert found.events[-1].kind == "handover_requested"


def test_a_hand_over_leaves_the_flow_for_the_person(tmp_path: Path) -> None:
    found = talk(tmp_path, [LAWYER], [RETURN, "my lawyer will call you"])
    assert found.last.outcome == "handed_over"
    assert [frame["flow"] for frame in found.state["stack"]] == ["return_parcel"]


@pytest.mark.parametrize("text", ["Do you have a discount for lawyers?", "I do not need a lawyer for this"])
def test_a_question_about_it_is_answered_as_ever(tmp_path: Path, text: str) -> None:
    found = talk(tmp_path, [LAWYER], [text])
    assert found.fired == []
    assert found.last.outcome != "handed_over"


def test_a_refusal_runs_nothing_and_keeps_the_flow(tmp_path: Path) -> None:
    rule = {"id": "no", "when": {"says": ["weapons"]}, "then": {"refuse": True, "say": SAID}}
    found = talk(tmp_path, [rule], [RETURN, "I need weapons", "LM100001"])
    assert (found.replies[1].outcome, found.replies[1].answer) == ("refused", SAID["en"])
    assert "send it back" in found.last.answer  # the flow went on with the next message


def test_a_refusal_without_a_text_has_the_bots_own(tmp_path: Path) -> None:
    found = talk(tmp_path, [{"id": "no", "when": {"says": ["weapons"]}, "then": {"refuse": True}}], ["I need weapons"])
    assert "cannot help with that" in found.last.answer


def test_an_answer_of_the_rule_stands_for_the_folders(tmp_path: Path) -> None:
    rule = {"id": "gift", "when": {"says": ["my gift card"]}, "then": {"answer_with": SAID}}
    found = talk(tmp_path, [rule], ["what about my gift card"])
    assert (found.last.answer, found.last.outcome) == (SAID["en"], "answered")
    within = talk(tmp_path / "b", [rule], [RETURN, "what about my gift card"])
    assert within.last.answer.startswith(SAID["en"])
    assert "order number" in within.last.answer  # and the flow asks again


def test_a_sentence_is_said_beside_the_answer(tmp_path: Path) -> None:
    rules = [
        {"id": "a", "when": {"says": ["gift cards"]}, "then": {"say": SAID}, "priority": 1},
        {"id": "b", "when": {"matches": "(?i)gift"}, "then": {"say": {"zh": "二", "en": "Second."}}},
    ]
    found = talk(tmp_path, rules, ["I like gift cards. Do you sell gift cards?"])
    assert found.last.answer.startswith(f"{SAID['en']}\n\nSecond.\n\n")
    assert found.fired == ["a", "b"]


@pytest.mark.parametrize("texts", [["my parcel was stolen, LM100001"], ["/SetSlots(order_id=LM100001)"]])
def test_a_rule_starts_a_flow_with_what_was_said(tmp_path: Path, texts: list[str]) -> None:
    rule = {"id": "a", "when": {"matches": "stolen"}, "then": {"start_flow": "order_status"}}
    found = talk(tmp_path, [rule], texts)
    is_started = "stolen" in texts[0]
    assert bool(found.fired) == is_started
    assert ("look_up_order" in [name for name, _ in found.done]) == is_started


def test_a_rule_stops_the_flow(tmp_path: Path) -> None:
    rule = {"id": "a", "when": {"says": ["in a hurry"], "flow": "return_parcel"}, "then": {"stop_flow": True}}
    found = talk(tmp_path, [rule], [RETURN, "I am in a hurry"])
    assert "cancelled" in found.last.answer
    assert found.state["stack"] == []
    assert talk(tmp_path / "b", [rule], ["I am in a hurry"]).fired == []


def test_a_rule_sets_slots_whatever_the_turn_is(tmp_path: Path) -> None:
    rule = {"id": "a", "when": {"says": ["gift cards"]}, "then": {"set_slots": {"order_id": "LM100001"}}, "once": True}
    found = talk(tmp_path, [rule], ["I like gift cards. Do you sell gift cards?", "gift cards", RETURN])
    assert found.replies[0].outcome == "answered"
    assert found.state["slots"]["order_id"] == "LM100001"
    assert "send it back" in found.last.answer  # the order was known


def test_a_rule_about_slots_fires_in_the_turn_that_fills_them(tmp_path: Path) -> None:
    rule = {"id": "a", "when": {"slots": 'slots.order_id = "LM100001"'}, "then": {"say": SAID}, "once": True}
    found = talk(tmp_path, [rule], [RETURN, "LM100001", "it is faulty"])
    assert found.replies[1].answer.startswith(SAID["en"])
    assert SAID["en"] not in found.replies[2].answer
    assert "once" in found.records[2]["rules_left_out"][0]["because"]


@pytest.mark.parametrize("has_flows", [True, False])
def test_a_rule_after_nothing_was_found(tmp_path: Path, has_flows: bool) -> None:
    rules: list[dict[str, Any]] = [
        {"id": "person", "when": {"turns_without_progress": 1, "outcome": "abstained"}, "then": {"hand_over": True}},
        {"id": "hint", "when": {"outcome": "abstained"}, "then": {"say": SAID}},
    ]
    asked = "What is the airspeed of an unladen swallow?"
    found = talk(tmp_path, rules, [asked, asked], has_flows=has_flows, probability=0.1)
    first, second = found.replies
    assert first.outcome == "abstained"
    assert first.answer.endswith(SAID["en"])
    assert second.outcome == "handed_over"
    assert "asked a colleague" in second.answer
    assert "Would you like me" not in second.answer
    assert found.fired == ["person", "hint"]


def test_a_flow_may_begin_where_nothing_was_found(tmp_path: Path) -> None:
    rule = {"id": "a", "when": {"outcome": "abstained"}, "then": {"start_flow": "order_status"}}
    found = talk(tmp_path, [rule], ["What is the airspeed of an unladen swallow?"], probability=0.1)
    assert "order number" in found.last.answer
    assert [frame["flow"] for frame in found.state["stack"]] == ["order_status"]


def test_without_rules_the_record_has_none(tmp_path: Path) -> None:
    assert "rules" not in talk(tmp_path, [], ["hello"]).records[-1]
