"""What goes wrong with disks and processes: nothing acknowledged is lost, nothing half-written stays."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.durability import Kept, find_faults, run
from opened_store import event, new_conversation, opened

from chatwright.errors import ChatwrightError, EngineError
from chatwright.store import open_store

NUM_KILLS = 40
IN_OWN_MOUNTS = ["unshare", "--map-root-user", "--mount", sys.executable, "-c"]
CAN_MOUNT = not subprocess.run(
    ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
).returncode


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    report = run(tmp_path, num_kills=NUM_KILLS, seed=7)
    assert report.faults == ()
    assert report.num_found >= report.num_acknowledged >= NUM_KILLS


GOOD = [Kept("c", 1, 1, "user", "a"), Kept("c", 2, 1, "bot", "b"), Kept("c", 3, 2, "user", "c")]


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (GOOD[:2], "lost"),
        ([*GOOD, Kept("c", 4, 2, "bot", "a")], "doubled"),
        ([GOOD[0], GOOD[2]], "gaps"),
        ([*GOOD, Kept("c", 4, 1, "bot", "d")], "out of order"),
        ([*GOOD, Kept("c", 4, 2, "user", "d")], "out of order"),
    ],
)
def test_the_check_after_a_kill_sees_what_is_wrong(found: list[Kept], fault: str) -> None:
    assert find_faults(GOOD, GOOD) == []
    assert any(fault in item for item in find_faults(GOOD, found))


def test_a_full_file_costs_nothing_but_that_turn(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            await store.append([event(conversation, text="before")])
            await store._writer.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 40").scalar())
            with pytest.raises(EngineError) as caught:
                await store.append([event(conversation, text="y" * 3000) for _ in range(200)])
            assert (caught.value.status, caught.value.code) == (503, "storage_full")
            assert [item.data["text"] for item in await store.events(conversation)] == ["before"]
            await store.append([event(conversation, text="after")])
            assert [item.data["text"] for item in await store.events(conversation)] == ["before", "after"]

    asyncio.run(check())


# A disk of its own that is really full (or a limit on the size of files), then has room again: all in one process.
FULL_DISK = """
import asyncio, resource, signal, subprocess, sys
from pathlib import Path
from chatwright.errors import EngineError
from chatwright.messages import Event, UserId
from chatwright.store import open_store

kind, folder = sys.argv[1], Path(sys.argv[2])
code = {"tmpfs": "storage_full", "limit": "storage_failed"}[kind]
if kind == "tmpfs":
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(folder)], check=True)

def make_room(is_room):
    if kind == "limit":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        no_limit = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (no_limit if is_room else 400_000, no_limit))
    elif is_room:
        subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True)

async def main():
    make_room(False)
    store = await open_store(folder / "c.sqlite3")
    conversation = await store.open_conversation("shop", UserId("ann"), None)
    kept = 0
    for _ in range(5):  # a failed commit lets the log be used again: there may be room for a little more
        is_full = False
        while not is_full:
            try:
                async with store.turn(conversation) as turn:
                    kinds = ("user", "bot")
                    pair = [Event(conversation=conversation, kind=k, turn=turn, data={"n": "x" * 4000}) for k in kinds]
                    kept += len(await store.append(pair))
            except EngineError as err:
                assert (err.status, err.code) == (503, code), repr(err.code)
                is_full = True
        events = await store.events(conversation)
        assert [event.seq for event in events] == list(range(1, kept + 1)), (len(events), kept)
    make_room(True)
    async with store.turn(conversation) as turn:
        await store.append([Event(conversation=conversation, kind="user", turn=turn, data={"n": "after"})])
    events = await store.events(conversation)
    assert (events[-1].seq, events[-1].data["n"]) == (kept + 1, "after")
    await store.close()
    store = await open_store(folder / "c.sqlite3")
    assert len(await store.events(conversation)) == kept + 1
    await store.close()
    print("survived", kept)

try:
    asyncio.run(main())
finally:
    if kind == "tmpfs":
        subprocess.run(["umount", str(folder)], check=False)
"""


@pytest.mark.parametrize(
    "kind",
    ["limit", pytest.param("tmpfs", marks=pytest.mark.skipif(not CAN_MOUNT, reason="no mounting here"))],
)
def test_a_full_disk_is_survived_without_a_restart(tmp_path: Path, kind: str) -> None:
    launch = IN_OWN_MOUNTS if kind == "tmpfs" else [sys.executable, "-c"]
    done = subprocess.run([*launch, FULL_DISK, kind, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("survived")


READ_ONLY = """
import asyncio, subprocess, sys
from pathlib import Path
from chatwright.errors import ChatwrightError
from chatwright.store import open_store

async def main(folder):
    await (await open_store(folder / "c.sqlite3")).close()
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    try:
        await open_store(folder / "c.sqlite3")
    except ChatwrightError as err:
        print(err.code, str(folder) in err.message, err.hint)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.skipif(not CAN_MOUNT, reason="no mounting here")
def test_a_read_only_disk_is_named(tmp_path: Path) -> None:
    done = subprocess.run([*IN_OWN_MOUNTS, READ_ONLY, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "storage_unreadable True Check its path and permissions.\n"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ChatwrightError, match="cannot be opened"):
        asyncio.run(open_store(tmp_path / "file" / "c.sqlite3"))


def test_damage_is_named_after_an_unclean_stop(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"

    async def check() -> None:
        async with opened(path) as store:
            conversation = await new_conversation(store)
            for turn in range(1, 60):
                await store.append([event(conversation, turn=turn, text="z" * 1000)])
        content = bytearray(path.read_bytes())
        content[4096 * 9 : 4096 * 12] = b"\xee" * (4096 * 3)
        path.write_bytes(bytes(content))
        path.with_name(path.name + "-wal").write_bytes(b"")
        with pytest.raises(ChatwrightError) as caught:
            await open_store(path)
        assert caught.value.code == "storage_corrupt"

    asyncio.run(check())
