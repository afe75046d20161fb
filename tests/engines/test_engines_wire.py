"""What crosses to the child and back arrives as it left."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.engines import wire
from chatwright.errors import EngineError, RequestError
from chatwright.messages import Delta, GenerateOptions, Message, Part, TokenLogprob, Usage


def through_json(value):
    return orjson.loads(orjson.dumps(value))


@given(text=st.text(), token_bytes=st.binary(), logprob=st.floats(max_value=0, allow_infinity=False))
def test_deltas_survive(text, token_bytes, logprob):
    entry = TokenLogprob(token=text, logprob=logprob, token_bytes=token_bytes, top=((text, logprob),))
    delta = Delta(text=text, logprobs=(entry,), finish_reason="stop", usage=Usage(prompt_tokens=1, cached_tokens=1))
    assert wire.delta_from_json(through_json(wire.delta_to_json(delta))) == delta


@pytest.mark.parametrize(
    "options",
    [GenerateOptions(), GenerateOptions(stop=("。", "a"), seed=-(2**63), logprobs=0, regex="是|否", temperature=0.5)],
)
def test_options_survive(options):
    assert wire.options_from_json(through_json(wire.options_to_json(options))) == options


def test_messages_keep_role_and_text_of_content_or_of_their_text_parts():
    parts = (Part(type="text", text="一"), Part(type="image", url="x"), Part(type="text", text="two"))
    sent = [Message(role="system", content="Be brief."), Message(role="user", parts=parts)]
    assert wire.messages_from_json(through_json(wire.messages_to_json(sent))) == [
        Message(role="system", content="Be brief."),
        Message(role="user", content="一\ntwo"),
    ]


@pytest.mark.parametrize(
    "error",
    [
        RequestError("No.", hint="Yes.", code="invalid_option", param="seed"),
        EngineError("Full.", hint="Wait.", code="cache_full"),
    ],
)
def test_errors_survive(error):
    back = wire.error_from_json(through_json(wire.error_to_json(error)))
    assert (type(back), back.message, back.hint, back.code, back.status) == (
        type(error),
        error.message,
        error.hint,
        error.code,
        error.status,
    )
    assert getattr(back, "param", None) == getattr(error, "param", None)
