"""The native API over real sockets: a conversation from its greeting to its feedback, and whose it is."""

import json
from typing import Any

import pytest

from conftest import until

BASE = "/api/bots/support/conversations"


def start(http: Any, **body: Any) -> tuple[str, dict[str, str]]:
    """A new conversation's path, and the header that proves it is ours; the cookie is thrown away."""
    answer = http.post(BASE, json=body)
    assert answer.status_code == 201, answer.text
    http.cookies.clear()
    return f"{BASE}/{answer.json()['id']}", {"X-Conversation-Token": answer.headers["X-Conversation-Token"]}


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.parametrize(
    ("language", "greeting"),
    [("en", "Hello, I am an AI."), ("zh", "您好，我是人工智能。"), (None, "Hello, I am an AI.")],
)
def test_a_conversation_begins_with_a_greeting(server: Any, language: str | None, greeting: str) -> None:
    with server.client() as http:
        answer = http.post(BASE, json={"language": language} if language else {})
    assert answer.status_code == 201
    assert answer.json()["greeting"] == greeting
    assert answer.json()["bot"]["name"] == "support"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_message_is_answered_as_events(server: Any) -> None:
    with server.client() as http:
        path, token = start(http)
        answer = http.post(f"{path}/messages", json={"text": "May I return it?"}, headers=token)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *deltas, (name, reply) = events_of(answer.text)
    assert {delta[0] for delta in deltas} == {"delta"}
    assert name == "reply"
    assert "".join(delta[1]["text"] for delta in deltas) == reply["answer"] == "Goods may be returned within 30 days."
    assert reply["citations"][0]["quote"] == "Goods"
    assert {"outcome", "language", "model", "usage", "timings_ms", "conversation", "turn"} <= set(reply)


def test_a_message_is_answered_as_one_object(server: Any) -> None:
    with server.client() as http:
        path, token = start(http)
        answer = http.post(f"{path}/messages", json={"text": "Hi"}, headers=token | {"Accept": "application/json"})
    assert answer.json()["answer"] == "Goods may be returned within 30 days."


def test_the_history_has_what_was_said_and_rated(server: Any) -> None:
    with server.client() as http:
        path, token = start(http)
        http.post(f"{path}/messages", json={"text": "能退货吗？"}, headers=token)
        rated = http.post(f"{path}/feedback", json={"turn": 1, "rating": "up", "comment": "好"}, headers=token)
        assert rated.status_code == 200, rated.text
        history = http.get(path, headers=token).json()
    user, bot = history["messages"]
    assert (user["role"], user["text"], user["turn"]) == ("user", "能退货吗？", 1)
    assert (bot["role"], bot["rating"], bot["reply"]["outcome"]) == ("assistant", "up", "answered")
    assert history["is_waiting"] is False


@pytest.mark.parametrize(
    "body",
    [{"turn": 9, "rating": "up"}, {"turn": 1, "rating": "meh"}, {"turn": 0, "rating": "up"}, {"rating": "up"}, {}],
)
def test_feedback_on_nothing_is_refused(server: Any, body: dict[str, Any]) -> None:
    with server.client() as http:
        path, token = start(http)
        http.post(f"{path}/messages", json={"text": "Hi"}, headers=token)
        assert http.post(f"{path}/feedback", json=body, headers=token).status_code in (400, 404)


def test_asking_for_a_person_puts_the_conversation_on_the_waiting_list_once(server: Any) -> None:
    with server.client() as http:
        path, token = start(http)
        assert [http.post(f"{path}/person", headers=token).status_code for _ in range(2)] == [202, 202]
        waiting = http.get(BASE, params={"waiting": "true"}).json()["conversations"]
        assert http.get(path, headers=token).json()["is_waiting"] is True
    own = path.rsplit("/", 1)[-1]
    assert [item["id"] for item in waiting].count(own) == 1
    assert server.kinds(own) == ["handover_requested"]


def test_a_document_is_read_by_its_source(server: Any) -> None:
    with server.client() as http:
        path, token = start(http)
        where = {"source": "policies/returns.md", "conversation": path.rsplit("/", 1)[-1]}
        found = http.get("/api/bots/support/documents", params=where, headers=token).json()
        assert found["text"][0:5] == "Goods"
        for source in ("/etc/passwd", "../bot.yaml", "policies/returns.md\x00"):
            answer = http.get("/api/bots/support/documents", params=where | {"source": source}, headers=token)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "source_not_found")
        assert http.get("/api/bots/support/documents", params=where).status_code == 404


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("POST", "/messages", {"text": "Hi"}),
        ("POST", "/feedback", {"turn": 1, "rating": "up"}),
        ("POST", "/person", None),
    ],
)
def test_a_visitor_cannot_reach_anothers_conversation(server: Any, method: str, tail: str, body: Any) -> None:
    with server.client() as http:
        mine, my_token = start(http)
        theirs, _ = start(http)
        for headers in (my_token, {}, {"X-Conversation-Token": ""}, {"X-Conversation-Token": "é" * 43}):
            sent = {name: value.encode() for name, value in headers.items()}
            answer = http.request(method, f"{theirs}{tail}", json=body, headers=sent)
            assert answer.status_code == 404
        unknown = http.request(method, f"{BASE}/{'0' * 64}{tail}", json=body, headers=my_token)
        known = http.request(method, f"{theirs}{tail}", json=body, headers=my_token)
    assert unknown.text.replace("0" * 64, "ID") == known.text.replace(theirs.rsplit("/", 1)[-1], "ID")
    assert server.kinds(theirs.rsplit("/", 1)[-1]) == []
    assert mine != theirs


