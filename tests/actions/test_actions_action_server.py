"""Our client against scripted servers, and against the published rasa-sdk as a process."""

import json
import threading
import zlib
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from tests.actions.conftest import ScriptedHttp, call, free_port, json_answer, run

from chatwright.actions.action_server import ActionServer, domain_digest, webhook_url
from chatwright.actions.actions_settings import ActionServerSettings
from chatwright.actions.registry import ActionRegistry
from chatwright.actions.sending import open_client
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall, ActionResult, Button, Utterance

DOMAIN = {"intents": ["track"], "slots": {"order_id": {"type": "text"}, "city": {"type": "text"}}}
DIGEST: dict[str, Any] = {"domain": "digest"}
OK = json_answer({"events": [{"event": "slot", "timestamp": None, "name": "a", "value": 1}], "responses": []})


def ask(url: str, *calls: ActionCall, raw: Mapping[str, Any] = DOMAIN, **settings: Any) -> list[Any]:
    """What each call gave: its result, or its error. raw: the domain."""

    async def act() -> list[Any]:
        outcomes: list[Any] = []
        async with open_client() as client:
            server = ActionServer(ActionServerSettings(url=url, **settings), client, raw)
            registry = ActionRegistry(fallback=server.action)
            for each in calls:
                try:
                    outcomes.append(await registry.run(each))
                except ActionError as err:
                    outcomes.append(err)
        return outcomes

    return run(act())


def test_a_call_is_posted_with_the_whole_domain(http: ScriptedHttp) -> None:
    http.say(OK)
    assert ask(http.url, call("action_x", text="你好")) == [ActionResult(slots={"a": 1})]
    seen = http.seen[0]
    assert (seen.method, seen.path) == ("POST", "/webhook")
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["idempotency-key"] == "call-1"
    body = json.loads(seen.body)
    assert body["domain"] == DOMAIN
    assert body["domain_digest"] == domain_digest(DOMAIN)
    assert body["tracker"]["latest_message"]["text"] == "你好"


def test_the_domain_stays_at_home_until_it_is_asked_for(http: ScriptedHttp) -> None:
    http.say(json_answer({"error": "Missing domain", "action_name": "action_x"}, 449), OK)
    outcomes = ask(http.url, call("action_x"), call("action_x"), **DIGEST)
    assert outcomes == [ActionResult(slots={"a": 1})] * 2
    assert ["domain" in json.loads(seen.body) for seen in http.seen] == [False, True, False]


def test_a_server_that_never_has_enough_domain_is_asked_twice_only(http: ScriptedHttp) -> None:
    http.say(json_answer({"error": "Missing domain", "action_name": "action_x"}, 449))
    assert ask(http.url, call("action_x"), **DIGEST)[0].code == "bad_reply"
    assert len(http.seen) == 2


@pytest.mark.parametrize("size", [10, 100_000], ids=["small", "large"])
def test_large_bodies_are_deflated(http: ScriptedHttp, size: int) -> None:
    http.say(OK)
    ask(http.url, call("action_x", slots={"note": "备" * size}))
    seen = http.seen[0]
    is_deflated = seen.headers.get("content-encoding") == "deflate"
    assert is_deflated == (size > 1000)
    body = json.loads(zlib.decompress(seen.body) if is_deflated else seen.body)
    assert body["tracker"]["slots"]["note"] == "备" * size


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (json_answer({"error": "not now", "action_name": "action_x"}, 400), "rejected"),
        (json_answer({"error": "Invalid body request"}, 400), "failed"),
        (json_answer({"error": "none", "action_name": "action_x"}, 404), "unknown_action"),
        ((404, {}, b"<html>"), "unreachable"),
        (json_answer({"error": "fire", "request_body": {}}, 500), "failed"),
        ((500, {}, b""), "failed"),
        ((503, {}, b""), "unreachable"),
        ((302, {"Location": "http://169.254.169.254/"}, b""), "bad_reply"),
        (json_answer([], 200), "bad_reply"),
        (json_answer(None, 200), "bad_reply"),
        ((200, {}, b"not json"), "bad_reply"),
        ((200, {}, b"\xff\xfe"), "bad_reply"),
        ((200, {"Content-Encoding": "gzip"}, b"x"), "bad_reply"),
        ((200, {}, b"[" * 200_000), "bad_reply"),
        ((200, {}, b" " * (2**20 + 1)), "bad_reply"),
        (json_answer({"events": [{"event": "slot", "name": "a", "value": "x" * 300_000}] * 1, "responses": []}), None),
        ("cut", "unreachable"),
    ],
    ids=[
        "declined", "invalid", "unknown", "wrong-url", "raised", "raised-html", "away", "redirect", "list", "null", "text",
        "binary", "gzip", "deep", "huge", "long-slot", "cut",
    ],
)  # fmt: skip
def test_every_answer_has_its_meaning(http: ScriptedHttp, answer: Any, code: str | None) -> None:
    http.say(answer)
    outcome = ask(http.url, call("action_x"))[0]
    if code is None:
        assert len(outcome.slots["a"]) == 8000
    else:
        assert isinstance(outcome, ActionError)
        assert outcome.code == code
    assert len(http.seen) == 1  # nothing here may be tried twice


