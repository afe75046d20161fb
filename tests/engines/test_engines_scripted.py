"""The fake keeps every promise of the Engine contract."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.engines.scripted import ScriptedEngine, split_tokens
from chatwright.errors import EngineError, RequestError
from chatwright.messages import GenerateOptions, Message
from chatwright.protocols import Engine

ASK = [Message(role="user", content="hi")]


async def collect(engine, messages=ASK, **fields):
    return [delta async for delta in engine.generate(messages, GenerateOptions(**fields))]


def say(engine, messages=ASK, **fields):
    deltas = asyncio.run(collect(engine, messages, **fields))
    return "".join(delta.text for delta in deltas), deltas[-1].finish_reason


@given(st.text())
def test_tokens_joined_are_the_text(text):
    assert "".join(split_tokens(text)) == text


@pytest.mark.parametrize(
    ("reply", "fields", "text", "finish_reason"),
    [
        ("Hello, world.", {}, "Hello, world.", "stop"),
        ("你好，世界。🙂", {}, "你好，世界。🙂", "stop"),
        ("", {}, "", "stop"),
        ("one two three", {"max_new_tokens": 2}, "one two", "length"),
        ("one two three", {"max_new_tokens": 3}, "one two three", "stop"),
        ("退款三天到账。谢谢。", {"stop": ("。",)}, "退款三天到账", "stop"),
        ("a b STOP c", {"stop": ("STOP",)}, "a b ", "stop"),
    ],
)
def test_it_says_what_it_is_told(reply, fields, text, finish_reason):
    assert say(ScriptedEngine([reply]), **fields) == (text, finish_reason)


def test_replies_follow_each_other_and_a_function_sees_the_messages():
    engine = ScriptedEngine(["one", "two"])
    assert [say(engine)[0] for _ in range(3)] == ["one", "two", "one"]
    echo = ScriptedEngine(lambda messages: messages[-1].content.upper())
    assert say(echo)[0] == "HI"


def test_it_is_an_engine_that_streams_counts_and_records():
    engine = ScriptedEngine(["你好 there"])
    deltas = asyncio.run(collect(engine, logprobs=1))
    assert isinstance(engine, Engine)
    assert [delta.text for delta in deltas[:-1]] == ["你", "好", " there"]
    assert [entry.token for delta in deltas for entry in delta.logprobs] == ["你", "好", " there"]
    assert deltas[-1].usage.prompt_tokens == asyncio.run(engine.count_tokens(ASK)) == 5
    assert deltas[-1].usage.completion_tokens == 3
    assert (engine.calls[0].text, engine.calls[0].messages, engine.num_cancelled) == ("你好 there", tuple(ASK), 0)


def test_a_prompt_that_does_not_fit_is_refused_with_the_counts():
    with pytest.raises(RequestError, match="5 tokens and 10 were asked for") as caught:
        say(ScriptedEngine(["x"], num_ctx=14), max_new_tokens=10)
    assert caught.value.code == "context_length_exceeded"


@pytest.mark.parametrize(("after", "text"), [(0, ""), (2, "one two")])
def test_it_fails_when_told_to_after_as_many_tokens_as_told(after, text):
    engine = ScriptedEngine(["one two three"])
    engine.fail_with, engine.fail_after_tokens = EngineError("Broken.", code="engine_crashed"), after
    with pytest.raises(EngineError, match="Broken"):
        say(engine)
    assert engine.calls[0].text == text
    engine.fail_with = None
    assert say(engine)[0] == "one two three"


def test_it_is_busy_and_closed_when_told_to():
    engine = ScriptedEngine(["x"])
    engine.is_busy = True
    with pytest.raises(EngineError) as caught:
        say(engine)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 1)
    engine.is_busy = False
    asyncio.run(engine.close())
    with pytest.raises(EngineError, match="closed"):
        say(engine)


def test_closing_the_iterator_is_recorded_as_a_cancellation():
    async def scenario():
        engine = ScriptedEngine(["one two three"])
        stream = engine.generate(ASK, GenerateOptions())
        first = await anext(stream)
        await stream.aclose()
        return engine, first

    engine, first = asyncio.run(scenario())
    assert (first.text, engine.num_cancelled, engine.calls[0].was_cancelled) == ("one", 1, True)


def test_a_gate_holds_every_reply_until_it_opens():
    async def scenario():
        gate = asyncio.Event()
        engine = ScriptedEngine(["x"], gate=gate)
        task = asyncio.create_task(collect(engine))
        while not engine.calls:  # noqa: ASYNC110 - a turn of the loop, not a wait
            await asyncio.sleep(0)
        was_done = task.done()
        gate.set()
        return was_done, len(await task)

    assert asyncio.run(scenario()) == (False, 2)


@pytest.mark.parametrize("replies", [[], "text", ()])
def test_no_replies_is_our_own_mistake(replies):
    with pytest.raises(ValueError, match="replies must be"):
        ScriptedEngine(replies)
