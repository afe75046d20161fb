"""A finished turn as tests see it: what Rasa's tests call pattern_… and utter_… is there by those names."""

from typing import Any

import pytest

from chatwright.bot.observe import names_of, observe_turn
from chatwright.messages import Citation, ConversationId, Event, Outcome, Reply, Timings, Usage

CITED = Citation(source="a.md", title="A", start=0, end=5, quote="Facts", score=0.9)


def reply(outcome: Outcome = "flow", *, cited: bool = False, offers: bool = False) -> Reply:
    return Reply(
        answer="Facts", outcome=outcome, citations=(CITED,) if cited else (), language="en", model="m", usage=Usage(),
        timings_ms=Timings(), conversation=ConversationId("c"), turn=1, offers_person=offers,
    )  # fmt: skip


def events(decided_by: str, trace: list[dict[str, Any]] | None = None) -> list[Event]:
    found = [Event(conversation=ConversationId("c"), kind="commands", turn=1, data={"decided_by": decided_by})]
    if trace is not None:
        data = {"events": trace, "state": {}}
        found.append(Event(conversation=ConversationId("c"), kind="dialogue", turn=1, data=data))
    return found


def bot(utter: str = "", text: str = "Facts") -> dict[str, Any]:
    return {"event": "bot", "text": text, "utter": utter, "buttons": []}


@pytest.mark.parametrize(
    ("given", "decided_by", "names", "flows"),
    [
        (reply("answered", cited=True), "faq", [], ["pattern_search"]),
        (reply("answered"), "greeting", ["utter_greeting"], ["pattern_chitchat"]),
        (reply("handed_over"), "person", ["utter_human_handoff"], ["pattern_human_handoff"]),
        (reply("abstained"), "threshold", ["utter_no_answer", "utter_no_relevant_answer_found", "utter_no_knowledge_base"], ["pattern_search"]),
        (reply("refused"), "length", ["utter_length"], []),
    ],
)  # fmt: skip
def test_turns_without_a_flow(given: Reply, decided_by: str, names: list[str], flows: list[str]) -> None:
    turn = observe_turn("hi", given, events(decided_by), {})
    said = [event for event in turn.events if event["event"] == "bot"]
    assert [event["names"][: len(names)] for event in said] == [names]
    assert said[0]["quotes"] == (["Facts"] if given.citations else [])
    started = [event["flow"] for event in turn.events if event["event"] == "flow_started"]
    completed = [event["flow"] for event in turn.events if event["event"] == "flow_completed"]
    assert started == completed == flows
    assert turn.decided_by == decided_by


@pytest.mark.parametrize(
    ("trace", "flows"),
    [
        ([bot("utter_corrected")], ["pattern_correction"]),
        ([bot("utter_flow_cancelled")], ["pattern_cancel_flow"]),
        ([bot("utter_completed")], ["pattern_completed"]),
        ([bot("utter_flow_failed")], ["pattern_internal_error"]),
        ([bot("utter_cannot_handle")], ["pattern_cannot_handle"]),
        ([bot("utter_cannot_skip")], ["pattern_skip_question"]),
        ([{"event": "clarification", "flows": ["a"]}, bot("utter_which_flow")], ["pattern_clarification"]),
        ([{"event": "handed_over"}, bot("utter_human_handoff")], ["pattern_human_handoff"]),
        (
            [{"event": "digression"}, bot(), bot("utter_digression_return")],
            ["pattern_search", "pattern_continue_interrupted"],
        ),
        # the folder's own pattern ran: it is not shown twice
        ([{"event": "flow_started", "flow": "pattern_completed"}, bot("utter_completed")], ["pattern_completed"]),
        ([bot("utter_of_the_shop")], []),
    ],
)
def test_texts_of_repair_are_shown_as_the_pattern(trace: list[dict[str, Any]], flows: list[str]) -> None:
    turn = observe_turn("hi", reply(), events("flow: rule", trace), {})
    assert [event["flow"] for event in turn.events if event["event"] == "flow_started"] == flows


def test_who_said_it_and_what_it_cites() -> None:
    trace = [
        {"event": "flow_step", "flow": "f", "step": "a"},
        {"event": "action", "name": "act", "arguments": {}},
        bot(text="by the action"),
        {"event": "flow_step", "flow": "f", "step": "b"},
        bot("utter_x"),
        {"event": "digression"},
        bot(text="by the folder"),
    ]
    turn = observe_turn("hi", reply(cited=True), events("flow: rule", trace), {})
    said = [(event["text"], event["source"], event["quotes"]) for event in turn.events if event["event"] == "bot"]
    assert said == [("by the action", "act", []), ("Facts", "", []), ("by the folder", "", ["Facts"])]


@pytest.mark.parametrize(
    ("state", "offers", "asking", "is_open"),
    [
        ({}, False, "", False),
        ({}, True, "person", False),
        ({"asked": "order_id", "stack": [{"flow": "f"}]}, False, "slot", True),
        ({"asked": "confirmed_action", "stack": [{"flow": "f"}]}, False, "confirmation", True),
        ({"asked": "ok", "confirmation": {"action": "a"}, "stack": [{}]}, False, "confirmation", True),
        ({"asked": "chosen_flow", "choices": ["a", "b"]}, False, "choice", False),
        ({"asked": "wanted_person"}, True, "person", False),
    ],
)
def test_what_the_bot_waits_for(state: dict[str, Any], offers: bool, asking: str, is_open: bool) -> None:
    turn = observe_turn("hi", reply(offers=offers), events("x", []), {"slots": {"a": 1}, **state})
    assert (turn.asking, turn.is_open, turn.slots) == (asking, is_open, {"a": 1})


@pytest.mark.parametrize(
    ("utter", "names"),
    [
        ("", []),
        ("utter_x", ["utter_x"]),
        ("utter_completed", ["utter_completed", "utter_can_do_something_else"]),
    ],
)
def test_names(utter: str, names: list[str]) -> None:
    assert names_of(utter) == names
