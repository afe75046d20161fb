"""Limits: every one at its edge, by real requests where the transport matters."""

import json
import socket
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.errors import RequestError
from chatwright.server.auth import KeyRing, Principal
from chatwright.server.limits import Rates, parse_json_object
from chatwright.server.server_settings import ServerSettings

PATH = "/v1/chat/completions"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n".encode()
HI = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]}


def raw(running: Any, request: bytes) -> bytes:
    """The whole answer to bytes sent by hand."""
    with socket.create_connection(running.address, timeout=20) as sock:
        sock.sendall(request)
        heard = b""
        while piece := sock.recv(65536):
            heard += piece
            head, _, body = heard.partition(b"\r\n\r\n")
            lengths = [line[16:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")]
            if lengths and len(body) >= int(lengths[0]):
                break
        return heard


def test_ten_megabytes_are_413_in_one_line(server: Any) -> None:
    body = {**HI, "messages": [{"role": "user", "content": "a" * 10_000_000}]}
    with server.client() as http:
        answer = http.post(PATH, json=body)
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "request_too_large"
        assert "\n" not in answer.json()["error"]["message"]
        assert http.post(PATH, json=HI).status_code == 200


def test_a_declared_size_is_refused_before_the_body_is_sent(server: Any) -> None:
    assert raw(server, HEAD + b"Content-Length: 99999999999\r\n\r\n").startswith(b"HTTP/1.1 413")


def test_a_body_without_a_declared_size_is_counted(server: Any) -> None:
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert raw(server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + piece * 17).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_408(serve: Any) -> None:
    with serve(body_timeout_s=0.2) as running:
        assert raw(running, HEAD + b"Content-Length: 100\r\n\r\n{").startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "header", [b"".join(b"x-%d: a\r\n" % i for i in range(200)), b"x-long: " + b"a" * 40_000 + b"\r\n"]
)
def test_too_many_headers_are_431(server: Any, header: bytes) -> None:
    answer = raw(server, b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b"[]", "invalid_json"),
        (b"null", "invalid_json"),
        (b'{"a": NaN}', "invalid_json"),
        (b'{"a": "\\ud800"}', "invalid_json"),
        (b'{"a": "\xff\xfe"}', "invalid_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}", "json_too_deep"),
        (b'{"a":' * 150_000, "invalid_json"),
        (b"[" * 900_000, "invalid_json"),
    ],
)
@pytest.mark.parametrize("path", [PATH, "/v1/embeddings", "/api/bots/support/conversations"])
def test_bodies_that_are_no_json_object_are_400(server: Any, path: str, body: bytes, code: str) -> None:
    with server.client() as http:
        answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("path", "status"), [(PATH, 400), ("/v1/embeddings", 400), ("/api/bots/support/conversations", 201)]
)
def test_no_body_is_enough_only_where_nothing_must_be_said(server: Any, path: str, status: int) -> None:
    with server.client() as http:
        assert http.post(path).status_code == status


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_foreign_page_can_send_unasked_is_415(server: Any, media_type: str) -> None:
    with server.client() as http:
        answer = http.post(PATH, content=json.dumps(HI), headers={"Content-Type": media_type})
    assert answer.status_code == 415


@settings(deadline=None)
@given(st.integers(1, 80), st.sampled_from(["list", "object", "mixed"]))
def test_depth_is_counted_exactly(depth: int, shape: str) -> None:
    value: Any = 0
    for level in range(depth - 1):
        is_list = shape == "list" or (shape == "mixed" and level % 2)
        value = [value] if is_list else {"a": value}
    body = json.dumps({"a": value}).encode()
    if depth <= 64:
        assert parse_json_object(body, max_depth=64) == {"a": value}
    else:
        with pytest.raises(RequestError, match="deeper than 64"):
            parse_json_object(body, max_depth=64)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_an_error_of_ours(body: bytes) -> None:
    try:
        assert isinstance(parse_json_object(body, max_depth=64), dict)
    except RequestError as error:
        if error.status != 400:
            raise


