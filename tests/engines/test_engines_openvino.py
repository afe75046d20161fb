"""The real model in its real child process."""

import asyncio
import json
import math
import os
import signal
from contextlib import asynccontextmanager

import pytest

from chatwright.engines.host import EngineHost, HostSettings
from chatwright.errors import EngineError, RequestError
from chatwright.messages import GenerateOptions, Message

pytestmark = pytest.mark.live

QUESTIONS = [
    "What is the capital of France?",
    "用中文介绍一下长城。",
    "Count from one to ten.",
    "请写一首关于秋天的短诗。",
]
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer", "maximum": 120}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture
def run(live_model_dir):
    """Runs a scenario with a host of the real model, and closes the host after it."""

    @asynccontextmanager
    async def hosted(settings):
        host = EngineHost(live_model_dir, model="live", num_ctx=2048, settings=settings)
        try:
            await host.start()
            yield host
        finally:
            await host.close()

    def run_scenario(scenario, **settings):
        async def main():
            async with hosted(HostSettings(**settings)) as host:
                return await scenario(host)

        return asyncio.run(main())

    return run_scenario


async def collect(host, text, **fields):
    options = GenerateOptions(**{"max_new_tokens": 24, **fields})
    return [delta async for delta in host.generate([Message(role="user", content=text)], options)]


async def say(host, text, **fields):
    return "".join(delta.text for delta in await collect(host, text, **fields))


async def wait_until(is_true):
    async with asyncio.timeout(30):
        while not is_true():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.01)


def test_greedy_replies_repeat_and_a_batch_computes_what_each_gets_alone(run):
    async def scenario(host):
        async def reply(question):
            deltas = await collect(host, question, max_new_tokens=12, logprobs=0)
            return "".join(delta.text for delta in deltas), deltas[0].logprobs[0].logprob

        # A prompt read from the prefix cache was rounded on its way there: cold and warm replies may differ, so all
        # that are compared are warm.
        await asyncio.gather(*(reply(question) for question in QUESTIONS))
        alone = [await reply(question) for question in QUESTIONS]
        again = [await reply(question) for question in QUESTIONS]
        together = await asyncio.gather(*(reply(question) for question in QUESTIONS))
        return alone, again, together

    alone, again, together = run(scenario)
    assert again == alone
    # Sums in another order round differently: the first token's probability may move a little, and between tokens
    # that are about equally likely the choice may fall otherwise.
    assert [logprob for _, logprob in together] == pytest.approx([logprob for _, logprob in alone], abs=0.2)
    assert "Paris" in alone[0][0]
    assert "Paris" in together[0][0]


def test_chinese_is_streamed_in_whole_characters(run):
    async def scenario(host):
        return await collect(host, "请逐字重复：🙂龘靐齉爩，北京欢迎你。", max_new_tokens=48, logprobs=0)

    deltas = run(scenario)
    text = "".join(delta.text for delta in deltas)
    spelled = b"".join(entry.token_bytes for delta in deltas for entry in delta.logprobs)
    assert text == spelled.decode("utf-8", "ignore")
    assert "\ufffd" not in text
    assert any("\u4e00" <= sign <= "\u9fff" for sign in text)
    assert len(deltas) > 3


def test_a_stop_string_ends_the_reply_and_is_not_shown(run):
    async def scenario(host):
        free = await say(host, "Count: 1, 2, 3, 4, 5, 6, 7, 8, 9. Repeat that.", max_new_tokens=40)
        deltas = await collect(
            host, "Count: 1, 2, 3, 4, 5, 6, 7, 8, 9. Repeat that.", max_new_tokens=40, stop=("5, 6",)
        )
        return free, deltas, await say(host, "Say hello.")

    free, deltas, after = run(scenario)
    assert "5, 6" in free
    assert "".join(delta.text for delta in deltas) == free[: free.index("5, 6")]
    assert deltas[-1].finish_reason == "stop"
    assert after


def test_a_seed_repeats_a_reply_even_in_company(run):
    async def scenario(host):
        async def tell(seed):
            return await say(host, "Tell me a story about a", temperature=1.2, seed=seed)

        await tell(7)  # the prompt into the prefix cache: cold and warm may differ in the last digits
        alone = await tell(7)
        _, together, other = await asyncio.gather(say(host, QUESTIONS[0]), tell(7), tell(8))
        return alone, together, other

    alone, together, other = run(scenario)
    assert alone == together
    assert alone != other


