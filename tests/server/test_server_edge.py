"""What every answer has, and what is left of an error that nobody expected."""

import asyncio
import json
import threading
from typing import Any

import pytest

from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import ConfigError
from conftest import embedded_bot, until

SECRET = "my card is 4111 1111 1111 1111"
ASK = {"model": "support", "messages": [{"role": "user", "content": SECRET}]}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/chat/completions", 500),
        ("GET", "/v1/models", 200),
        ("DELETE", "/v1/models", 405),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/models/nothing", 404),
        ("POST", "/v1/embeddings", 400),
        ("POST", "/api/bots/support/conversations", 201),
        ("PUT", "/api/bots", 405),
        ("GET", "/api/bots/support/conversations?limit=0", 400),
        ("GET", "/api/bots/support/documents", 400),
        ("GET", "/health", 200),
        ("GET", "/ready", 200),
    ],
)
def test_errors_are_in_their_envelope_and_say_nothing_of_the_inside(
    serve: Any, method: str, path: str, status: int
) -> None:
    def break_down(_messages: Any) -> str:
        raise RuntimeError(f"SELECT * FROM secrets /root/x {SECRET}")

    with serve(replies=break_down) as running, running.client() as http:
        body = ASK if path == "/v1/chat/completions" else {} if method == "POST" else None
        answer = http.request(method, path, json=body, headers={"x-request-id": "abc-1"})
    assert answer.status_code == status
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
    for leak in ("SELECT", "Traceback", "/root", ".py", SECRET):
        assert leak not in answer.text
    if status >= 400:
        keys = {"message", "type", "param", "code"} if path.startswith("/v1") else {"message", "hint", "code"}
        assert set(answer.json()["error"]) == keys


def test_an_unexpected_error_in_a_stream_is_a_plain_event(serve: Any) -> None:
    with serve() as running, running.client() as http:
        running.bot.engine.fail_with = RuntimeError(f"/root {SECRET}")
        running.bot.engine.fail_after_tokens = 1
        answer = http.post("/v1/chat/completions", json=ASK | {"stream": True})
    last = json.loads(answer.text.strip().split("\n\n")[-1].removeprefix("data: "))
    assert last["error"]["code"] == "internal_error"
    assert "/root" not in answer.text


def test_metrics_count_turns_outcomes_tokens_and_waiting(serve: Any) -> None:
    with serve() as running, running.client() as http:
        http.post("/v1/chat/completions", json=ASK)
        http.post("/v1/chat/completions", json=ASK | {"model": "tiny", "stream": True})
        text = http.get("/metrics").text
    for line in (
        'chatwright_turns_total{model="support",outcome="answered"} 1.0',
        'chatwright_turns_total{model="tiny",outcome="stop"} 1.0',
        'chatwright_turns_in_flight{model="tiny"} 0.0',
        'chatwright_first_token_seconds_count{model="tiny"} 1.0',
        'chatwright_turn_seconds_count{model="support"} 1.0',
        'chatwright_requests_total{method="POST",route="/v1/chat/completions",status="200"} 2.0',
    ):
        assert line in text, line


def test_ready_says_what_is_not(serve: Any) -> None:
    with serve() as running, running.client() as http:
        assert http.get("/ready").json() == {"status": "ready"}
        running.engine.is_circuit_open = True
        answer = http.get("/ready")
    assert (answer.status_code, answer.json()["faults"]) == (503, ["engine tiny keeps failing"])


def test_ready_waits_for_models_that_load(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()

    async def start(_engine: Any) -> None:
        await asyncio.to_thread(loaded.wait)

    monkeypatch.setattr(ScriptedEngine, "start", start, raising=False)
    with serve() as running, running.client() as http:
        answer = http.get("/ready")
        assert (answer.status_code, answer.json()["faults"]) == (503, ["engine tiny is loading"])
        loaded.set()
        until(lambda: http.get("/ready").status_code == 200)


def test_a_model_that_cannot_load_is_told_to_who_asks_for_it(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(_engine: Any) -> None:
        raise ConfigError("The model file is damaged.")

    monkeypatch.setattr(ScriptedEngine, "start", start, raising=False)
    with serve() as running, running.client() as http:
        assert http.get("/health").status_code == 200
        running.engine.fail_with = ConfigError("The model file at /root/x is damaged.")
        answer = http.post("/v1/chat/completions", json=ASK | {"model": "tiny"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")


@pytest.mark.parametrize(
    ("options", "is_allowed"),
    [({}, False), ({"cors_origins": ("https://shop.example",)}, True), ({"make_bot": embedded_bot}, True)],
)
def test_other_sites_may_call_only_when_named(serve: Any, options: dict[str, Any], is_allowed: bool) -> None:
    with serve(**options) as running, running.client() as http:
        headers = {"Origin": "https://shop.example"}
        answer = http.get("/api/bots", headers=headers)
        assert (answer.headers.get("access-control-allow-origin") == "https://shop.example") == is_allowed
        wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        preflight = http.options("/api/bots/support/conversations", headers=headers | wanted)
        assert (preflight.status_code == 200) == is_allowed
        for origin in ("null", "https://evil.example"):
            assert "access-control-allow-origin" not in http.get("/api/bots", headers={"Origin": origin}).headers


def test_only_named_hosts_are_answered(serve: Any) -> None:
    with serve(allowed_hosts=("127.0.0.1",)) as running, running.client() as http:
        assert http.get("/health").status_code == 200
        assert http.get("/health", headers={"Host": "evil.example"}).status_code == 400
