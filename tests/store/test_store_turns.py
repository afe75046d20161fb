"""Turns of one conversation are strictly one after the other: between tasks, between processes, after a death."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from opened_store import event, new_conversation, opened

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId


def test_ten_messages_with_falling_delays_come_out_in_order(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            order: list[int] = []

            async def speak(number: int) -> None:
                async with store.turn(conversation) as turn:
                    for _ in range(10 - number):
                        await asyncio.sleep(0)
                    await store.append([event(conversation, turn=turn, text=str(number))])
                    order.append(number)

            await asyncio.gather(*(speak(number) for number in range(10)))
            assert order == list(range(10))
            kept = await store.events(conversation)
            assert [(item.turn, item.data["text"]) for item in kept] == [(n + 1, str(n)) for n in range(10)]

    asyncio.run(run())


def test_waiting_does_not_hold_up_other_conversations(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            first, second = await new_conversation(store), await new_conversation(store)
            async with store.turn(first):
                waiting = asyncio.create_task(store.turn(first).__aenter__())
                async with store.turn(second) as turn:
                    assert turn == 1
                assert not waiting.done()
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            async with store.turn(first) as turn:
                assert turn == 1

    asyncio.run(run())


def test_an_unknown_conversation_has_no_turns(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            with pytest.raises(RequestError) as caught:
                async with store.turn(ConversationId("unknown")):
                    pytest.fail("a turn began")
            assert caught.value.status == 404

    asyncio.run(run())


CHILD = """
import asyncio, sys
from pathlib import Path
from chatwright.messages import ConversationId, Event
from chatwright.store import open_store

async def main(path, conversation, name, count):
    store = await open_store(Path(path))
    for number in range(int(count)):
        async with store.turn(ConversationId(conversation)) as turn:
            for kind in ("user", "bot"):
                data = {"text": f"{name} {number}"}
                await store.append([Event(conversation=ConversationId(conversation), kind=kind, turn=turn, data=data)])
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_four_processes_take_strict_turns(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"

    async def start() -> ConversationId:
        async with opened(path) as store:
            return await new_conversation(store)

    async def read(conversation: ConversationId) -> None:
        async with opened(path) as store:
            kept = await store.events(conversation)
        assert len(kept) == 4 * 8 * 2
        pairs = list(zip(kept[::2], kept[1::2], strict=True))
        assert [first.turn for first, _ in pairs] == list(range(1, 33))
        assert all((f.turn, f.data, f.kind, s.kind) == (s.turn, s.data, "user", "bot") for f, s in pairs)

    conversation = asyncio.run(start())
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(path), conversation, name, "8"], stderr=subprocess.PIPE)
        for name in "abcd"
    ]
    for child in children:
        _, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors.decode()
    asyncio.run(read(conversation))


HOLDER = """
import asyncio, sys
from pathlib import Path
from chatwright.messages import ConversationId, Event
from chatwright.store import open_store

async def main(path, conversation):
    store = await open_store(Path(path))
    async with store.turn(ConversationId(conversation)) as turn:
        data = {"text": "begun"}
        await store.append([Event(conversation=ConversationId(conversation), kind="user", turn=turn, data=data)])
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_dead_process_does_not_block_its_conversation(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"

    async def run() -> None:
        async with opened(path) as store:
            conversation = await new_conversation(store)
            child = subprocess.Popen(
                [sys.executable, "-c", HOLDER, str(path), conversation], stdout=subprocess.PIPE, text=True
            )
            assert child.stdout is not None
            assert await asyncio.to_thread(child.stdout.readline) == "held\n"
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            child.stdout.close()
            async with store.turn(conversation) as turn:
                assert turn == 2
            assert [item.data["text"] for item in await store.events(conversation)] == ["begun"]

    asyncio.run(run())


def test_who_lost_the_turn_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was stopped, not killed, comes back after another took over: its answer must not be kept."""
    monkeypatch.setattr("chatwright.store.leases.LEASE_S", 0.0)
    monkeypatch.setattr("chatwright.store.turns.BEAT_S", 3600.0)

    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as late, opened(tmp_path / "c.sqlite3") as other:
            conversation = await new_conversation(late)
            async with late.turn(conversation) as turn:
                async with other.turn(conversation) as second:
                    await other.append([event(conversation, turn=second, text="other")])
                with pytest.raises(EngineError) as caught:
                    await late.append([event(conversation, turn=turn, text="late")])
                assert caught.value.code == "turn_lost"
            assert [item.data["text"] for item in await other.events(conversation)] == ["other"]

    asyncio.run(run())
