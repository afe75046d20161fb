import json
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.conftest import call

from chatwright.actions.rasa_wire import call_body, read_call, read_reply, reply_body, tracker_state
from chatwright.errors import ActionError
from chatwright.messages import ActionResult, Button, Utterance

EVENTS = (
    {"event": "action", "name": "action_listen", "timestamp": 1.0},
    {
        "event": "user", "text": "到哪了", "timestamp": 2.0, "input_channel": "rest",
        "parse_data": {
            "intent": {"name": "track", "confidence": 0.9}, "intent_ranking": [{"name": "track", "confidence": 0.9}],
            "entities": [{"entity": "city", "value": "上海"}],
        },
    },
    {"event": "active_loop", "name": "order_form", "timestamp": 3.0},
    {"event": "pause", "timestamp": 4.0},
)  # fmt: skip


def response(**fields: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "text": None, "buttons": [], "elements": [], "custom": {}, "template": None, "response": None, "image": None,
        "attachment": None,
    }  # fmt: skip
    return empty | fields


def test_the_body_has_every_field_of_the_protocol() -> None:
    asked = call("action_x", text="到哪了", events=EVENTS, slots={"order": "7"}, stack=({"flow_id": "track"},))
    body = call_body(asked, {"intents": []}, "d1")
    assert json.loads(json.dumps(body)) == body
    assert {key: body[key] for key in ("next_action", "sender_id", "domain", "domain_digest")} == {
        "next_action": "action_x", "sender_id": "c1", "domain": {"intents": []}, "domain_digest": "d1",
    }  # fmt: skip
    assert body["version"].count(".") == 2
    assert body["tracker"] == {
        "sender_id": "c1",
        "slots": {"order": "7"},
        "latest_message": {
            "text": "到哪了", "intent": {"name": "track", "confidence": 0.9},
            "intent_ranking": [{"name": "track", "confidence": 0.9}],
            "entities": [{"entity": "city", "value": "上海"}], "metadata": {},
        },
        "latest_event_time": 4.0,
        "followup_action": None,
        "paused": True,
        "events": [dict(event) for event in EVENTS],
        "latest_input_channel": "rest",
        "active_loop": {"name": "order_form"},
        "latest_action_name": "action_listen",
        "stack": [{"flow_id": "track"}],
        "user_id": "u1",
    }  # fmt: skip
    assert "domain" not in call_body(asked, None, "d1")


def test_a_conversation_without_events_is_a_tracker_too() -> None:
    state = tracker_state(call())
    assert (state["active_loop"], state["paused"], state["latest_event_time"]) == ({}, False, None)
    assert state["latest_message"]["intent"] == {"name": None, "confidence": 0.0}


def test_slots_keep_the_order_of_their_last_event_and_forgetting_comes_first() -> None:
    events: list[dict[str, Any]] = [
        {"event": "slot", "name": "gone", "value": 1},
        {"event": "reset_slots"},
        {"event": "slot", "name": "a", "value": 1},
        {"event": "slot", "name": "b", "value": 2},
        {"event": "followup", "name": "action_next"},
        {"event": "slot", "name": "a"},
    ]
    result = read_reply("x", {"events": events, "responses": []}).result
    assert list(result.slots.items()) == [("b", 2), ("a", None)]
    assert [event["event"] for event in result.events] == ["reset_slots", "followup"]


def test_responses_become_utterances_and_go_back_unchanged() -> None:
    responses = [
        response(text="好"),
        response(response="utter_sent", template="utter_sent"),
        response(
            text="?", buttons=[{"title": "是", "payload": "/yes"}], image="https://e.com/i.png", attachment={"id": 1},
            custom={"k": 1}, elements=[{"title": "e"}],
        ),
    ]  # fmt: skip
    result = read_reply("x", {"events": [], "responses": responses}).result
    assert result.utterances[0] == Utterance(text="好")
    assert result.utterances[1] == Utterance(response="utter_sent")
    assert result.utterances[2].buttons == (Button(title="是", payload="/yes"),)
    assert result.utterances[2].custom == {"k": 1, "elements": [{"title": "e"}]}
    assert reply_body(result)["responses"] == responses


@pytest.mark.parametrize(
    "event",
    [
        None, 7, "slot", [], {}, {"event": None}, {"event": ["slot"]}, {"event": "launch_missiles"},
        {"event": "slot"}, {"event": "slot", "name": 3}, {"event": "followup", "name": None},
        {"event": "loop_interrupted", "is_interrupted": "yes"}, {"event": "reminder", "intent": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_events_that_are_not_the_protocols_are_dropped_with_a_note(event: Any) -> None:
    good = {"event": "slot", "name": "a", "value": 1}
    reading = read_reply("x", {"events": [event, good], "responses": []})
    assert reading.result == ActionResult(slots={"a": 1})
    assert len(reading.notes) == 1
    assert "dropped" in reading.notes[0]


@pytest.mark.parametrize(
    ("broken", "left"),
    [
        (response(text=7, image="i"), (Utterance(image="i"),)),
        (
            response(buttons=[{"title": 7}, "b", {"title": "ok"}]),
            (Utterance(buttons=(Button(title="ok", payload="ok"),)),),
        ),
        (response(custom=[1], text="t"), (Utterance(text="t"),)),
        (response(), ()),
        ("text", ()),
    ],
    ids=["text", "buttons", "custom", "empty", "string"],
)
def test_fields_of_the_wrong_type_are_dropped(broken: Any, left: tuple[Utterance, ...]) -> None:
    assert read_reply("x", {"events": [], "responses": [broken]}).result.utterances == left


@pytest.mark.parametrize("reply", [None, [], "ok", 7, {"events": {}}, {"events": [], "responses": "hi"}], ids=str)
def test_what_is_no_reply_is_a_bad_reply(reply: Any) -> None:
    with pytest.raises(ActionError) as caught:
        read_reply("x", reply)
    assert caught.value.code == "bad_reply"


def test_floods_are_cut() -> None:
    flood = {"events": [{"event": "undo"}] * 1000, "responses": [response(text="x")] * 1000}
    reading = read_reply("x", flood)
    assert (len(reading.result.events), len(reading.result.utterances)) == (200, 20)
    assert len(reading.notes) == 2


def test_a_call_survives_the_wire() -> None:
    asked = call(
        "action_x", text="到哪了", events=EVENTS, slots={"order": "7"}, stack=({"flow_id": "t"},), language="zh"
    )
    assert read_call(call_body(asked, None, None), "call-1") == asked


@pytest.mark.parametrize("tracker", [None, [], "t", {"slots": []}], ids=str)
def test_a_call_without_a_proper_tracker_is_refused(tracker: Any) -> None:
    with pytest.raises(ValueError, match="tracker"):
        read_call({"next_action": "a", "tracker": tracker}, "c")


def test_a_senders_name_is_the_channels() -> None:
    asked = replace(
        call("action_x", events=({"event": "user", "text": "hi", "input_channel": "socketio"},)), sender="anna"
    )
    body = call_body(asked, None, None)
    assert (body["sender_id"], body["tracker"]["sender_id"]) == ("anna", "anna")
    assert body["tracker"]["latest_input_channel"] == "socketio"