def test_an_idempotent_action_is_tried_once_more(http: ScriptedHttp) -> None:
    for first in ("cut", (503, {}, b"")):
        http.seen.clear()
        http.say(first, OK)
        assert ask(http.url, call("action_x"), idempotent=["action_x"]) == [ActionResult(slots={"a": 1})]
        assert [seen.headers["idempotency-key"] for seen in http.seen] == ["call-1", "call-1"]
    http.seen.clear()
    http.say("cut")
    assert ask(http.url, call("action_x"), idempotent=["action_x"])[0].code == "unreachable"
    assert len(http.seen) == 2


def test_a_write_whose_connection_broke_is_not_repeated_and_says_that_it_may_have_happened(http: ScriptedHttp) -> None:
    http.say("cut", OK)
    outcome = ask(http.url, call("action_x"), writes=["action_x"])[0]
    assert "may or may not" in outcome.message
    assert len(http.seen) == 1


def test_a_server_that_is_down_is_unreachable() -> None:
    assert ask(f"http://127.0.0.1:{free_port()}", call("action_x"))[0].code == "unreachable"


def test_a_server_that_hangs_is_a_timeout(http: ScriptedHttp) -> None:
    release = threading.Event()
    http.say(lambda: release.wait(30) and OK)
    outcome = ask(http.url, call("action_x"), timeout_s=0.2)[0]
    release.set()
    assert outcome.code == "timeout"


