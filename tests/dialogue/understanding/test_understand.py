"""From a message to commands, in the order in which the deciders are heard."""

import asyncio
from typing import Any

import pytest
from tests.dialogue.parcels import DOMAIN, FLOWS, context

from chatwright.dialogue.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    SearchAndReply,
    SetSlot,
    StartFlow,
)
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.dialogue.understanding.understood import ModelReading, Ranked, Understood, Unsure
from chatwright.knowledge.embedders import HashEmbedder

INDEX = FlowIndex([flow for flow in FLOWS.values() if not flow.id.startswith("pattern_")], HashEmbedder(1024))


class ScriptedReader:
    """A model that reads what it is told to; on record is what it was asked."""

    def __init__(self, *commands: Command, problem: str = "") -> None:
        self.reading = ModelReading(commands=commands, confidence=0.6, raw="raw", problem=problem)
        self.asked: list[Unsure] = []

    async def read(self, unsure: Unsure) -> ModelReading:
        self.asked.append(unsure)
        return self.reading


class ScriptedRanker:
    def __init__(self, *intents: tuple[str, float], in_scope: float = 1.0) -> None:
        self.ranked = Ranked(intents=intents, in_scope=in_scope)

    def rank(self, text: str) -> Ranked:
        return self.ranked


def understand(
    text: str, *, has_index: bool = True, model: Any = None, ranker: Any = None, **standing: Any
) -> Understood:
    understanding = Understanding(
        flows=FLOWS, domain=DOMAIN, index=INDEX if has_index else None, model=model, ranker=ranker
    )
    language = "zh" if any(character >= "一" for character in text) else "en"
    return asyncio.run(understanding.understand(text, context(language, **standing)))


RETURN = StartFlow(flow="return_parcel")
ORDER = SetSlot(slot="order_id", value="AB123456")


@pytest.mark.parametrize(
    ("text", "standing", "commands", "by"),
    [
        ("/SetSlots(reason=damaged)", {}, [SetSlot(slot="reason", value="damaged", extractor="button")], "button"),
        ("/give_back", {}, [RETURN], "button"),
        ("hello", {}, [ChitChat(kind="greeting")], "rule"),
        ("I want to return my order", {}, [RETURN], "classifier"),
        ("I want to return my order AB123456, broken", {}, [RETURN, ORDER, SetSlot(slot="reason", value="damaged")], "classifier"),
        ("我要退货，订单AB123456", {}, [RETURN, ORDER], "classifier"),
        ("how much does shipping cost", {}, [SearchAndReply()], "rule"),
        ("退货期限是多少天", {}, [SearchAndReply()], "rule"),
        ("AB123456", {"open_flow": "return_parcel", "asked": "order_id"}, [ORDER], "slots"),
        ("the number is AB123456", {"open_flow": "return_parcel", "asked": "order_id"}, [ORDER], "slots"),
        ("how long does it take?", {"open_flow": "return_parcel", "asked": "order_id"}, [SearchAndReply()], "rule"),
        ("purple", {"open_flow": "return_parcel", "asked": "reason"}, [CannotHandle(reason="not understood")], "nothing"),
        ("I want to book a visit", {"open_flow": "return_parcel", "asked": "order_id"}, [StartFlow(flow="book_visit")], "classifier"),
        ("I want to return my order", {"open_flow": "return_parcel", "asked": "order_id"}, [CannotHandle(reason="not understood")], "nothing"),
        ("I want to book a visit", {"startable": frozenset({"return_parcel"})}, [SearchAndReply()], "nothing"),
        ("zzz qqq", {}, [SearchAndReply()], "nothing"),
        ("and AB123456?", {"ended": "return_parcel"}, [RETURN, ORDER], "classifier"),
        ("oops, typo, AB123456", {"ended": "return_parcel", "ended_values": frozenset({"AB123450"})}, [RETURN, ORDER], "classifier"),
        ("那AB123456呢", {"ended": "return_parcel"}, [RETURN, ORDER], "classifier"),
        ("and AB123456?", {"ended": "return_parcel", "ended_values": frozenset({"AB123456"})}, [SearchAndReply()], "rule"),
        ("and AB123456?", {"ended": "book_visit"}, [SearchAndReply()], "rule"),
        ("cancel it, I want to book a visit", {"open_flow": "return_parcel", "asked": "order_id"}, [CancelFlow(), StartFlow(flow="book_visit")], "rule"),
        ("算了，我想预约参观", {"open_flow": "return_parcel", "asked": "order_id"}, [CancelFlow(), StartFlow(flow="book_visit")], "rule"),
        ("cancel it, the weather is awful", {"open_flow": "return_parcel", "asked": "order_id"}, [CancelFlow()], "rule"),
        ("我要退货：订单AB123456，坏了", {}, [RETURN, ORDER, SetSlot(slot="reason", value="damaged")], "classifier"),
        ("right, go on please", {"open_flow": "return_parcel", "asked": "note"}, [RETURN], "rule"),
        ("那就继续吧", {"open_flow": "return_parcel", "asked": "note"}, [RETURN], "rule"),
        ("it hurts, I don't need it", {"open_flow": "return_parcel", "asked": "reason"}, [SetSlot(slot="reason", value="not_wanted")], "slots"),
        ("I want to return my order", {"open_flow": "return_parcel", "asked": "note"}, [CannotHandle(reason="not understood")], "nothing"),
        ("AB123456, how long does a refund take?", {"open_flow": "return_parcel", "asked": "order_id"}, [ORDER, SearchAndReply()], "slots"),
        ("AB123456，运费谁出", {"open_flow": "return_parcel", "asked": "order_id"}, [ORDER, SearchAndReply()], "slots"),
        ("AB123456，能不能快一点", {"open_flow": "return_parcel", "asked": "order_id"}, [ORDER], "slots"),
        ("AB123456", {}, [Clarify(flows=("return_parcel",)), ORDER], "slots"),
        ("订单号是 AB123456，谢谢", {}, [Clarify(flows=("return_parcel",)), ORDER], "slots"),
        ("AB12", {}, [SearchAndReply()], "nothing"),
        ("AB1234", {}, [Clarify(flows=("return_parcel",))], "slots"),
        ("AB123456", {"startable": frozenset({"book_visit"})}, [SearchAndReply()], "rule"),
        ("I don't want to return my order", {}, [CancelFlow()], "rule"),
        ("no need to return it then", {"open_flow": "return_parcel", "asked": "order_id"}, [CancelFlow()], "rule"),
        ("不用退款了", {}, [CancelFlow()], "rule"),
        ("I don't want a refund, I want to book a visit", {}, [StartFlow(flow="book_visit")], "classifier"),
        ("forget the return, I want to book a visit", {"open_flow": "return_parcel", "asked": "order_id"}, [CancelFlow(), StartFlow(flow="book_visit")], "rule"),
        ("no need to return it", {"open_flow": "book_visit", "asked": "visit_date"}, [StartFlow(flow="book_visit")], "rule"),
        ("return parcel, it is broken", {"choices": ("return_parcel", "book_visit"), "asked": "chosen_flow"}, [RETURN, SetSlot(slot="reason", value="damaged")], "rule"),
        ("yes please", {"choices": ("return_parcel",), "asked": "chosen_flow"}, [RETURN], "rule"),
    ],
)  # fmt: skip
def test_without_a_model(text: str, standing: dict[str, Any], commands: list[Command], by: str) -> None:
    understood = understand(text, **standing)
    assert list(understood.commands) == commands
    assert understood.decided_by == by
    assert 0.0 <= understood.confidence <= 1.0


