"""Kills processes that keep conversations, at random moments, and looks for what was acknowledged.

Two children at a time work on the same conversations of one file; one of them is killed (SIGKILL), the file is checked
while the other goes on, and a new child takes the dead one's place. Nothing acknowledged may be lost, doubled or out of
order, and SQLite's integrity check must be content. This is about processes: it does not cut the power. Children are
forked from a process that has read the program once, so that a thousand of them cost a thousand forks. What a killed
process has written stays with the kernel, so a disk in memory tests the same, and faster:

    TMPDIR=/dev/shm python -m benchmarks.durability --kills 1000
"""

import argparse
import asyncio
import multiprocessing
import random
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import orjson
from rich.console import Console
from rich.progress import Progress

from chatwright.messages import ConversationId, Event, EventKind, IdempotencyClaim, UserId
from chatwright.store import SqlStore, open_store
from chatwright.store.connection import make_engine

NUM_CHILDREN = 2
NUM_CONVERSATIONS = 3
KILLS_A_SET = 20  # then fresh conversations, so that a check stays short
MAX_ACKNOWLEDGED = 30
MAX_DELAY_S = 0.005
START_TIMEOUT_S = 300.0  # a busy machine may leave a child that is nice without a turn for a minute
_FORKS = multiprocessing.get_context("forkserver")


class Kept(NamedTuple):
    """One event as a child had it acknowledged, or as it is found. token: unlike any other event's."""

    conversation: str
    seq: int
    turn: int
    kind: str
    token: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run saw. restart_s: the longest time to open the file after a kill."""

    num_kills: int
    num_acknowledged: int
    num_found: int
    restart_s: float
    faults: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What a run has seen so far."""

    num_said: int = 0
    num_found: int = 0
    restart_s: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class Child:
    """A process that appends, and what it said it had kept."""

    process: BaseProcess
    replies: Connection
    kept: list[Kept] = field(default_factory=list)
    progressed: threading.Condition = field(default_factory=threading.Condition)
    reader: threading.Thread | None = None

    @classmethod
    def start(cls, path: Path, conversations: Sequence[str]) -> "Child":
        replies, said = _FORKS.Pipe(duplex=False)
        process = _FORKS.Process(target=_work, args=(str(path), list(conversations), said), daemon=True)
        process.start()
        said.close()
        child = cls(process, replies)
        child.reader = threading.Thread(target=child._read, daemon=True)
        child.reader.start()
        return child

    def kill_after(self, num_kept: int, delay_s: float) -> None:
        with self.progressed:
            num_kept += len(self.kept)
            reached = self.progressed.wait_for(lambda: len(self.kept) >= num_kept, START_TIMEOUT_S)
        assert reached, f"a child acknowledged nothing for {START_TIMEOUT_S} s"
        time.sleep(delay_s)
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        assert self.reader is not None
        self.reader.join()
        self.replies.close()

    def said(self) -> list[Kept]:
        return list(self.kept)

    def _read(self) -> None:
        while True:
            try:
                item = Kept(*orjson.loads(self.replies.recv_bytes()))
            except (EOFError, OSError):  # killed, perhaps in the middle of a word
                return
            with self.progressed:
                self.kept.append(item)
                self.progressed.notify_all()


def find_faults(said: Iterable[Kept], found: Iterable[Kept]) -> list[str]:
    """What is lost, doubled or out of order; empty when all is well."""
    kept = list(found)
    faults = [f"lost: {item}" for item in set(said) - set(kept)]
    faults += [f"doubled: {token}" for token, count in Counter(item.token for item in kept).items() if count > 1]
    by_conversation: dict[str, list[Kept]] = defaultdict(list)
    for item in kept:
        by_conversation[item.conversation].append(item)
    for conversation, items in by_conversation.items():
        if [item.seq for item in items] != list(range(1, len(items) + 1)):
            faults.append(f"seq has gaps: {conversation}")
        steps = [(item.turn, item.kind != "user") for item in items]
        if steps != sorted(set(steps)):
            faults.append(f"turns out of order: {conversation}")
    return faults


def run(folder: Path, *, num_kills: int, seed: int, is_progress_shown: bool = False) -> Report:
    """Kills `num_kills` children one after the other, and checks the file after each."""
    path = folder / "conversations.sqlite3"
    chance = random.Random(seed)
    tally = Tally()
    with Progress(disable=not is_progress_shown) as progress:
        bar = progress.add_task("killing", total=num_kills)
        for first in range(0, num_kills, KILLS_A_SET):
            for _ in _kill_set(path, min(KILLS_A_SET, num_kills - first), chance, tally):
                progress.advance(bar)
            print(f"{tally.num_said} acknowledged, {len(tally.faults)} faults", file=sys.stderr, flush=True)
    return Report(num_kills, tally.num_said, tally.num_found, tally.restart_s, tuple(tally.faults))