def test_secrets_of_headers_are_sent_and_not_told(http: ScriptedHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTION_TOKEN", "tok-12345")
    http.say((500, {}, b""))
    outcome = ask(http.url, call("action_x"), headers={"Authorization": "Bearer ${ACTION_TOKEN}"})[0]
    assert http.seen[0].headers["authorization"] == "Bearer tok-12345"
    assert "tok-12345" not in str(outcome)
    monkeypatch.delenv("ACTION_TOKEN")
    with pytest.raises(ConfigError, match="ACTION_TOKEN"):
        ask(http.url, headers={"Authorization": "Bearer ${ACTION_TOKEN}"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://h:5055/webhook", "http://h:5055/webhook"),
        ("http://h:5055", "http://h:5055/webhook"),
        ("http://h:5055/", "http://h:5055/webhook"),
        ("https://h/bots/7/actions", "https://h/bots/7/actions"),
    ],
)
def test_the_url_may_leave_the_webhook_out(written: str, meant: str) -> None:
    assert webhook_url(written) == meant


def test_equal_domains_have_equal_digests() -> None:
    assert domain_digest({"a": 1, "b": 2}) == domain_digest({"b": 2, "a": 1})
    assert domain_digest({"a": 1}) != domain_digest({"a": 2})


# The published SDK as a process.

EVENTS = (
    {"event": "action", "name": "action_listen", "timestamp": 1.0},
    {
        "event": "user", "text": "上海的订单", "timestamp": 2.0, "input_channel": "rest",
        "parse_data": {
            "intent": {"name": "track", "confidence": 0.9},
            "intent_ranking": [{"name": "nlu_fallback", "confidence": 0.9}, {"name": "track", "confidence": 0.8}],
            "entities": [{"entity": "city", "value": "上海"}],
        },
    },
    {"event": "action", "name": "action_track", "policy": None, "confidence": 1.0, "timestamp": 2.5},
    {"event": "active_loop", "name": "order_form", "timestamp": 3.0},
)  # fmt: skip


def test_sdk_slots_and_responses_of_every_kind(rasa_sdk_server: str) -> None:
    result = ask(rasa_sdk_server, call("action_order_status", slots={"order_id": "A7"}))[0]
    assert list(result.slots.items()) == [("carrier", {"name": "顺丰"}), ("order_status", "delivered")]
    assert result.utterances == (
        Utterance(text="订单 A7 已发货 / order A7 was sent"),
        Utterance(response="utter_order_sent", values={"order": "A7"}),
        Utterance(
            text="还需要什么？",
            buttons=(Button(title="退货", payload='/return{"order": "7"}'),),
            image="https://example.com/parcel.png",
            attachment="https://example.com/bill.pdf",
            custom={"carrier": "SF", "elements": [{"title": "parcel"}]},
        ),
    )


def test_sdk_every_event_of_the_protocol(rasa_sdk_server: str) -> None:
    result = ask(rasa_sdk_server, call("action_every_event"))[0]
    assert result.slots == {"b": None}
    assert [event["event"] for event in result.events] == [
        "user", "bot", "agent", "reset_slots", "restart", "session_started", "session_ended", "rewind", "undo", "export",
        "reminder", "cancel_reminder", "followup", "pause", "resume", "action", "active_loop", "loop_interrupted",
        "action_execution_rejected",
    ]  # fmt: skip


@pytest.mark.parametrize("note", ["", "备" * 100_000], ids=["plain", "deflated"])
def test_sdk_every_field_of_the_tracker_arrives(rasa_sdk_server: str, note: str) -> None:
    asked = call(
        "action_echo",
        text="上海的订单",
        events=EVENTS,
        slots={"order_id": "A7", "note": note},
        stack=({"flow_id": "track"},),
    )
    outcome = ask(rasa_sdk_server, asked, raw=DOMAIN | {"forms": {}})[0]
    seen = outcome.slots["seen"]
    assert (seen["sender_id"], seen["user_id"], seen["paused"]) == ("c1", "u1", False)
    assert seen["slots"]["order_id"] == "A7"
    assert len(seen["slots"]["note"]) == min(len(note), 8000)
    assert seen["events"] == [dict(event) for event in EVENTS]
    assert (seen["latest_event_time"], seen["latest_input_channel"]) == (3.0, "rest")
    assert (seen["intent"], seen["entities"], seen["loop"]) == ("track", ["上海"], "order_form")
    assert seen["latest_message"]["text"] == "上海的订单"
    assert (seen["latest_action_name"], seen["last_action_was_track"]) == ("action_track", True)
    assert seen["stack"] == [{"flow_id": "track"}]
    assert seen["followup_action"] is None
    assert seen["domain_slots"] == ["city", "order_id"]


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("action_declines", "rejected", "现在不行"),
        ("action_missing", "unknown_action", "action_missing"),
        ("action_fails", "failed", "fire"),
    ],
)
def test_sdk_errors_have_their_codes(rasa_sdk_server: str, name: str, code: str, told: str) -> None:
    outcome = ask(rasa_sdk_server, call(name))[0]
    assert outcome.code == code
    assert told in str(outcome)


def test_sdk_asks_for_a_domain_it_does_not_have_and_then_keeps_it(rasa_sdk_server: str) -> None:
    domain = {"slots": {"kept": {"type": "text"}}, "intents": ["only in this test"]}
    asked = call("action_echo")
    statuses: list[int] = []

    async def note(response: httpx2.Response) -> None:
        statuses.append(response.status_code)

    async def act() -> list[Any]:
        async with open_client() as client:
            client.event_hooks["response"].append(note)
            settings = ActionServerSettings(url=f"{rasa_sdk_server}/webhook", domain="digest")
            registry = ActionRegistry(fallback=ActionServer(settings, client, domain).action)
            return [(await registry.run(asked)).slots["seen"]["domain_slots"] for _ in range(2)]

    assert run(act()) == [["kept"], ["kept"]]
    assert statuses == [449, 200, 200]