def test_the_cookie_is_as_good_as_the_header_and_only_for_its_own(server: Any) -> None:
    with server.client() as http:
        own = http.post(BASE, json={}).json()["id"]
        assert http.get(f"{BASE}/{own}").status_code == 200
        other, _ = start(http)
        http.post(BASE, json={})
        assert http.get(other).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 400, "empty_message"),
        ({"text": " \n\t　"}, 400, "empty_message"),
        ({"text": "a\x00b"}, 400, "invalid_character"),
        ({"text": "字" * 32_001}, 400, "message_too_long"),
        ({"text": 7}, 400, "invalid_value"),
        ({"text": "Hi", "extra": 1}, 400, "invalid_value"),
        ({}, 400, "invalid_value"),
    ],
)
def test_a_message_that_is_none_is_refused(server: Any, body: Any, status: int, code: str) -> None:
    with server.client() as http:
        path, token = start(http)
        answer = http.post(f"{path}/messages", json=body, headers=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()["error"]) == {"message", "hint", "code"}


def test_only_emoji_goes_to_the_bot(server: Any) -> None:
    with server.client() as http:
        path, token = start(http)
        assert http.post(f"{path}/messages", json={"text": "👍🏽"}, headers=token).status_code == 200


def test_unknown_bots_are_named(server: Any) -> None:
    with server.client() as http:
        answer = http.post("/api/bots/suport/conversations", json={})
    assert answer.status_code == 404
    assert answer.json()["error"]["hint"] == "Did you mean 'support'?"


def test_bots_are_listed_with_their_titles(server: Any) -> None:
    with server.client() as http:
        (bot,) = http.get("/api/bots").json()["bots"]
    titles = {"en": "Shop <help>", "zh": "商店客服"}
    assert bot == {
        "name": "support",
        "languages": ["en", "zh"],
        "titles": titles,
        "suggestions": {},
        "silence_after_s": None,
    }


def test_an_error_before_any_text_has_its_own_status(serve: Any) -> None:
    with serve() as running, running.client() as http:
        path, token = start(http)
        running.bot.engine.is_busy = True
        answer = http.post(f"{path}/messages", json={"text": "Hi"}, headers=token)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_an_error_after_the_first_text_is_an_event(serve: Any) -> None:
    from chatwright.errors import EngineError

    with serve() as running, running.client() as http:
        path, token = start(http)
        running.bot.engine.fail_with = EngineError("The engine has stopped.", hint="Try again.", code="engine_crashed")
        running.bot.engine.fail_after_tokens = 2
        events = events_of(http.post(f"{path}/messages", json={"text": "Hi"}, headers=token).text)
        assert [name for name, _ in events] == ["delta", "delta", "error"]
        assert events[-1][1] == {"message": "The engine has stopped.", "hint": "Try again.", "code": "engine_crashed"}
        last = http.get(path, headers=token).json()["messages"][-1]
        assert (last["text"], last["is_interrupted"]) == ("Goods may", True)


class TestIdempotency:
    def test_the_same_request_is_answered_once(self, serve: Any) -> None:
        with serve(replies=["first", "second"]) as running, running.client() as http:
            path, token = start(http)
            headers = token | {"Idempotency-Key": "one"}
            answers = [
                events_of(http.post(f"{path}/messages", json={"text": "Hi"}, headers=headers).text) for _ in "ab"
            ]
            assert [events[-1][1]["answer"] for events in answers] == ["first", "first"]
            assert len(running.bot.engine.calls) == 1

    def test_another_body_is_422(self, server: Any) -> None:
        with server.client() as http:
            path, token = start(http)
            headers = token | {"Idempotency-Key": "one"}
            assert http.post(f"{path}/messages", json={"text": "Hi"}, headers=headers).status_code == 200
            assert http.post(f"{path}/messages", json={"text": "Ho"}, headers=headers).status_code == 422

    def test_while_it_is_answered_it_is_409(self, serve: Any) -> None:
        with serve(is_gated=True) as running, running.client() as http, running.client() as other:
            path, token = start(http)
            headers = token | {"Idempotency-Key": "one"}
            first = http.build_request("POST", f"{path}/messages", json={"text": "Hi"}, headers=headers)
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(http.send, first)
                until(lambda: running.bot.engine.calls)
                assert other.post(f"{path}/messages", json={"text": "Hi"}, headers=headers).status_code == 409
                running.call(running.bot.engine.gate.set)
                assert answer.result(20).status_code == 200

    @pytest.mark.parametrize("key", ["", "a b", "é", "a" * 256])
    def test_a_malformed_key_is_400(self, server: Any, key: str) -> None:
        with server.client() as http:
            path, token = start(http)
            headers = {name: value.encode() for name, value in (token | {"Idempotency-Key": key}).items()}
            answer = http.post(f"{path}/messages", json={"text": "Hi"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency_key_invalid")

    def test_a_key_is_private_to_its_conversation(self, serve: Any) -> None:
        with serve(replies=["first", "second"]) as running, running.client() as http:
            said = []
            for _ in range(2):
                path, token = start(http)
                headers = token | {"Idempotency-Key": "one"}
                said.append(events_of(http.post(f"{path}/messages", json={"text": "Hi"}, headers=headers).text)[-1][1])
            assert [reply["answer"] for reply in said] == ["first", "second"]

    def test_the_openai_route_replays_too(self, serve: Any) -> None:
        with serve(replies=["first", "second"]) as running, running.client() as http:
            body = {"model": "support", "messages": [{"role": "user", "content": "Hi"}]}
            answers = [
                http.post("/v1/chat/completions", json=body, headers={"Idempotency-Key": "k"}).json() for _ in range(2)
            ]
            assert [answer["choices"][0]["message"]["content"] for answer in answers] == ["first", "first"]
            assert answers[0]["chatwright"]["conversation"] == answers[1]["chatwright"]["conversation"]
            assert len(running.conversations()) == 1
