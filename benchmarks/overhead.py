"""How long a turn takes when the model takes no time: everything else, over HTTP, at a steady rate.

A real server in a process of its own (examples/support: real index, real store with synchronous=FULL, scripted
engine) is asked by this process on loopback, open loop: a turn is sent when it is due, whether or not others are done,
and its time counts from when it was due; within a conversation, from the answer before when that came later. No two
questions are the same text, so that nothing is remembered from an earlier one.

    python -m benchmarks.overhead --rate 100 --turns 1000 3000
"""

import argparse
import asyncio
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server_process import HttpClient, ServerProcess, running_server
from chatwright.bot.answer import Answerer
from chatwright.bot.definition import load_definition
from chatwright.bot.turn import Bot
from chatwright.engines.scripted import ScriptedEngine
from chatwright.knowledge.embedders import HashEmbedder, OpenVinoE5Embedder
from chatwright.knowledge.evidence import SentenceSelector
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.messages import Message
from chatwright.protocols import Embedder
from chatwright.safety.guards import default_guards
from chatwright.server.app import create_app
from chatwright.server.run import ServerSettings, bind, run_on_fast_loop, run_server
from chatwright.settings import Settings
from chatwright.store import open_store
from chatwright.yamlfile import YamlFile

BOT_DIR = Path("examples/support")
SEED = 7
NUM_WARMUP_TURNS = 200
_MARKS = "?!."  # marks after a question change its text and nothing of its meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A conversation to be had. at_s: when each question is due, in seconds since the start."""

    questions: Sequence[str]
    at_s: Sequence[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=100.0, help="turns a second")
    parser.add_argument("--turns", type=int, nargs="+", default=[1000])
    parser.add_argument("--embedder", choices=("hash", "e5"), nargs="+", default=["hash", "e5"])
    parser.add_argument("--serve", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        run_on_fast_loop(serve(given.serve, given.embedder[0]))
        return
    print(f"command: python -m benchmarks.overhead {' '.join(sys.argv[1:])}".rstrip())
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores; seed: {SEED}; rate: {given.rate:.0f} turns/s")
    for embedder in given.embedder:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "support"
            shutil.copytree(BOT_DIR, folder, ignore=shutil.ignore_patterns(".chatwright"))
            command = [sys.executable, "-m", "benchmarks.overhead", "--serve", str(folder), "--embedder", embedder]
            with running_server(command, Path(name) / "server.log") as server:
                asyncio.run(measure(server, embedder, given.rate, given.turns))


async def serve(bot_dir: Path, embedder_name: str) -> None:
    """The server: reads the knowledge folder, prints its port, answers until it is told to stop."""
    settings = Settings(data_dir=bot_dir / "data")
    embedder: Embedder = HashEmbedder()
    if embedder_name == "e5":
        embedder = OpenVinoE5Embedder(settings.models_dir / "multilingual-e5-small")
    index = Index(bot_dir / "index.sqlite3")
    ingest(bot_dir / "knowledge", index, embedder, progress=False)
    retriever = HybridRetriever(index, embedder)
    definition = load_definition(bot_dir)
    worded = definition.model.model_copy(update={"wording": "checked"})  # so that prompt and check count too
    answerer = Answerer(
        definition=definition.model_copy(update={"model": worded}),
        engine=ScriptedEngine(first_evidence),
        retriever=retriever,
        selector=SentenceSelector(retriever),
    )
    store = await open_store(bot_dir / "conversations.sqlite3")
    bot = Bot(definition=answerer.definition, answerer=answerer, store=store, guards=default_guards())
    server_settings = ServerSettings()
    listener = bind("127.0.0.1", 0)
    app = create_app({bot.name: bot}, {}, embedder, settings=server_settings, keys=None)
    print(listener.getsockname()[1], flush=True)
    await run_server(app, server_settings, listener=listener)
    await store.close()
    index.close()


def first_evidence(messages: Sequence[Message]) -> str:
    """A wording that passes its check: the first line of the evidence."""
    return messages[-1].content.split("\n")[1]


async def measure(server: ServerProcess, embedder: str, rate: float, nums_turns: Sequence[int]) -> None:
    client = HttpClient(server.port)
    chance = random.Random(SEED)
    singles, dialogues = read_questions()
    await drive(client, plan(singles, NUM_WARMUP_TURNS, rate / 2, chance))
    for num_turns in nums_turns:
        for kind, questions in (("new conversation a turn", singles), ("conversations of up to 3 turns", dialogues)):
            before_s = server.cpu_s()
            took_ms = sorted(await drive(client, plan(questions, num_turns, rate, chance)))
            cpu_ms = (server.cpu_s() - before_s) * 1000 / len(took_ms)
            p50, p95, p99 = (took_ms[int(share * len(took_ms))] for share in (0.50, 0.95, 0.99))
            print(
                f"{embedder:4} {kind:30} n {len(took_ms):4}  ms: p50 {p50:5.1f}  p95 {p95:5.1f}  p99 {p99:5.1f}  "
                f"max {took_ms[-1]:6.1f}  cpu ms a turn {cpu_ms:4.2f}  load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


def read_questions() -> tuple[list[list[str]], list[list[str]]]:
    """The bot's own test questions as conversations of one turn and of up to three."""
    tests = BOT_DIR / "tests"
    asked = [item["question"] for item in YamlFile(tests / "questions.yaml").values["questions"]]
    followed = YamlFile(tests / "followups.yaml").values["dialogues"]
    dialogues = [[turn["question"] for turn in dialogue["turns"]][:3] for dialogue in followed]
    return [[question] for question in asked], dialogues


def plan(conversations: Sequence[Sequence[str]], num_turns: int, rate: float, chance: random.Random) -> list[Due]:
    """Conversations that begin at random, `rate` turns a second on average; a second between the turns of one."""
    planned: list[Due] = []
    mean_turns = sum(map(len, conversations)) / len(conversations)
    at_s, num_planned = 0.0, 0
    while num_planned < num_turns:
        at_s += chance.expovariate(rate / mean_turns)
        questions = [unlike_others(text, chance) for text in chance.choice(conversations)]
        planned.append(Due(questions=questions, at_s=[at_s + place for place in range(len(questions))]))
        num_planned += len(questions)
    return planned


def unlike_others(question: str, chance: random.Random) -> str:
    return question + "".join(chance.choices(_MARKS, k=8))


async def drive(client: HttpClient, planned: Sequence[Due]) -> list[float]:
    """Milliseconds of every turn."""
    started = time.perf_counter()
    every = await asyncio.gather(*(converse(client, due, started) for due in planned))
    return [took_ms for conversation in every for took_ms in conversation]


async def converse(client: HttpClient, due: Due, started: float) -> list[float]:
    took_ms: list[float] = []
    body: dict[str, object] = {"model": "support"}
    answered = 0.0
    for question, at_s in zip(due.questions, due.at_s, strict=True):
        await asyncio.sleep(max(0.0, started + at_s - time.perf_counter()))
        answer = await client.chat(body | {"messages": [{"role": "user", "content": question}]})
        took_ms.append((time.perf_counter() - max(started + at_s, answered)) * 1000)
        answered = time.perf_counter()
        body["metadata"] = {"conversation": answer["chatwright"]["conversation"]}
    return took_ms


if __name__ == "__main__":
    main()
