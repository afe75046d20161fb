"""How long the store takes a turn: at a steady rate, and as many as it can with and without committing together.

A turn is what the bot does: settle the claim, hold the conversation, keep the user's event, keep the answer's two.

    python -m benchmarks.store_turns --rate 100 --turns 2000
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

from chatwright.messages import ConversationId, Event, IdempotencyClaim, UserId
from chatwright.store import SqlStore, open_store, writer

NUM_CONVERSATIONS = 50
SEED = 7


async def one_turn(store: SqlStore, conversation: ConversationId, name: str) -> float:
    """Milliseconds for everything the store does in a turn."""
    started = time.perf_counter()
    claim = IdempotencyClaim(scope="bench", key=name, fingerprint=name)
    await store.settled(claim)
    async with store.turn(conversation) as turn:
        await store.events(conversation, after_seq=max(0, 3 * turn - 12))
        user = Event(conversation=conversation, kind="user", turn=turn, data={"text": "多久发货？" * 10})
        await store.append([user], claim=claim)
        commands = Event(conversation=conversation, kind="commands", turn=turn, data={"query": "x" * 200})
        bot = Event(conversation=conversation, kind="bot", turn=turn, data={"answer": "y" * 600})
        await store.append([commands, bot])
    return (time.perf_counter() - started) * 1000


async def steady(store: SqlStore, conversations: list[ConversationId], rate: float, num_turns: int) -> list[float]:
    """Turns that arrive at random, `rate` a second on average, whether or not earlier ones are done."""
    chance = random.Random(SEED)
    turns: list[asyncio.Task[float]] = []
    due = time.perf_counter()
    for number in range(num_turns):
        due += chance.expovariate(rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        turns.append(asyncio.create_task(one_turn(store, chance.choice(conversations), f"s{number}")))
    return await asyncio.gather(*turns)


async def flood(store: SqlStore, conversations: list[ConversationId], num_turns: int, name: str) -> float:
    """Turns a second when every conversation is always busy."""
    started = time.perf_counter()

    async def speak(conversation: ConversationId) -> None:
        for number in range(num_turns // len(conversations)):
            await one_turn(store, conversation, f"{name}-{conversation}-{number}")

    await asyncio.gather(*(speak(item) for item in conversations))
    return num_turns / (time.perf_counter() - started)


async def measure(path: Path, rate: float, num_turns: int) -> None:
    """Prints the three figures."""
    store = await open_store(path)
    conversations = [await store.open_conversation("b", UserId("u"), None) for _ in range(NUM_CONVERSATIONS)]
    took_ms = sorted(await steady(store, conversations, rate, num_turns))
    together = await flood(store, conversations, num_turns, "together")
    writer.MAX_JOBS_A_COMMIT = 1
    alone = await flood(store, conversations, num_turns, "alone")
    await store.close()
    p99 = took_ms[int(0.99 * len(took_ms))]
    p50 = statistics.median(took_ms)
    print(f"store ms a turn at {rate:.0f}/s: p50 {p50:.1f} p99 {p99:.1f} | n:{num_turns} seed:{SEED}")
    print(f"turns/s, {NUM_CONVERSATIONS} at once: {together:.0f} committing together, {alone:.0f} one by one")


def main() -> None:
    """Runs in a temporary folder of the disk that TMPDIR names."""
    parser = argparse.ArgumentParser(description="Measure what the store takes of a turn.")
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--turns", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder) / "c.sqlite3", given.rate, given.turns))


if __name__ == "__main__":
    main()
