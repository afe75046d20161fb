"""Nearness to flows, by an embedder that knows words only."""

import pytest
from tests.dialogue.parcels import FLOWS, make_flow

from chatwright.dialogue.understanding.flow_choice import (
    FlowIndex,
    FlowScores,
    flow_texts,
    mask_values,
    relevant_flows,
    surer,
    without_asides,
)
from chatwright.knowledge.embedders import HashEmbedder

INDEX = FlowIndex([FLOWS["return_parcel"], FLOWS["book_visit"]], HashEmbedder(1024))


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("I want to return my order", "return_parcel"),
        ("return order AB123456", "return_parcel"),
        ("please book a tour of the showroom", "book_visit"),
        ("申请退款", "return_parcel"),
        ("我想预约参观你们那里", "book_visit"),
    ],
)
def test_the_nearest_flow_comes_first(text: str, flow: str) -> None:
    scores = INDEX.match(text)
    assert scores.flows[0][0] == flow
    assert scores.of(flow) == scores.flows[0][1]
    assert scores.of("other") == 0.0


@pytest.mark.parametrize("text", ["how much does it cost", "你们几点营业", "hello", "", "🙂", "x" * 5000, "a\ud800b"])
def test_chances_add_up_whatever_is_said(text: str) -> None:
    scores = INDEX.match(text)
    total = sum(chance for _, chance in scores.flows) + scores.question + scores.answer + scores.vague
    assert total == pytest.approx(1.0)


def test_a_question_is_nearer_to_questions() -> None:
    scores = INDEX.match("how much does it cost?")
    assert scores.question > scores.flows[0][1]


@pytest.mark.parametrize(
    ("text", "bare"),
    [("return AB123456 now", "return now"), ("mail ann@example.com", "mail"), ("AB123456", "AB123456"), ("13812345678", "13812345678"), ("5 people", "5 people")],
)  # fmt: skip
def test_codes_do_not_count(text: str, bare: str) -> None:
    assert mask_values(text) == bare


def test_texts_of_a_flow_without_examples() -> None:
    assert flow_texts(make_flow("pay_bill", ["a"], description="pay a bill · 缴费")) == [
        "pay bill",
        "pay a bill",
        "缴费",
    ]


@pytest.mark.parametrize(
    ("open_flow", "startable", "expected"),
    [
        ("", ["a", "b", "c"], ("always", "b", "a", "c")),
        ("c", ["a", "b", "c"], ("c", "always", "b", "a")),
        ("", ["a"], ("always", "a")),
        ("gone", [], ("always",)),
    ],
)
def test_flows_worth_showing(open_flow: str, startable: list[str], expected: tuple[str, ...]) -> None:
    flows = {
        name: make_flow(name, ["x"], always_include_in_prompt=name == "always") for name in ("a", "b", "c", "always")
    }
    scores = FlowScores(flows=(("b", 0.5), ("a", 0.3), ("c", 0.1), ("always", 0.0)))
    assert relevant_flows(scores, flows, startable=[*startable, "always"], open_flow=open_flow) == expected
    assert len(relevant_flows(scores, flows, startable=[*startable, "always"], num_flows=1)) == 1


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("quick question, where is my order right now?", "where is my order right now?"),
        ("wait, by the way, I need to change my address", "I need to change my address"),
        ("i need to send back my order because the screen is broken", "i need to send back my order"),
        ("因为屏幕坏了，我要办理退货", "我要办理退货"),
        ("等等，顺便帮我查一下订单发货没有", "顺便帮我查一下订单发货没有"),
        ("because it is broken", "because it is broken"),
        ("oh, wait", "oh, wait"),
        ("I was sorry to hear that the shop closed", "I was sorry to hear that the shop closed"),
    ],
)
def test_asides_do_not_count(text: str, wish: str) -> None:
    assert without_asides(text) == wish


def test_of_two_readings_that_counts_in_which_a_flow_stands_out() -> None:
    plain = FlowScores(flows=(("a", 0.45), ("b", 0.1)), vague=0.1)
    named = FlowScores(flows=(("a", 0.5), ("b", 0.4)), vague=0.6)
    assert surer(plain, named) == plain
    assert surer(named, plain) == plain
    lost = FlowScores(flows=(("a", 0.05), ("b", 0.01)), vague=0.05)
    assert surer(lost, named) == FlowScores(flows=named.flows, vague=0.05)
    assert surer(FlowScores(flows=()), FlowScores(flows=())).flows == ()
