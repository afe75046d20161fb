"""Streams over raw sockets: what happens when the reader leaves, stalls, waits, or the server goes down."""

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

from conftest import until

LONG = "word " * 2000


def post(running: Any, path: str, body: dict[str, Any], *, headers: str = "", buffer_bytes: int = 0) -> socket.socket:
    """A request sent by hand, its socket still open."""
    sock = socket.socket()
    if buffer_bytes:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    sock.settimeout(20)
    sock.connect(running.address)
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    )
    sock.sendall(f"{head}{headers}\r\n".encode() + data)
    return sock


def completion(running: Any, model: str, *, is_stream: bool = True, **options: Any) -> socket.socket:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": is_stream}
    return post(running, "/v1/chat/completions", body | ({"max_tokens": 200} if model == "tiny" else {}), **options)


def reset(sock: socket.socket) -> None:
    """Closes with RST, as a killed client does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@pytest.mark.parametrize("model", ["support", "tiny"])
@pytest.mark.parametrize("is_stream", [True, False])
@pytest.mark.parametrize("leave", [reset, socket.socket.close])
def test_a_client_that_leaves_cancels_its_generation(
    serve: Any, model: str, is_stream: bool, leave: Callable[[socket.socket], None]
) -> None:
    with serve(replies=[LONG], token_delay_s=0.02) as running:
        engine = running.bot.engine if model == "support" else running.engine
        sock = completion(running, model, is_stream=is_stream)
        if is_stream:
            while b"word" not in sock.recv(4096):
                pass
        else:
            until(lambda: engine.calls and engine.calls[0].text)
        leave(sock)
        until(lambda: engine.calls[0].was_cancelled)
        if model == "support":
            (summary,) = running.conversations()
            until(lambda: running.kinds(summary.id) == ["user", "interrupted"])
        until(lambda: running.app.state.drain.num_active == 0)


def test_a_client_that_leaves_before_the_first_text_cancels_too(serve: Any) -> None:
    with serve(is_gated=True) as running:
        sock = completion(running, "tiny")
        until(lambda: running.engine.calls)
        reset(sock)
        until(lambda: running.engine.calls[0].was_cancelled)


def test_silence_is_broken_by_comments(serve: Any) -> None:
    with serve(is_gated=True, first_wait_s=0.05, keep_alive_s=0.05) as running:
        sock = completion(running, "tiny")
        heard = b""
        while heard.count(b": keep-alive\n\n") < 2:
            heard += sock.recv(4096)
        assert heard.startswith(b"HTTP/1.1 200 OK")
        running.call(running.engine.gate.set)
        while b"data: [DONE]" not in heard:
            heard += sock.recv(4096)
        sock.close()


def test_a_reader_that_takes_nothing_is_cut(serve: Any) -> None:
    def endless(_messages: Any) -> str:
        return ("x" * 1_000_000 + " ") * 20

    with serve(replies=endless, slow_reader_s=0.3) as running:
        # Twenty tokens of a million letters: more than the system's own buffers hold for a socket.
        sock = post(
            running,
            "/v1/chat/completions",
            {"model": "support", "messages": [{"role": "user", "content": "Hi"}], "stream": True},
            buffer_bytes=4096,
        )
        until(lambda: running.app.state.metrics.registry.get_sample_value("chatwright_requests_total", LABELS) == 1)
        until(lambda: running.app.state.drain.num_active == 0)
        heard = b""
        while piece := sock.recv(65536):
            heard += piece
        assert b"finish_reason" in heard
        assert b"[DONE]" not in heard
        sock.close()


LABELS = {"method": "POST", "route": "/v1/chat/completions", "status": "200"}


@pytest.mark.parametrize("is_stream", [True, False])
def test_going_down_cuts_streams_after_their_time_with_an_event(serve: Any, is_stream: bool) -> None:
    with serve(replies=[LONG], token_delay_s=0.02, drain_s=0.3) as running:
        sock = completion(running, "support", is_stream=is_stream)
        until(lambda: running.bot.engine.calls and running.bot.engine.calls[0].text)
        running.call(running.app.state.drain.begin)
        heard = b""
        while piece := sock.recv(65536):
            heard += piece
        assert b'"code":"shutting_down"' in heard
        assert heard.startswith(b"HTTP/1.1 200" if is_stream else b"HTTP/1.1 503")
        assert b"[DONE]" not in heard
        (summary,) = running.conversations()
        assert running.kinds(summary.id) == ["user", "interrupted"]
        sock.close()


def test_going_down_lets_streams_finish(serve: Any) -> None:
    with serve(is_gated=True, drain_s=20) as running:
        sock = completion(running, "tiny")
        until(lambda: running.engine.calls)
        running.call(running.app.state.drain.begin)
        with running.client() as http:
            assert http.get("/ready").json() == {"status": "draining"}
            assert http.get("/health").status_code == 200
            body = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]}
            refused = http.post("/v1/chat/completions", json=body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "shutting_down")
            assert int(refused.headers["retry-after"]) > 0
        running.call(running.engine.gate.set)
        heard = b""
        while piece := sock.recv(65536):
            heard += piece
        assert b"data: [DONE]" in heard
        sock.close()