class TestRates:
    def make(self, **settings: Any) -> tuple[Rates, list[float]]:
        now = [0.0]
        return Rates(ServerSettings(**settings), clock=lambda: now[0]), now

    def accepted(self, rates: Rates, principal: Principal, num_requests: int) -> int:
        def ask() -> bool:
            try:
                rates.spend(principal)
            except RequestError as error:
                if error.status != 429 or error.retry_after_s is None:
                    raise
                return False
            return True

        return sum(ask() for _ in range(num_requests))

    @settings(deadline=None)
    @given(st.integers(1, 200), st.lists(st.floats(0, 30), max_size=20))
    def test_no_more_pass_than_the_rule_says(self, per_min: int, pauses_s: list[float]) -> None:
        rates, now = self.make(visitor_requests_per_min=per_min)
        visitor = Principal(address="203.0.113.9", is_local=False)
        passed = self.accepted(rates, visitor, 50)
        for pause_s in pauses_s:
            now[0] += pause_s
            passed += self.accepted(rates, visitor, 50)
        assert passed <= per_min + now[0] * per_min / 60 + 1e-6

    def test_the_headers_say_what_is_left(self) -> None:
        rates, now = self.make(visitor_requests_per_min=60)
        visitor = Principal(address="203.0.113.9", is_local=False)
        assert self.accepted(rates, visitor, 45) == 45
        now[0] += 5
        allowance = rates.allowance(visitor)
        assert allowance is not None
        assert allowance.headers() == {
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "20",
            "x-ratelimit-reset-requests": "40.0s",
        }
        assert rates.allowance(Principal(address="127.0.0.1", is_local=True)) is None

    def test_waiting_as_told_is_enough(self) -> None:
        rates, now = self.make(visitor_requests_per_min=7)
        visitor = Principal(address="203.0.113.9", is_local=False)
        assert self.accepted(rates, visitor, 100) == 7
        with pytest.raises(RequestError) as caught:
            rates.spend(visitor)
        now[0] += caught.value.retry_after_s or 0
        assert self.accepted(rates, visitor, 1) == 1

    @pytest.mark.parametrize(
        ("first", "second", "is_shared"),
        [
            ("203.0.113.9", "203.0.113.10", False),
            ("2001:db8::1", "2001:db8::2", True),
            ("2001:db8::1", "2001:db8:0:1::1", False),
        ],
    )
    def test_addresses_share_a_bucket_as_subscribers_do(self, first: str, second: str, is_shared: bool) -> None:
        rates, _ = self.make(visitor_requests_per_min=3)
        assert self.accepted(rates, Principal(address=first, is_local=False), 9) == 3
        assert self.accepted(rates, Principal(address=second, is_local=False), 9) == (0 if is_shared else 3)

    def test_this_machine_is_not_limited(self) -> None:
        rates, _ = self.make(visitor_requests_per_min=1)
        assert self.accepted(rates, Principal(address="127.0.0.1", is_local=True), 500) == 500

    def test_the_table_is_bounded(self) -> None:
        rates, _ = self.make()
        for number in range(12_000):
            rates.spend(Principal(address=f"10.0.{number // 250}.{number % 250}", is_local=False))
        assert len(rates._buckets) == 10_000


def test_a_key_that_asks_too_often_is_429_with_the_seconds_to_wait(serve: Any, ring: KeyRing) -> None:
    secret = ring.create("shop", ("chat",))
    with serve(keys=ring, key_requests_per_min=3) as running:
        with running.client(headers={"authorization": f"Bearer {secret}"}) as http:
            statuses = [http.post(PATH, json=HI) for _ in range(4)]
        assert [answer.status_code for answer in statuses] == [200, 200, 200, 429]
        assert 1 <= int(statuses[-1].headers["retry-after"]) <= 20
        assert statuses[-1].json()["error"]["code"] == "rate_limit_exceeded"


def test_answers_say_how_much_is_left_to_a_key(serve: Any, ring: KeyRing) -> None:
    secret = ring.create("shop", ("chat",))
    headers = {"authorization": f"Bearer {secret}"}
    with serve(keys=ring, key_requests_per_min=3) as running, running.client(headers=headers) as http:
        answers = [http.post(PATH, json=HI) for _ in range(4)]
    assert [answer.headers["x-ratelimit-limit-requests"] for answer in answers] == ["3"] * 4
    left = [int(answer.headers["x-ratelimit-remaining-requests"]) for answer in answers]
    assert left[0] == 2
    assert left[-1] == 0


def test_guessing_keys_is_slowed_down(serve: Any, ring: KeyRing) -> None:
    ring.create("shop", ("chat",))
    with serve(keys=ring, visitor_requests_per_min=5) as running, running.client() as http:
        statuses = [http.get("/v1/models", headers={"api-key": f"cw_{i}"}).status_code for i in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_many_at_once_all_get_their_answer(serve: Any) -> None:
    with serve(token_delay_s=0.001) as running:
        statuses: list[int] = []

        def ask() -> None:
            with running.client() as http:
                statuses.append(http.post(PATH, json=HI).status_code)

        askers = [threading.Thread(target=ask) for _ in range(20)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert statuses == [200] * 20
