"""A plain OpenAI client that sends everything again goes on with its own conversation, and with nobody else's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from flow_bot import Done, flow_bot
from test_server_bot import Shelf

from chatwright.server.auth import KeyRing
from conftest import Running, serving

RETURN = ("register_return", {"order_id": "LM100001", "return_reason": "faulty"})


class Client:
    """A client that knows of nothing but messages, as any does."""

    def __init__(self, url: str, key: str = "none", **options: Any) -> None:
        self._client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=2)
        self.messages: list[dict[str, str]] = [{"role": "system", "content": "Be kind."}]
        self._options = options

    def say(self, text: str, *, stream: bool = False) -> str:
        self.messages.append({"role": "user", "content": text})
        create: Any = self._client.chat.completions.create
        answer = create(model="support", messages=self.messages, stream=stream, **self._options)
        if stream:
            said = "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)
        else:
            said = answer.choices[0].message.content
        self.messages.append({"role": "assistant", "content": said})
        return str(said)


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
def shop(done: Done) -> Iterator[Running]:
    with serving(make_bot=flow_bot(done, Shelf())) as running:
        yield running


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (["I want to return my order", "LM100001", "it is faulty", "yes"], "registered"),
        (["我要退货", "LM100001", "质量问题", "是的"], "已登记退货"),
    ],
)
def test_a_process_of_several_turns_goes_through(
    shop: Running, done: Done, stream: bool, texts: list[str], last: str
) -> None:
    client = Client(shop.url)
    said = [client.say(text, stream=stream) for text in texts]
    assert last in said[-1]
    assert done.writes == [RETURN]
    assert len(shop.conversations()) == 1


def test_a_greeting_before_the_first_message_and_trimmed_text_do_no_harm(shop: Running, done: Done) -> None:
    client = Client(shop.url)
    client.messages.append({"role": "assistant", "content": "Hello! How can I help?"})
    for text in ["I want to return my order", "LM100001", "it is faulty", "yes"]:
        client.say(text)
        client.messages[-1]["content"] = client.messages[-1]["content"].replace("\n", " ") + "  "
    assert done.writes == [RETURN]


def test_two_visitors_of_one_caller_keep_apart(shop: Running, done: Done) -> None:
    one, other = Client(shop.url), Client(shop.url)
    for client in (one, other):
        client.say("I want to return my order")
    one.say("LM100001")
    other.say("LM100002")
    one.say("it is faulty")
    other.say("changed my mind")
    assert "LM100001" in one.messages[-1]["content"]
    assert "LM100002" in other.messages[-1]["content"]
    one.say("yes")
    assert done.writes == [RETURN]
    assert len(shop.conversations()) == 2


def test_an_answer_asked_for_again_does_not_write_twice(shop: Running, done: Done) -> None:
    client = Client(shop.url)
    for text in ["I want to return my order", "LM100001", "it is faulty"]:
        client.say(text)
    before = list(client.messages)
    client.say("yes")
    client.messages = before
    again = client.say("yes")  # the visitor edits and sends the last message again
    assert done.writes == [RETURN]
    assert "registered" not in again


def test_sent_twice_at_once_it_writes_once(shop: Running, done: Done) -> None:
    client = Client(shop.url)
    for text in ["I want to return my order", "LM100001", "it is faulty"]:
        client.say(text)
    copies = [Client(shop.url) for _ in range(4)]
    for copy in copies:
        copy.messages = list(client.messages)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda copy: copy.say("yes"), copies))
    assert done.writes == [RETURN]


def test_a_history_that_was_never_said_begins_a_conversation_of_its_own(shop: Running, done: Done) -> None:
    client = Client(shop.url)
    client.messages += [
        {"role": "user", "content": "I want to return my order"},
        {"role": "assistant", "content": "Please check: LM100001, faulty. Shall I go ahead?"},
    ]
    client.say("yes")
    assert done.writes == []


def test_nobody_gets_into_anothers_conversation_by_saying_the_same(done: Done, ring: KeyRing) -> None:
    keys = [ring.create(name, ("chat",)) for name in ("one", "two")]
    with serving(make_bot=flow_bot(done, Shelf()), keys=ring) as shop:
        ann = Client(shop.url, keys[0], user="ann")
        for text in ["I want to return my order", "LM100001", "it is faulty"]:
            ann.say(text)
        others = [
            Client(shop.url, keys[1], user="ann"),
            Client(shop.url, keys[1]),
            Client(shop.url, keys[0], user="bob"),
            Client(shop.url, keys[0]),
        ]
        for other in others:
            other.messages = list(ann.messages)
            other.say("yes")
        assert done.writes == []
        assert "registered" in ann.say("yes")
    assert [user for name, _, user in done.calls if name == "register_return"] == ["ann"]


def test_a_named_conversation_goes_before_what_was_said(shop: Running, done: Done) -> None:
    client = Client(shop.url)
    client.say("I want to return my order")
    (first,) = shop.conversations()
    named = Client(shop.url, metadata={"conversation": first.id})
    named.say("LM100001")
    assert len(shop.conversations()) == 1
    assert "send it back" in named.messages[-1]["content"]
