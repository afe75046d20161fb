"""Trackers as Rasa's clients read them, by the same credential only; version and status."""

from pathlib import Path
from typing import Any

import pytest
from test_server_rasa_api import show_bot

from chatwright.actions.rasa_wire import PROTOCOL_VERSION
from conftest import rasa_bot

WEBHOOK = "/webhooks/rest/webhook"
EMPTY = {
    "sender_id": "anna",
    "slots": {},
    "latest_message": {
        "text": "",
        "intent": {"name": None, "confidence": 0.0},
        "intent_ranking": [],
        "entities": [],
        "metadata": {},
    },
    "latest_event_time": None,
    "followup_action": None,
    "paused": False,
    "events": [],
    "latest_input_channel": None,
    "active_loop": {},
    "latest_action_name": None,
    "latest_action": None,
    "stack": [],
}


def test_a_sender_who_has_never_spoken(server: Any) -> None:
    with server.client() as http:
        assert http.get("/conversations/anna/tracker").json() == EMPTY
        assert http.get("/conversations/a/b/tracker").json()["sender_id"] == "a/b"
        assert server.conversations() == []


def test_what_was_said_and_done(serve: Any, tmp_path: Path) -> None:
    with serve(make_bot=show_bot(tmp_path)) as running, running.client() as http:
        http.post(WEBHOOK, json={"sender": "anna", "message": "/showcase", "metadata": {"page": "/cart"}})
        tracker = http.get("/bots/support/conversations/anna/tracker").json()
        without = http.get("/conversations/anna/tracker", params={"include_events": "NONE"}).json()
        wrong = http.get("/conversations/anna/tracker", params={"include_events": "SOME"})
    assert tracker["sender_id"] == "anna"
    assert tracker["latest_message"]["text"] == "/showcase"
    assert tracker["latest_input_channel"] == "rest"
    assert tracker["latest_message"]["metadata"] == {"page": "/cart"}
    assert {"event": "slot", "name": "colour", "value": "red"} in [
        {key: event[key] for key in ("event", "name", "value")}
        for event in tracker["events"]
        if event["event"] == "slot"
    ]
    assert "Look here." in next(event["text"] for event in tracker["events"] if event["event"] == "bot")
    assert tracker["events"][0]["text"] == "/showcase"
    assert without == {**tracker, "events": None}
    assert wrong.status_code == 400


def test_another_credential_reads_nothing(serve: Any, ring: Any) -> None:
    shop, bank = ring.create("shop", ("chat",)), ring.create("bank", ("chat",))
    with serve(make_bot=rasa_bot(), keys=ring) as running, running.client() as http:
        http.post(WEBHOOK, json={"sender": "anna", "message": "hi"}, headers={"x-api-key": shop})
        own = http.get("/conversations/anna/tracker", params={"token": shop}).json()
        foreign = http.get("/conversations/anna/tracker", params={"token": bank}).json()
        nobody = http.get("/conversations/anna/tracker", headers={"x-forwarded-for": "203.0.113.7"})
    assert [event["event"] for event in own["events"]] == ["user", "bot"]
    assert foreign == EMPTY
    assert nobody.status_code == 401


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/status", {"model_file": "support", "model_id": "tiny", "num_active_training_jobs": 0}),
        ("/bots/support/status", {"model_file": "support", "model_id": "tiny", "num_active_training_jobs": 0}),
    ],
)
def test_status(server: Any, path: str, answer: dict[str, Any]) -> None:
    with server.client() as http:
        assert http.get(path).json() == answer


def test_version(server: Any) -> None:
    with server.client() as http:
        found = http.get("/version").json()
    assert (found["version"], found["minimum_compatible_version"]) == (PROTOCOL_VERSION, "3.0.0")