def _kill_set(path: Path, num_kills: int, chance: random.Random, tally: Tally) -> Iterator[None]:
    """Some kills on fresh conversations; yields after each."""
    conversations = asyncio.run(_open_conversations(path))
    children = [Child.start(path, conversations) for _ in range(NUM_CHILDREN)]
    said: list[Kept] = []
    try:
        for _ in range(num_kills):
            victim = chance.randrange(NUM_CHILDREN)
            children[victim].kill_after(chance.randint(1, MAX_ACKNOWLEDGED), chance.random() * MAX_DELAY_S)
            said += children[victim].said()
            children[victim] = Child.start(path, conversations)
            alive = [item for child in children for item in child.said()]
            found, took_s = asyncio.run(_read_back(path, conversations, said))
            tally.restart_s = max(tally.restart_s, took_s)
            tally.faults += find_faults([*said, *alive], found) + _damage(path)
            yield
    finally:
        for child in children:
            child.kill()
            said += child.said()
    found, _ = asyncio.run(_read_back(path, conversations, said))
    tally.faults += find_faults(said, found) + _damage(path)
    tally.num_said += len(said)
    tally.num_found += len(found)


def _claim(token: str) -> IdempotencyClaim:
    return IdempotencyClaim(scope="durability", key=token, fingerprint=token)


async def _open_conversations(path: Path) -> list[str]:
    store = await open_store(path)
    try:
        return [await store.open_conversation("bot", UserId("user"), None) for _ in range(NUM_CONVERSATIONS)]
    finally:
        await store.close()


async def _read_back(path: Path, conversations: Iterable[str], said: list[Kept]) -> tuple[list[Kept], float]:
    """Every event that is there, and the seconds it took to open the file. The last answer must also be replayed."""
    started = time.perf_counter()
    store = await open_store(path)
    took_s = time.perf_counter() - started
    try:
        found = [
            Kept(item, event.seq, event.turn, event.kind, event.data["token"])
            for item in conversations
            for event in await store.events(ConversationId(item))
        ]
        answers = [item for item in said if item.kind == "bot"]
        if answers:
            replayed = await store.settled(_claim(answers[-1].token.removesuffix("-bot") + "-user"))
            assert replayed is not None
            assert replayed.data["token"] == answers[-1].token
        return found, took_s
    finally:
        await store.close()


def _damage(path: Path) -> list[str]:
    engine = make_engine(path, key=None, is_writer=False)
    try:
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        return [] if said == "ok" else [f"damaged: {said}"]
    finally:
        engine.dispose()


def _work(path: str, conversations: list[str], said: Connection) -> None:
    """A child: speaks in all conversations at once, without end."""
    asyncio.run(_speak_everywhere(Path(path), conversations, said))


async def _speak_everywhere(path: Path, conversations: list[str], said: Connection) -> None:
    store = await open_store(path)
    await asyncio.gather(*(_speak(store, ConversationId(item), said) for item in conversations))


async def _speak(store: SqlStore, conversation: ConversationId, said: Connection) -> None:
    kinds: tuple[EventKind, ...] = ("user", "bot")
    while True:
        name = secrets.token_hex(8)
        async with store.turn(conversation) as turn:
            for kind in kinds:
                token = f"{name}-{kind}"
                event = Event(
                    conversation=conversation, kind=kind, turn=turn, data={"token": token, "text": "话" * 200}
                )
                (kept,) = await store.append([event], claim=_claim(token) if kind == "user" else None)
                said.send_bytes(orjson.dumps([conversation, kept.seq, kept.turn, kept.kind, token]))


def main() -> int:
    """Exit 0 when nothing was lost."""
    parser = argparse.ArgumentParser(description="Kill processes that keep conversations; look for what is lost.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder), num_kills=given.kills, seed=given.seed, is_progress_shown=Console().is_terminal)
    print(
        f"lost, doubled or out of order {len(report.faults)} | kills:{report.num_kills} "
        f"acknowledged:{report.num_acknowledged} found:{report.num_found} "
        f"longest opening:{report.restart_s:.2f} s seed:{given.seed}"
    )
    for fault in report.faults[:20]:
        print(fault)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
