"""Turns of one conversation are strictly one after the other: between tasks, between processes, after a death."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from opened_store import event, new_conversation, opened
from sqlalchemy import func, insert, select

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId, UserId
from chatwright.store import SqlStore
from chatwright.store.tables import tickets


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


def test_processes_are_served_in_the_order_they_came(tmp_path: Path) -> None:
    """Two stores on one file are strangers to each other, as two processes are."""

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as one, opened(tmp_path / "c.sqlite3") as two:
            conversation = await new_conversation(one)
            order: list[str] = []

            async def speak(store: SqlStore, name: str) -> None:
                async with store.turn(conversation) as turn:
                    await store.append([event(conversation, turn=turn, text=name)])
                    order.append(name)

            names = ["b", "a", "b", "b", "a", "a", "b"]
            async with one.turn(conversation):
                speaking = []
                for number, name in enumerate(names):
                    speaking.append(asyncio.create_task(speak(one if name == "a" else two, f"{name}{number}")))
                    while await num_tickets(one) <= number:
                        pass
                assert order == []
            await asyncio.gather(*speaking)
            assert order == [f"{name}{number}" for number, name in enumerate(names)]
            assert [item.turn for item in await one.events(conversation)] == list(range(1, 8))
            assert await num_tickets(one) == 0

    asyncio.run(check())


async def num_tickets(store: SqlStore) -> int:
    return await store._read(lambda c: c.execute(select(func.count()).select_from(tickets)).scalar_one())


def test_who_gives_up_waiting_leaves_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.store.leases.TICKET_S", 3600.0)

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as one, opened(tmp_path / "c.sqlite3") as two:
            conversation = await new_conversation(one)
            async with one.turn(conversation):
                waiting = [asyncio.create_task(two.turn(conversation).__aenter__()) for _ in range(3)]
                while await num_tickets(one) < 3:
                    pass
                for task in waiting:
                    task.cancel()
                assert all(
                    isinstance(item, asyncio.CancelledError)
                    for item in await asyncio.gather(*waiting, return_exceptions=True)
                )
            for store in (one, two):
                async with asyncio.timeout(30), store.turn(conversation) as turn:
                    assert turn == 1
            assert await num_tickets(one) == 0

    asyncio.run(check())


def test_a_ticket_that_nobody_uses_loses_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.store.leases.TICKET_S", 0.0)

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            elsewhere = {"holder": "another/1:1:aa", "place": 1}
            await store._writer.write(
                lambda c: c.execute(insert(tickets).values(conversation=conversation, **elsewhere))
            )
            async with store.turn(conversation) as turn:
                assert turn == 1
            assert await num_tickets(store) == 0

    asyncio.run(check())


def test_a_turn_cancelled_while_it_is_taken_is_free_again(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as one, opened(tmp_path / "c.sqlite3") as two:
            conversation = await new_conversation(one)
            for num_steps in range(1, 6):
                taking = asyncio.create_task(one.turn(conversation).__aenter__())
                for _ in range(num_steps):
                    await asyncio.sleep(0)
                taking.cancel()
                with suppress(asyncio.CancelledError):
                    await taking
                async with asyncio.timeout(10), two.turn(conversation) as turn:  # far less than a lease lasts
                    assert turn == 1

    asyncio.run(check())


def test_a_heartbeat_on_a_full_disk_does_not_hurt_the_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.store.turns.BEAT_S", 0.0)
    beats: list[int] = []

    def fail(*_: object, **__: object) -> None:
        beats.append(1)
        raise EngineError("full")

    monkeypatch.setattr("chatwright.store.turns.renew", fail)

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            for number in (1, 2):
                async with store.turn(conversation) as turn:
                    beats.clear()
                    while len(beats) < 3:
                        await store.events(conversation)
                    await store.append([event(conversation, turn=turn)])
                    assert turn == number

    asyncio.run(check())


def test_a_conversation_erased_during_its_turn_stays_erased(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            async with store.turn(conversation) as turn:
                await store.append([event(conversation, turn=turn)])
                assert await store.erase_user(UserId("ann")) == 1
                with pytest.raises(RequestError) as caught:
                    await store.append([event(conversation, "bot", turn=turn)])
                assert caught.value.status == 404
            assert await store.events(conversation) == []

    asyncio.run(check())


def test_a_late_append_whose_task_is_gone_is_fenced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled while its append waits for the writer, a task has left its turn before the append is done."""
    monkeypatch.setattr("chatwright.store.leases.LEASE_S", 0.0)
    monkeypatch.setattr("chatwright.store.turns.BEAT_S", 3600.0)

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as late, opened(tmp_path / "c.sqlite3") as other:
            conversation = await new_conversation(late)
            go_on, is_slow = threading.Event(), asyncio.Event()

            async def speak() -> None:
                async with late.turn(conversation) as turn:
                    async with other.turn(conversation) as second:
                        await other.append([event(conversation, turn=second, text="other")])
                    is_slow.set()
                    late._writer.submit(lambda _: go_on.wait())  # a slow disk: jobs wait while the task goes away
                    await late.append([event(conversation, turn=turn, text="late")])

            speaking = asyncio.create_task(speak())
            await is_slow.wait()
            await asyncio.sleep(0)  # now it waits for its append
            speaking.cancel()
            with suppress(asyncio.CancelledError):
                await speaking
            go_on.set()
            async with late.turn(conversation):
                pass  # after everything that waited
            assert [item.data["text"] for item in await other.events(conversation)] == ["other"]

    asyncio.run(check())


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


def test_a_dead_process_does_not_block_its_conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.store.leases.LEASE_S", 3600.0)  # its death is seen, not waited for
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
            async with asyncio.timeout(30), store.turn(conversation) as turn:
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
