"""Silence over the wire: the page tells of it, the server decides; nothing is said before it is time, or twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from flow_bot import Done, flow_bot
from test_server_bot import Shelf, last_event, start

from chatwright.bot.silence import Silence
from conftest import Running, serving

AT_ONCE = Silence.model_construct(after_s=0.0, then="leave", cancel_after_s=None)


@pytest.fixture(scope="module")
def shop() -> Iterator[Running]:
    with serving(make_bot=flow_bot(Done(), Shelf(), silence=AT_ONCE)) as running:
        yield running


@pytest.mark.parametrize(
    ("text", "nudge"), [("I want to return my order", "Are you still there?"), ("我要退货", "您还在吗")]
)
def test_a_silence_in_a_flow_is_broken_once(shop: Running, text: str, nudge: str) -> None:
    with shop.client() as http:
        path, token = start(http)
        assert http.post(f"{path}/silence", headers=token).json() == {"reply": None, "wait_s": None}
        http.post(f"{path}/messages", json={"text": text}, headers=token)
        assert http.get(path, headers=token).json()["silence_in_s"] == 0
        told = http.post(f"{path}/silence", headers=token).json()
        assert nudge in told["reply"]["answer"]
        assert told["wait_s"] is None
        assert http.post(f"{path}/silence", headers=token).json() == {"reply": None, "wait_s": None}
        history = http.get(path, headers=token).json()
        assert [message["role"] for message in history["messages"]] == ["user", "assistant", "assistant"]
        assert history["silence_in_s"] is None
        _, reply = last_event(http.post(f"{path}/messages", json={"text": "LM100001"}, headers=token).text)
        assert reply["buttons"]


def test_it_is_not_time_yet() -> None:
    with serving(make_bot=flow_bot(Done(), Shelf(), silence=Silence(after_s=3600))) as shop, shop.client() as http:
        path, token = start(http)
        http.post(f"{path}/messages", json={"text": "I want to return my order"}, headers=token)
        told = http.post(f"{path}/silence", headers=token).json()
        assert told["reply"] is None
        assert 3500 < told["wait_s"] <= 3600
        bots = http.get("/api/bots").json()["bots"]
        assert bots[0]["silence_after_s"] == 3600


def test_nobody_elses_silence_can_be_broken(shop: Running) -> None:
    with shop.client() as http:
        path, token = start(http)
        http.cookies.clear()
        http.post(f"{path}/messages", json={"text": "I want to return my order"}, headers=token)
        http.cookies.clear()
        before: list[Any] = shop.kinds(path.rsplit("/", 1)[-1])
        assert http.post(f"{path}/silence").status_code == 404
        assert http.post(f"{path}/silence", headers={"X-Conversation-Token": "x"}).status_code == 404
        assert shop.kinds(path.rsplit("/", 1)[-1]) == before
