"""The supervisor with a real child that misbehaves: what a crash, a hang and nonsense cost, and what comes after."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chatwright.engines.child import Patience
from chatwright.engines.host import EngineHost, HostSettings
from chatwright.errors import ConfigError, EngineError, RequestError
from chatwright.messages import GenerateOptions, Message
from chatwright.protocols import Engine

FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
SRC = Path(__file__).parents[2] / "src"
PATIENCE = Patience(load_s=30, silence_s=0.6, stall_s=1.5, kill_s=2)


@pytest.fixture(autouse=True)
def _fake_worker_finds_the_package(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(SRC))


@asynccontextmanager
async def hosted(model_dir="model", **settings):
    fields = {"patience": PATIENCE, **settings}
    host = EngineHost(Path(model_dir), model="fake", settings=HostSettings(**fields), worker=FAKE)
    try:
        yield host
    finally:
        await host.close()


def ask(host, text, **fields):
    return host.generate([Message(role="user", content=text)], GenerateOptions(**fields))


async def say(host, text, **fields):
    return "".join([delta.text async for delta in ask(host, text, **fields)])


async def wait_until(is_true):
    async with asyncio.timeout(30):
        while not is_true():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.01)


def test_it_streams_and_starts_by_itself():
    async def scenario():
        async with hosted() as host:
            deltas = [delta async for delta in ask(host, "你好")]
            return host, deltas, await host.count_tokens([Message(role="user", content="x")])

    host, deltas, count = asyncio.run(scenario())
    assert isinstance(host, Engine)
    assert [delta.text for delta in deltas] == ["begun ", "你好"]
    assert (deltas[-1].finish_reason, deltas[-1].usage.prompt_tokens, count) == ("stop", 3, 1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("crash", "engine_crashed"),
        ("garbage", "engine_crashed"),
        ("giant", "engine_crashed"),
        ("hang", "engine_hung"),
        ("spin", "engine_hung"),
    ],
)
def test_a_fault_costs_the_running_replies_only(fault, code):
    async def scenario():
        async with hosted() as host:
            running = ask(host, "endless")
            await anext(running)
            first_pid = host.pid
            with pytest.raises(EngineError) as faulty:
                await say(host, fault)
            with pytest.raises(EngineError) as bystander:
                await anext(running)
            return faulty.value, bystander.value, await say(host, "again"), first_pid != host.pid

    faulty, bystander, text, is_new = asyncio.run(scenario())
    assert (faulty.code, faulty.status, bystander.code, bystander.status) == (code, 503, code, 503)
    assert (text, is_new) == ("begun again", True)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_request_that_the_dead_child_never_read_is_served_by_the_next(sign):
    async def scenario():
        async with hosted() as host:
            await host.start()
            os.kill(host.pid, sign)
            return await say(host, "hello")

    assert asyncio.run(scenario()) == "begun hello"


def test_five_crashes_open_the_circuit_and_callers_are_told_when_to_come_back():
    async def scenario():
        async with hosted("dies") as host:
            with pytest.raises(EngineError) as caught:
                await say(host, "hello")
            return caught.value, host.is_circuit_open

    error, is_open = asyncio.run(scenario())
    assert (error.code, error.status, is_open) == ("engine_unavailable", 503, True)
    assert 1 <= error.retry_after_s <= 60


def test_the_circuit_closes_when_the_window_is_over():
    async def scenario():
        async with hosted(crash_window_s=1.0, max_crashes=1) as host:
            with pytest.raises(EngineError):
                await say(host, "crash")
            with pytest.raises(EngineError) as caught:
                await say(host, "hello")
            await wait_until(lambda: host.pid is not None)
            return caught.value.code, await say(host, "hello")

    assert asyncio.run(scenario()) == ("engine_unavailable", "begun hello")


def test_a_model_that_cannot_be_loaded_is_told_once_and_not_tried_again():
    async def scenario():
        async with hosted("refuses") as host:
            for _ in range(2):
                with pytest.raises(ConfigError, match="no such file"):
                    await host.start()

    asyncio.run(scenario())


def test_closing_the_iterator_frees_the_slot():
    async def scenario():
        async with hosted(slots=1, queue_size=0) as host:
            stream = ask(host, "endless")
            await anext(stream)
            with pytest.raises(EngineError) as caught:
                await say(host, "hello")
            await stream.aclose()
            await wait_until(lambda: host.turnstile.num_inside == 0)
            return caught.value, await say(host, "hello")

    error, text = asyncio.run(scenario())
    assert (error.status, error.code, text) == (429, "queue_full", "begun hello")
    assert error.retry_after_s >= 1


def test_a_reply_that_takes_too_long_is_cut_and_its_slot_freed():
    async def scenario():
        async with hosted(slots=1) as host:
            await host.start()
            with pytest.raises(EngineError) as caught:
                await say(host, "endless", timeout_s=0.2)
            await wait_until(lambda: host.turnstile.num_inside == 0)
            return caught.value

    error = asyncio.run(scenario())
    assert (error.status, error.code) == (504, "timeout")


@pytest.mark.parametrize("is_stopped", [False, True])  # asked for a sign of life while it is being closed
def test_closing_ends_the_child_and_what_it_was_doing(is_stopped):
    async def scenario():
        async with hosted(patience=Patience(load_s=30, silence_s=2, stall_s=9, kill_s=1)) as host:
            stream = ask(host, "endless")
            await anext(stream)
            pid = host.pid
            if is_stopped:
                os.kill(pid, signal.SIGSTOP)
            await host.close()
            with pytest.raises(EngineError) as running:
                await anext(stream)
            with pytest.raises(EngineError) as later:
                await say(host, "hello")
            return pid, running.value.code, later.value.code

    pid, *codes = asyncio.run(scenario())
    assert codes == ["engine_closed", "engine_closed"]
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("text", "fields", "code"),
    [("hello", {"temperature": 3.0}, "invalid_option"), ("x" * 600_000, {}, "context_length_exceeded")],
)
def test_what_cannot_be_served_is_refused_before_a_child_is_started(text, fields, code):
    async def scenario():
        async with hosted() as host:
            with pytest.raises(RequestError) as caught:
                await say(host, text, **fields)
            return caught.value.code, host.pid

    assert asyncio.run(scenario()) == (code, None)


def test_the_child_dies_with_its_parent():
    program = (
        "import asyncio, json, os, signal, sys; from pathlib import Path\n"
        "from chatwright.engines.host import EngineHost\n"
        "async def main():\n"
        "    host = EngineHost(Path('model'), model='fake', worker=json.loads(sys.argv[1]))\n"
        "    await host.start(); print(host.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", program, json.dumps(FAKE)], capture_output=True, text=True, check=False
    )
    pid = int(parent.stdout)
    asyncio.run(wait_until(lambda: not _is_running(pid)))
    assert parent.returncode == -signal.SIGKILL


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_the_parent_never_loads_the_inference_library():
    program = (
        "import sys, chatwright.engines.host, chatwright.engines.scripted\n"
        "print([name for name in sys.modules if name.startswith('openvino')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
