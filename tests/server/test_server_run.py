"""The server as a process: signals, exit codes, a taken port, a taken folder."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chatwright.errors import ConfigError
from chatwright.server.run import bind, data_folder_locks
from chatwright.server.server_settings import ServerSettings
from conftest import until

CHILD = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import HashEmbedder, PlainBot
from chatwright.engines.scripted import ScriptedEngine
from chatwright.server.app import create_app
from chatwright.server.run import bind, data_folder_locks, run_server
from chatwright.server.server_settings import ServerSettings
from chatwright.store import open_store

def say(messages):
    text = messages[-1].content
    if "fail" in text:
        raise RuntimeError(text)
    return "word " * 20_000

async def main():
    with data_folder_locks([Path({folder!r})]):
        settings = ServerSettings(port=0, drain_s={drain_s})
        engine = ScriptedEngine(say, model="tiny", num_ctx=100_000, token_delay_s={delay_s})
        store = await open_store(Path({folder!r}) / "conversations.sqlite3")
        bots = {{"support": PlainBot(engine=engine, store=store)}}
        app = create_app(bots, {{"tiny": engine}}, None, settings=settings, keys=None)
        listener = bind("127.0.0.1", 0)
        print(listener.getsockname()[1], flush=True)
        await run_server(app, settings, listener=listener)
        await store.close()

asyncio.run(main())
"""


class Child:
    def __init__(self, folder: Path, *, drain_s: float, delay_s: float) -> None:
        code = CHILD.format(tests=str(Path(__file__).parent), folder=str(folder), drain_s=drain_s, delay_s=delay_s)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def stream(self, max_tokens: int = 20_000) -> socket.socket:
        body = (
            f'{{"model":"tiny","stream":true,"max_tokens":{max_tokens},"messages":[{{"role":"user","content":"Hi"}}]}}'
        )
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        while b"word" not in sock.recv(4096):
            pass
        return sock

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, within_s: float = 30) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=within_s)
        return self.process.returncode, errors


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    children: list[Child] = []

    def make(*, drain_s: float = 25, delay_s: float = 0.01) -> Child:
        children.append(Child(tmp_path / "data", drain_s=drain_s, delay_s=delay_s))
        return children[-1]

    yield make
    for child in children:
        if child.process.poll() is None:
            child.process.kill()
        child.process.communicate()


def read_all(sock: socket.socket) -> bytes:
    heard = b""
    with sock:
        while piece := sock.recv(65536):
            heard += piece
    return heard


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_ends_an_idle_server_with_exit_0(start: Any, number: signal.Signals) -> None:
    child = start()
    assert httpx2.get(f"http://127.0.0.1:{child.port}/health", trust_env=False).status_code == 200
    child.signal(number)
    status, errors = child.end()
    assert status == 0
    assert "Traceback" not in errors


def test_a_stop_signal_lets_a_stream_finish_and_refuses_new_work(start: Any) -> None:
    child = start(delay_s=0.01)
    stream = child.stream(max_tokens=300)
    child.signal(signal.SIGTERM)
    url = f"http://127.0.0.1:{child.port}"
    until(lambda: httpx2.get(f"{url}/ready", trust_env=False).json() == {"status": "draining"})
    assert b"data: [DONE]" in read_all(stream)
    status, errors = child.end()
    assert status == 0
    assert "Traceback" not in errors


def test_streams_are_cut_when_their_time_is_over(start: Any) -> None:
    child = start(drain_s=0.5)
    stream = child.stream()
    child.signal(signal.SIGTERM)
    heard = read_all(stream)
    assert b'"code":"shutting_down"' in heard
    assert b"[DONE]" not in heard
    assert child.end()[0] == 0


def test_a_second_signal_ends_it_at_once(start: Any) -> None:
    child = start(drain_s=1000)
    with child.stream():
        child.signal(signal.SIGTERM)
        until(lambda: httpx2.get(f"http://127.0.0.1:{child.port}/ready", trust_env=False).status_code == 503)
        child.signal(signal.SIGTERM)
        child.end(within_s=20)  # without the second signal it would stream on for minutes


def test_a_killed_server_leaves_its_folder_free(start: Any, tmp_path: Path) -> None:
    child = start()
    with (
        pytest.raises(ConfigError, match=f"process {child.process.pid}") as caught,
        data_folder_locks([tmp_path / "data"]),
    ):
        pass
    assert str(tmp_path / "data") in caught.value.message
    assert caught.value.hint == f"Stop it with: kill {child.process.pid}"
    child.signal(signal.SIGKILL)
    child.end()
    with data_folder_locks([tmp_path / "data", tmp_path / "other", tmp_path / "data"]):
        assert (tmp_path / "data" / "server.pid").read_text() == f"{os.getpid()}\n"


def test_a_taken_port_is_named_with_the_next_step() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}") as caught:
            bind("127.0.0.1", port)
    assert caught.value.hint.startswith("Stop what uses it")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("host", ["203.0.113.9", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(ConfigError, match=host.replace(".", r"\.")):
        bind(host, 0)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("shop.example", False),
    ],
)
def test_loopback_is_only_loopback(host: str, is_loopback: bool) -> None:
    assert ServerSettings(host=host).is_loopback == is_loopback


def test_the_log_is_json_without_what_people_wrote(start: Any) -> None:
    child = start(delay_s=0)
    secret = "my card is 4111"
    with httpx2.Client(base_url=f"http://127.0.0.1:{child.port}", trust_env=False) as http:
        for text in (secret, f"fail {secret}"):
            for is_stream in (False, True):
                body = {"model": "support", "messages": [{"role": "user", "content": text}], "stream": is_stream}
                http.post("/v1/chat/completions", json=body, headers={"x-note": secret, "x-request-id": "one"})
        http.get(f"/v1/models/{secret}?q={secret}", headers={"authorization": f"Bearer {secret}"})
        http.get(f"/{secret}")
        metrics = http.get("/metrics").text
    child.signal(signal.SIGTERM)
    status, errors = child.end()
    assert status == 0
    lines = [json.loads(line) for line in errors.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/v1/chat/completions", 200),
        ("/v1/chat/completions", 200),
        ("/v1/chat/completions", 500),
        ("/v1/chat/completions", 500),
        ("/v1/models/{model:path}", 404),
        ("unknown", 404),
        ("/metrics", 200),
    ]
    assert [line["request_id"] for line in requests[:4]] == ["one"] * 4
    failed = [line for line in lines if line["event"] == "request_failed"]
    assert [line["error_type"] for line in failed] == ["RuntimeError"] * 2
    assert "4111" not in errors + metrics