def test_without_vectors_no_flow_is_begun_by_words() -> None:
    assert understand("I want to return my order", has_index=False).commands == (SearchAndReply(),)


def test_a_button_of_a_slot_that_no_flow_asks_for_counts_only_when_it_was_shown() -> None:
    text = "/SetSlots(is_vip=true)"
    assert understand(text).commands == (CannotHandle(reason="unknown button"),)
    shown = understand(text, offered=frozenset({text}))
    assert shown.commands == (SetSlot(slot="is_vip", value=True, extractor="button"),)


@pytest.mark.parametrize(
    ("ranker", "commands"),
    [
        (ScriptedRanker(("give_back", 0.9)), (RETURN,)),
        (ScriptedRanker(("give_back", 0.9), in_scope=0.1), (SearchAndReply(),)),
        (ScriptedRanker(("give_back", 0.5), ("book_visit", 0.45)), (Clarify(flows=("return_parcel", "book_visit")),)),
        (ScriptedRanker(("something_else", 0.9)), (SearchAndReply(),)),
    ],
)
def test_a_classifier_alone(ranker: ScriptedRanker, commands: tuple[Command, ...]) -> None:
    assert understand("words that mean it", has_index=False, ranker=ranker).commands == commands


def test_the_model_is_asked_for_what_is_left_open() -> None:
    model = ScriptedReader(RETURN)
    understood = understand("could somebody do something with parcel AB123456", model=model)
    assert understood.decided_by == "model"
    assert understood.commands == (RETURN, ORDER)
    assert understood.details["model"] == "raw"
    assert {flow.id for flow in model.asked[0].flows} == {"return_parcel", "book_visit"}


def test_in_a_flow_the_model_reads_the_asked_slot_only() -> None:
    model = ScriptedReader(SetSlot(slot="reason", value="damaged", extractor="model"))
    understood = understand("purple", model=model, open_flow="return_parcel", asked="reason")
    assert understood.commands == model.reading.commands
    assert [slot.name for slot in model.asked[0].slots] == ["reason"]
    assert model.asked[0].flows == ()


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("hello", {}), ("I want to return my order", {}), ("how much is it", {}), ("hmm", {"open_flow": "return_parcel", "asked": "reason"}),
        ("你说呢，我不知道", {"open_flow": "return_parcel", "asked": "reason"}), ("broken", {"open_flow": "return_parcel", "asked": "reason"}),
    ],
)  # fmt: skip
def test_the_model_is_not_asked_for_what_is_clear(text: str, standing: dict[str, Any]) -> None:
    model = ScriptedReader(RETURN)
    understand(text, model=model, **standing)
    assert model.asked == []


@pytest.mark.parametrize("model", [ScriptedReader(), ScriptedReader(problem="timeout")])
def test_a_model_that_has_nothing_to_say_changes_nothing(model: ScriptedReader) -> None:
    text = "could somebody do something with parcel AB123456"
    assert understand(text, model=model).commands == understand(text).commands


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "a\ud800b",
        "{{7*7}} {order_id}",
        "x" * 100_000,
        "/SetSlots(",
        "。" * 3000,
        "start flow book_visit\nhand over",
    ],
)
def test_anything_may_be_said(text: str) -> None:
    for standing in ({}, {"open_flow": "return_parcel", "asked": "order_id"}, {"open_flow": "gone", "asked": "gone"}):
        understood = understand(text, **standing)
        assert understood.commands
        assert not any(
            isinstance(command, StartFlow) and command.flow == "book_visit" for command in understood.commands[1:]
        )


def test_callers_slots_may_be_changed_too() -> None:
    understood = understand(
        "no, the order number is CD654321",
        open_flow="book_visit",
        callers=("return_parcel",),
        asked="wants_call",
        slots={"order_id": "AB123456"},
    )
    assert understood.commands == (SetSlot(slot="order_id", value="CD654321"),)
