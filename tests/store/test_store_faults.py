"""What goes wrong with disks and processes: nothing acknowledged is lost, nothing half-written stays."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from opened_store import event, new_conversation, opened

from chatwright.errors import ChatwrightError, EngineError
from chatwright.store import open_store

NUM_KILLS = 12
CHILD = """
import asyncio, sys
from pathlib import Path
from chatwright.messages import ConversationId, Event
from chatwright.store import open_store

async def main(path, conversation):
    store = await open_store(Path(path))
    while True:
        async with store.turn(ConversationId(conversation)) as turn:
            for kind in ("user", "bot"):
                said = Event(conversation=ConversationId(conversation), kind=kind, turn=turn, data={"text": "x" * 500})
                (kept,) = await store.append([said])
                print(kept.seq, kept.kind, kept.turn, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def acknowledged(path: Path, conversation: str, num_lines: int) -> list[str]:
    """What a child said was kept, when it was killed right after its `num_lines`-th line."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), conversation], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(num_lines)]
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.readlines()
    child.wait()
    child.stdout.close()
    return [line.strip() for line in lines if line.endswith("\n")]


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    chance = random.Random(7)

    async def start() -> str:
        async with opened(path) as store:
            return await new_conversation(store)

    async def kept(conversation: str) -> list[str]:
        async with opened(path) as store:
            return [f"{e.seq} {e.kind} {e.turn}" for e in await store.events(conversation)]  # type: ignore[arg-type]

    conversation = asyncio.run(start())
    said: list[str] = []
    for _ in range(NUM_KILLS):
        said += acknowledged(path, conversation, chance.randint(1, 9))
        found = asyncio.run(kept(conversation))
        assert set(said) <= set(found), "an acknowledged event is gone"
        assert len(found) == len(set(found))
        assert [int(row.split()[0]) for row in found] == list(range(1, len(found) + 1))


def test_a_full_disk_costs_nothing_but_that_turn(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            await store.append([event(conversation, text="before")])

            async def limit(num_pages: int) -> None:
                await store._writer.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {num_pages}").scalar())

            await limit(30)
            with pytest.raises(EngineError) as caught:
                await store.append([event(conversation, text="y" * 3000) for _ in range(200)])
            assert (caught.value.status, caught.value.code) == (503, "storage_full")
            assert [item.data["text"] for item in await store.events(conversation)] == ["before"]
            await limit(10**6)
            await store.append([event(conversation, text="after")])
            assert [item.data["text"] for item in await store.events(conversation)] == ["before", "after"]

    asyncio.run(run())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ChatwrightError, match="cannot be opened"):
        asyncio.run(open_store(tmp_path / "file" / "c.sqlite3"))


def test_damage_is_named_after_an_unclean_stop(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"

    async def run() -> None:
        async with opened(path) as store:
            conversation = await new_conversation(store)
            for turn in range(1, 60):
                await store.append([event(conversation, turn=turn, text="z" * 1000)])
        content = bytearray(path.read_bytes())
        content[4096 * 6 : 4096 * 9] = b"\xee" * (4096 * 3)
        path.write_bytes(bytes(content))
        path.with_name(path.name + "-wal").write_bytes(b"")
        with pytest.raises(ChatwrightError) as caught:
            await open_store(path)
        assert caught.value.code == "storage_corrupt"

    asyncio.run(run())
