"""`chatwright bench engine`: this product's engine against a peer, same weights, same machine, one run, alternating.

In: a model folder for us, the GGUF file it was made from for the peer. Out: one JSON object with medians over n rounds.
Every ratio is our advantage: above 1 we are better. prefill: prompt tokens per second of one ~400-token prompt that
shares nothing with an earlier one. decode: tokens per second of one reply after its first token. throughput_8: reply
tokens per second of eight grounded chats sent at once (~400-token prompts with one system prefix and different
passages, 48 new tokens). first_token_8: the peer's mean time to first token in those eight chats over ours.
second_turn is no comparison: time to first token of a conversation's second turn over its first, each side's own.
"""

import asyncio
import os
import platform
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import orjson
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chatwright.engines.host import EngineHost, HostSettings
from chatwright.errors import ConfigError, nearest
from chatwright.messages import GenerateOptions, Message
from chatwright.models import ModelStore
from chatwright.settings import Settings

NUM_CHATS = 8
NUM_THREADS = 2
NUM_CTX = 4096
NEW_TOKENS = 48
DECODE_TOKENS = 96
PEERS = ("llamacpp",)

_SYSTEM = (
    "You are the assistant of a shop for electronics. Answer only from the passages below, in the language of the "
    "question, in complete sentences, and cite the passage for each statement. If the passages do not contain the "
    "answer, say that you do not know and offer a person. Never promise anything that the passages do not promise, "
    "never mention other shops, and keep amounts, dates, names and conditions exactly as they are written."
)
_SUBJECTS = ("refund", "delivery", "warranty", "repair", "exchange", "invoice", "voucher", "subscription")
_CONDITIONS = ("within {n} days of receipt", "after {n} working days", "from {n} euros", "at most {n} times a year")
_OBJECTS = ("headphones", "a laptop", "any phone", "a camera", "spare parts", "a gift card", "a monitor", "a printer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One chat as its client saw it."""

    first_token_s: float
    total_s: float
    prompt_tokens: int
    completion_tokens: int
    text: str

    @property
    def decode_tokens_per_s(self) -> float:
        return (self.completion_tokens - 1) / max(self.total_s - self.first_token_s, 1e-9)


class Contestant(Protocol):
    """What is measured: a model that streams a reply."""

    async def chat(self, messages: Sequence[Message], max_new_tokens: int) -> Timing: ...

    async def close(self) -> None: ...


class OurEngine:
    """The engine as the server uses it, child process and all."""

    def __init__(self, model_dir: Path, settings: HostSettings) -> None:
        self._host = EngineHost(model_dir, model="ours", num_ctx=NUM_CTX, settings=settings)

    async def chat(self, messages: Sequence[Message], max_new_tokens: int) -> Timing:
        started_s, first_s, pieces = time.perf_counter(), None, []
        async for delta in self._host.generate(messages, GenerateOptions(max_new_tokens=max_new_tokens)):
            first_s = first_s or time.perf_counter()
            pieces.append(delta.text)
            last = delta
        assert first_s is not None
        assert last.usage is not None
        return Timing(
            first_token_s=first_s - started_s,
            total_s=time.perf_counter() - started_s,
            prompt_tokens=last.usage.prompt_tokens,
            completion_tokens=last.usage.completion_tokens,
            text="".join(pieces),
        )

    async def close(self) -> None:
        await self._host.close()


class LlamaCppPeer:
    """llama.cpp's own server inside this process: eight slots, continuous batching, prompt cache, two threads."""

    def __init__(self, gguf: Path) -> None:
        xllamacpp = _import_peer()
        params = xllamacpp.CommonParams()
        params.model.path = str(gguf)
        params.n_ctx = NUM_CTX * NUM_CHATS
        params.n_parallel = NUM_CHATS
        params.cont_batching = True
        params.cpuparams.n_threads = NUM_THREADS
        params.cpuparams_batch.n_threads = NUM_THREADS
        params.verbosity = 0
        self._server = xllamacpp.Server(params)

    async def chat(self, messages: Sequence[Message], max_new_tokens: int) -> Timing:
        return await asyncio.to_thread(self._chat, messages, max_new_tokens)

    async def close(self) -> None:
        del self._server

    def _chat(self, messages: Sequence[Message], max_new_tokens: int) -> Timing:
        chunks: list[tuple[float, dict[str, Any]]] = []
        request = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_new_tokens,
            "temperature": 0.0,
            "stream": True,
            "stream_options": {"include_usage": True},
            "cache_prompt": True,
        }
        started_s = time.perf_counter()
        self._server.handle_chat_completions(request, lambda chunk: _keep(chunks, chunk))
        return _peer_timing(chunks, started_s, time.perf_counter() - started_s)


