"""What Rasa's channels receive and send, as tables: one utterance, its exact JSON on each channel."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.errors import RequestError
from chatwright.messages import Button, Utterance
from chatwright.server.rasa_messages import Said, read_said, rest_messages, socket_messages
from chatwright.server.server_settings import ServerSettings

YES = Button(title="Yes", payload='/affirm{"sure": "yes"}')
NO = Button(title="不", payload="/SetSlots(sure=false)")
YES_JSON = {"title": "Yes", "payload": '/affirm{"sure": "yes"}'}
NO_JSON = {"title": "不", "payload": "/SetSlots(sure=false)"}
TABLE = [
    pytest.param(Utterance(text="Hi"), [{"text": "Hi"}], [{"text": "Hi"}], id="text"),
    pytest.param(
        Utterance(text=" 一\n\n二\n三\n\n\n\n四 "),
        [{"text": "一"}, {"text": "二\n三"}, {"text": "四"}],
        [{"text": "一"}, {"text": "二\n三"}, {"text": "四"}],
        id="blank lines part a text",
    ),
    pytest.param(
        Utterance(text="Sure?\n\nReally?", buttons=(YES, NO)),
        [{"text": "Sure?\n\nReally?", "buttons": [YES_JSON, NO_JSON]}],
        [
            {"text": "Sure?", "quick_replies": []},
            {
                "text": "Really?",
                "quick_replies": [{"content_type": "text", **YES_JSON}, {"content_type": "text", **NO_JSON}],
            },
        ],
        id="buttons",
    ),
    pytest.param(
        Utterance(buttons=(YES,)),
        [{"buttons": [YES_JSON]}],
        [{"text": "", "quick_replies": [{"content_type": "text", **YES_JSON}]}],
        id="buttons alone",
    ),
    pytest.param(
        Utterance(text="Look", image="https://shop.example/a.png"),
        [{"text": "Look"}, {"image": "https://shop.example/a.png"}],
        [{"text": "Look"}, {"attachment": {"type": "image", "payload": {"src": "https://shop.example/a.png"}}}],
        id="an image comes after its text",
    ),
    pytest.param(
        Utterance(attachment={"type": "video", "payload": {"src": "https://shop.example/a.mp4"}}),
        [{"attachment": {"type": "video", "payload": {"src": "https://shop.example/a.mp4"}}}],
        [{"attachment": {"type": "video", "payload": {"src": "https://shop.example/a.mp4"}}}],
        id="attachment",
    ),
    pytest.param(
        Utterance(text="Card", custom={"type": "card", "rows": [1, 2]}, image="https://shop.example/a.png"),
        [{"text": "Card"}, {"custom": {"type": "card", "rows": [1, 2]}}, {"image": "https://shop.example/a.png"}],
        [
            {"text": "Card"},
            {"type": "card", "rows": [1, 2]},
            {"attachment": {"type": "image", "payload": {"src": "https://shop.example/a.png"}}},
        ],
        id="custom",
    ),
    pytest.param(
        Utterance(custom={"data": {"text": "Hi"}, "room": "somebody else's"}),
        [{"custom": {"data": {"text": "Hi"}, "room": "somebody else's"}}],
        [{"text": "Hi"}],
        id="custom does not choose who hears it",
    ),
    pytest.param(Utterance(), [], [], id="nothing"),
]


@pytest.mark.parametrize(("said", "rest", "socket"), TABLE)
def test_an_utterance(said: Utterance, rest: list[Any], socket: list[Any]) -> None:
    assert list(rest_messages("anna", said)) == [{"recipient_id": "anna", **message} for message in rest]
    assert list(socket_messages(said)) == socket


@given(parts=st.lists(st.text(alphabet="ab 你\n", min_size=1).map(str.strip).filter(lambda t: t and "\n\n" not in t)))
def test_parts_put_together_again_are_the_text(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    assert [message["text"] for message in rest_messages("a", Utterance(text=text))] == parts
    assert [message["text"] for message in socket_messages(Utterance(text=text))] == parts


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": " hi\n"}, Said(text="hi", sender="default")),
        ({"message": "hi", "sender": None}, Said(text="hi", sender="default")),
        ({"message": "hi", "sender": ""}, Said(text="hi", sender="")),
        ({"message": "hi", "sender": 7}, Said(text="hi", sender="7")),
        ({"message": ""}, Said(text="", sender="default")),
        ({"sender": "a"}, Said(text=None, sender="a")),
        ({"message": 5, "sender": "a"}, Said(text=None, sender="a")),
        ({"message": "hi", "metadata": {"a": [1]}}, Said(text="hi", sender="default", metadata={"a": [1]})),
        ({"message": "hi", "metadata": None, "input_channel": "app"}, Said(text="hi", sender="default", channel="app")),
    ],
)
def test_what_is_said(body: dict[str, Any], said: Said) -> None:
    assert read_said(body, ServerSettings()) == said


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"message": "a" * 32_001}, "message"),
        ({"message": "a\x00b"}, "message"),
        ({"message": "hi", "sender": True}, "sender"),
        ({"message": "hi", "sender": ["a"]}, "sender"),
        ({"message": "hi", "sender": "a" * 1001}, "sender"),
        ({"message": "hi", "sender": "\x00"}, "sender"),
        ({"message": "hi", "metadata": "a"}, "metadata"),
        ({"message": "hi", "input_channel": 5}, "input_channel"),
        ({"message": "hi", "input_channel": "a" * 101}, "input_channel"),
        ({"message": "hi", "metadata": {"a": "b" * 20_000}}, "metadata"),
        ({"message": "hi", "metadata": {"a": b"bytes of a binary packet"}}, "metadata"),
    ],
)
def test_what_cannot_be_said(body: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_said(body, ServerSettings())
    assert caught.value.param == param
    assert caught.value.status == 400