def test_a_schema_and_a_pattern_are_kept_and_an_unusable_one_costs_nobody_else(run):
    async def scenario(host):
        person = await say(host, "Describe a person as JSON.", json_schema=json.dumps(SCHEMA), max_new_tokens=80)
        answer = await say(host, "天空是蓝色的吗？", regex="(是|否)")
        bystander = asyncio.create_task(say(host, QUESTIONS[0]))
        pid = host.pid
        with pytest.raises(RequestError) as caught:
            await say(host, "Hello", regex="(?=a)(?<!b)c")
        with pytest.raises(RequestError):
            await say(host, "Hello", regex="(?=a)(?<!b)c")
        return person, answer, await bystander, caught.value.code, await say(host, QUESTIONS[0]), pid == host.pid

    person, answer, bystander, code, after, is_same_child = run(scenario)
    assert set(json.loads(person)) == {"name", "age"}
    assert answer in ("是", "否")
    assert (code, is_same_child) == ("invalid_constraint", True)
    assert bystander
    assert after


def test_log_probabilities_come_with_each_token(run):
    async def scenario(host):
        return await collect(host, "Say hi.", logprobs=1)

    deltas = run(scenario)
    entries = [entry for delta in deltas for entry in delta.logprobs]
    assert "".join(entry.token for entry in entries) == "".join(delta.text for delta in deltas)
    assert all(entry.logprob <= 0 and entry.top == ((entry.token, entry.logprob),) for entry in entries)


def test_usage_counts_the_prompt_and_what_the_prefix_cache_held(run):
    async def scenario(host):
        counted = await host.count_tokens([Message(role="user", content=QUESTIONS[1])])
        first, second = [(await collect(host, QUESTIONS[1]))[-1].usage for _ in range(2)]
        return counted, first, second

    counted, first, second = run(scenario)
    assert first.prompt_tokens == second.prompt_tokens == counted
    assert 0 < first.completion_tokens <= 24
    assert first.cached_tokens == 0
    assert second.cached_tokens == counted - 1


def test_a_prompt_that_does_not_fit_is_refused_with_the_counts(run):
    async def scenario(host):
        with pytest.raises(RequestError) as caught:
            await say(host, "word " * 3000)
        return caught.value

    error = run(scenario)
    assert (error.code, error.status) == ("context_length_exceeded", 400)
    assert "2048" in error.message


def test_closing_the_iterator_frees_the_slot_and_a_full_queue_is_told(run):
    async def scenario(host):
        long = GenerateOptions(max_new_tokens=1500)
        stream = host.generate([Message(role="user", content="Write a very long story.")], long)
        await anext(stream)
        with pytest.raises(EngineError) as caught:
            await say(host, "hello")
        await stream.aclose()
        await wait_until(lambda: host.turnstile.num_inside == 0)
        return caught.value, await say(host, "Say hello.")

    error, text = run(scenario, slots=1, queue_size=0)
    assert (error.status, error.code) == (429, "queue_full")
    assert error.retry_after_s >= 1
    assert text


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_killed_and_a_stopped_child_cost_the_running_reply_only(run, sign):
    async def scenario(host):
        stream = host.generate([Message(role="user", content="Write a very long story.")], GenerateOptions())
        await anext(stream)
        os.kill(host.pid, sign)
        with pytest.raises(EngineError) as caught:
            async for _ in stream:
                pass
        return caught.value.status, await say(host, "Say hello.")

    status, text = run(scenario)
    assert status == 503
    assert text


def test_the_likelier_continuation_scores_higher_however_often_it_is_asked(run):
    async def scenario(host):
        prompt = "The museum opens at nine in the morning. " * 6 + "Question:"
        return [await host.score(prompt, text) for text in (" When does it open?", " Wie alt ist Käse?")] + [
            await host.score(prompt, " When does it open?")
        ]

    likely, unlikely, again = run(scenario)
    assert math.isfinite(likely)
    assert unlikely < likely < 0
    assert again == likely