def _keep(chunks: list[tuple[float, dict[str, Any]]], chunk: Any) -> None:
    now_s = time.perf_counter()
    for part in chunk if isinstance(chunk, list) else [chunk]:
        chunks.append((now_s, part if isinstance(part, dict) else orjson.loads(part)))


def _peer_timing(chunks: Sequence[tuple[float, dict[str, Any]]], started_s: float, total_s: float) -> Timing:
    texts: list[tuple[float, str]] = []
    usage: dict[str, Any] = {}
    for at_s, chunk in chunks:
        usage = chunk.get("usage") or usage
        texts += [(at_s, choice["delta"].get("content") or "") for choice in chunk.get("choices", [])]
    spoken = [(at_s, text) for at_s, text in texts if text]
    if not spoken or not usage:
        raise ConfigError("The peer did not answer.", hint="Check that the GGUF file is a chat model.")
    return Timing(
        first_token_s=spoken[0][0] - started_s,
        total_s=total_s,
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"],
        text="".join(text for _, text in spoken),
    )


def _import_peer() -> Any:
    try:
        import xllamacpp
    except ImportError as err:
        message = "The peer 'llamacpp' is not installed."
        raise ConfigError(message, hint="Install it with: pip install 'chatwright[llamacpp]'") from err
    return xllamacpp


def grounded_chat(number: int) -> list[Message]:
    """Chat `number` of the workload: the same system prefix, passages of its own, about 400 tokens together."""
    chooser = random.Random(number)  # noqa: S311 - a repeatable workload, no secret
    lines = []
    for passage in range(1, 13):
        condition = chooser.choice(_CONDITIONS).format(n=chooser.randint(2, 90))
        subject, thing = chooser.choice(_SUBJECTS), chooser.choice(_OBJECTS)
        lines.append(
            f"[{passage}] The {subject} for {thing} is possible {condition}, order {chooser.randint(100, 999)}."
        )
    question = f"Explain in detail what the passages say about the {chooser.choice(_SUBJECTS)} and how to use it."
    return [Message(role="system", content=_SYSTEM), Message(role="user", content="\n".join([*lines, question]))]


async def measure_round(contestant: Contestant, number: int) -> dict[str, float]:
    """One round of every figure. Rounds of different `number` share no passages, so no prompt was seen before."""
    base = number * 1000
    fresh = [Message(role="system", content=f"Round {base} of the bench."), *grounded_chat(base)[1:]]
    prefill = await contestant.chat(fresh, 1)
    decode = await contestant.chat([Message(role="user", content=f"Write a story about {base} rivers.")], DECODE_TOKENS)
    started_s = time.perf_counter()
    chats = await asyncio.gather(*(contestant.chat(grounded_chat(base + 1 + i), NEW_TOKENS) for i in range(NUM_CHATS)))
    wall_s = time.perf_counter() - started_s
    return {
        "prefill_tokens_per_s": prefill.prompt_tokens / prefill.first_token_s,
        "decode_tokens_per_s": decode.decode_tokens_per_s,
        "throughput_8_tokens_per_s": sum(chat.completion_tokens for chat in chats) / wall_s,
        "first_token_8_s": statistics.mean(chat.first_token_s for chat in chats),
        "prompt_tokens": statistics.mean(chat.prompt_tokens for chat in chats),
        "second_turn": await _second_turn(contestant, base + 500),
    }


async def _second_turn(contestant: Contestant, number: int) -> float:
    """Time to first token of a conversation's second turn over its first. No unit; below 1 the prefix cache helps."""
    messages = [Message(role="system", content=f"Conversation {number}. {_SYSTEM}"), *grounded_chat(number)[1:]]
    first = await contestant.chat(messages, NEW_TOKENS)
    answer = Message(role="assistant", content=first.text)
    second = await contestant.chat([*messages, answer, Message(role="user", content="And what does it cost?")], 8)
    return second.first_token_s / first.first_token_s


