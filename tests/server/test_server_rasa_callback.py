"""Rasa's callback channel with a real receiver: what arrives, in which order, how often it is tried, where it never goes."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chatwright.errors import ConfigError
from chatwright.server import rasa_callback
from conftest import rasa_bot

WEBHOOK = "/webhooks/callback/webhook"


@dataclass
class Receiver:
    """Answers with these statuses in turn, then with 200; keeps what came."""

    statuses: list[int]
    url: str = ""
    paths: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def receiving(statuses: Sequence[int] = ()) -> Iterator[Receiver]:
    receiver = Receiver(list(statuses))

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.paths.append(self.path)
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            receiver.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/bot"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def callback(url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "allow_private_addresses": True, **more}


def test_what_is_said_is_posted_one_object_a_message_before_success_is_answered(serve: Any) -> None:
    with (
        receiving() as there,
        serve(replies=["one\n\ntwo"], make_bot=rasa_bot(callback=callback(there.url))) as running,
        running.client() as http,
    ):
        got = http.post(WEBHOOK, json={"sender": "anna", "message": "hi"})
        assert (got.status_code, got.text) == (200, "success")
        assert got.headers["content-type"] == "text/plain; charset=utf-8"
        assert there.bodies == [{"recipient_id": "anna", "text": "one"}, {"recipient_id": "anna", "text": "two"}]
        assert there.paths == ["/bot", "/bot"]
        assert there.headers[0]["content-type"] == "application/json"
        assert there.headers[0]["host"] == there.url.removeprefix("http://").removesuffix("/bot")
        assert there.headers[0]["idempotency-key"] != there.headers[1]["idempotency-key"]
        assert [summary.user for summary in running.conversations()] == ["rasa:callback:local:anna"]


def test_it_says_who_it_is_as_its_owner_wrote(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_TOKEN", "s3cret")
    more = {
        "params": {"a": "1"},
        "headers": {"X-Shop": "${CRM_TOKEN}"},
        "token": "${CRM_TOKEN}",
        "token_name": "key",
        "basic_auth": {"username": "bot", "password": "${CRM_TOKEN}"},
    }
    with receiving() as there, serve(make_bot=rasa_bot(callback=callback(there.url, **more))) as running:
        with running.client() as http:
            http.post(WEBHOOK, json={"message": "hi"})
        assert there.paths == ["/bot?a=1&key=s3cret"]
        assert there.headers[0]["x-shop"] == "s3cret"
        assert there.headers[0]["authorization"] == "Basic Ym90OnMzY3JldA=="


@pytest.mark.parametrize(
    ("statuses", "num_tries", "is_delivered"),
    [
        pytest.param([], 1, True, id="at once"),
        pytest.param([204], 1, True, id="204"),
        pytest.param([503, 429], 3, True, id="after a while"),
        pytest.param([500, 500, 500], 3, False, id="never"),
        pytest.param([400], 1, False, id="refused"),
        pytest.param([302], 1, False, id="a redirect is not followed"),
    ],
)
def test_tries(
    serve: Any, monkeypatch: pytest.MonkeyPatch, statuses: list[int], num_tries: int, is_delivered: bool
) -> None:
    monkeypatch.setattr(rasa_callback, "PAUSE_S", 0.001)
    with (
        receiving(statuses) as there,
        serve(make_bot=rasa_bot(callback=callback(there.url), strict=True)) as running,
        running.client() as http,
    ):
        got = http.post(WEBHOOK, json={"message": "hi"})
        assert len(there.bodies) == num_tries
        assert len({headers["idempotency-key"] for headers in there.headers}) == 1
        assert got.text == "success" if is_delivered else got.json()["error"]["code"] == "callback_failed"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://127.0.0.1:9/", id="nobody listens"),
        pytest.param("http://no-such-host.invalid/", id="no such host"),
    ],
)
def test_a_receiver_that_is_not_there_costs_no_answer(serve: Any, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(rasa_callback, "PAUSE_S", 0.001)
    with serve(make_bot=rasa_bot(callback=callback(url))) as running, running.client() as http:
        assert http.post(WEBHOOK, json={"message": "hi"}).text == "success"
        [summary] = running.conversations()
        assert running.kinds(summary.id) == ["user", "bot"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1"])
def test_it_never_goes_inside_this_network_unasked(serve: Any, host: str) -> None:
    with receiving() as there:
        url = there.url.replace("127.0.0.1", host)
        with serve(make_bot=rasa_bot(callback={"url": url}, strict=True)) as running, running.client() as http:
            got = http.post(WEBHOOK, json={"message": "hi"})
            assert got.status_code == 502
            assert there.bodies == []
            assert host not in got.text


def test_an_unset_secret_is_told_at_the_start(serve: Any) -> None:
    bot = rasa_bot(callback={"url": "https://crm.example/", "token": "${NO_SUCH_VARIABLE}"})
    with pytest.raises(ConfigError, match="NO_SUCH_VARIABLE"), serve(make_bot=bot):
        pass


@pytest.mark.parametrize(("strict", "text"), [(False, "success"), (True, "invalid_value")])
def test_an_error_is_told_only_where_it_is_strict(serve: Any, strict: bool, text: str) -> None:
    bot = rasa_bot(callback=callback("http://127.0.0.1:9/"), strict=strict)
    with serve(make_bot=bot) as running, running.client() as http:
        assert text in http.post(WEBHOOK, json={"message": 5}).text