def compare(ours: dict[str, float], peer: dict[str, float]) -> dict[str, float]:
    """Our advantage in each figure; above 1 we are better."""
    return {
        "prefill": ours["prefill_tokens_per_s"] / peer["prefill_tokens_per_s"],
        "decode": ours["decode_tokens_per_s"] / peer["decode_tokens_per_s"],
        "throughput_8": ours["throughput_8_tokens_per_s"] / peer["throughput_8_tokens_per_s"],
        "first_token_8": peer["first_token_8_s"] / ours["first_token_8_s"],
    }


def run_engine_bench(model_dir: Path, gguf: Path, *, peer: str, n: int) -> dict[str, Any]:
    """Measures both sides in `n` alternating rounds after one that warms them up; see the module for each figure.

    Raises ConfigError for an unknown or missing peer, or a model that cannot be loaded.
    """
    if peer not in PEERS:
        raise ConfigError(f"Unknown peer {peer!r}.", hint=nearest(peer, list(PEERS)))
    if n < 1:
        raise ConfigError(f"n is {n}; it must be at least 1.", hint="Five rounds are a good choice.")
    return asyncio.run(_run(model_dir, gguf, n))


async def _run(model_dir: Path, gguf: Path, n: int) -> dict[str, Any]:
    properties = (("INFERENCE_NUM_THREADS", str(NUM_THREADS)),)
    sides: dict[Literal["ours", "peer"], Contestant] = {
        "peer": LlamaCppPeer(gguf),
        "ours": OurEngine(model_dir, HostSettings(slots=NUM_CHATS, properties=properties)),
    }
    rounds: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    try:
        with Progress(console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as progress:
            task = progress.add_task("Measuring both engines", total=(n + 1) * len(sides))
            for number in range(n + 1):
                for name, side in sides.items():
                    rounds[name].append(await measure_round(side, number))
                    progress.advance(task)
    finally:
        for side in sides.values():
            await side.close()
    medians = {name: _medians(measured[1:]) for name, measured in rounds.items()}  # the first round warmed up
    return {
        "ratios": {name: round(ratio, 2) for name, ratio in compare(medians["ours"], medians["peer"]).items()},
        **medians,
        "machine": describe_machine(),
        "n": n,
    }


def _medians(measured: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(each[name] for each in measured), 3) for name in measured[0]}


def describe_machine() -> dict[str, Any]:
    """Processor, cores and what decides speed on it: which matrix instructions there are."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    named = {name.strip(): value.strip() for name, value in fields.items()}
    flags = named.get("flags", "").split()
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
    return {
        "cpu": named.get("model name", platform.processor() or platform.machine()),
        "cores": os.cpu_count(),
        "threads_used": NUM_THREADS,
        "instructions": [flag for flag in wanted if flag in flags],
        "load_average": round(os.getloadavg()[0], 2),
    }


def print_bench(result: dict[str, Any], peer: str) -> None:
    """The result as a table, each row with our advantage."""
    table = Table("figure", "ours", peer, "advantage", title=f"n = {result['n']}, medians")
    rows = {
        "prefill": "prefill_tokens_per_s",
        "decode": "decode_tokens_per_s",
        "throughput_8": "throughput_8_tokens_per_s",
        "first_token_8": "first_token_8_s",
    }
    for ratio, figure in rows.items():
        ours, theirs = result["ours"][figure], result["peer"][figure]
        table.add_row(figure, f"{ours:.2f}", f"{theirs:.2f}", f"{result['ratios'][ratio]:.2f}×")
    table.add_row("second_turn", f"{result['ours']['second_turn']:.2f}", f"{result['peer']['second_turn']:.2f}", "")
    Console().print(table)


def bench_engine(model: str, peer: str, n: int, is_json: bool) -> None:
    """Compares our engine's speed with a peer's on the same weights."""
    store = ModelStore(Settings().models_dir)
    name = model or store.default().name
    gguf = store.pull(name)
    result = run_engine_bench(store.prepare(name), gguf, peer=peer, n=n)
    if is_json:
        typer.echo(orjson.dumps({"model": name, **result}).decode())
    else:
        print_bench(result, peer)
