"""What the server itself costs with the real model: leaving, the second turn, memory, loading, `--help`.

python -m benchmarks.server --model-dir DIR    (DIR: a converted model, as ModelStore.prepare returns it)
"""

import argparse
import asyncio
import os
import platform
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO

import orjson

from benchmarks.server_process import chat_bytes, running_server
from chatwright.engines.host import EngineHost
from chatwright.engines.scripted import ScriptedEngine
from chatwright.messages import Delta, GenerateOptions, Message
from chatwright.protocols import Engine
from chatwright.server.app import create_app
from chatwright.server.run import ServerSettings, bind, run_server

MODEL = "measured"
TOKEN_DELAY_S = 0.02
NUM_CTX = 8192
NUM_DIALOGUES = 5
_WORDS = "Delivery within the mainland takes three to five days. Parcels above five kilograms cost two more. "
SYSTEM = "You are a shop's assistant. " + _WORDS * 24
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


class Watched:
    """An engine that prints when a reply that was left has freed its slot (monotonic seconds, one clock for all)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.model, self.num_ctx = engine.model, engine.num_ctx

    async def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[Delta]:
        has_ended = False
        stream = self._engine.generate(messages, options)
        try:
            async for delta in stream:
                has_ended = delta.finish_reason is not None
                yield delta
        finally:
            await stream.aclose()  # type: ignore[attr-defined]
            if isinstance(self._engine, EngineHost):
                while self._engine.turnstile.num_inside:  # noqa: ASYNC110 - given back when the child has stopped
                    await asyncio.sleep(0.001)
            if not has_ended:
                print(time.monotonic(), flush=True)

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return await self._engine.count_tokens(messages)

    async def close(self) -> None:
        await self._engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--serve", choices=("scripted", "real"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.model_dir))
        return
    print(f"command: python -m benchmarks.server {' '.join(sys.argv[1:])}")
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores; no randomness")
    help_s = statistics.median(time_of([sys.executable, "-m", "chatwright", "--help"]) for _ in range(5))
    print(f"--help: {help_s:.2f} s (median of 5), load {os.getloadavg()[0]:.1f}")
    for kind, num in (("scripted", 50), ("real", 10)):
        measure(kind, num, given.model_dir)


def measure(kind: str, num_cancels: int, model_dir: Path) -> None:
    """Prints what there is to measure of one kind of engine."""
    command = [sys.executable, "-m", "benchmarks.server", "--serve", kind, "--model-dir", str(model_dir)]
    with tempfile.TemporaryDirectory() as folder, running_server(command, Path(folder) / "log") as server:
        if kind == "real":
            print(
                f"model load: {float(server.output.readline()):.2f} s; server ready after {server.ready_s:.1f} s in all"
            )
            measure_prefix(server.port)
        took_ms = sorted(cancelled_ms(server.port, server.output) for _ in range(num_cancels))
        p50, p99 = statistics.median(took_ms), took_ms[min(len(took_ms) - 1, int(0.99 * len(took_ms)))]
        print(f"reset to free slot, {kind}: p50 {p50:.1f}  p99 {p99:.1f}  max {took_ms[-1]:.1f} ms (n {num_cancels}), "
              f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
        if kind == "real":
            sizes = [resident_mb(pid) for pid in family(server.pid)]
            print(f"memory: {sum(sizes):.0f} MB ({', '.join(f'{size:.0f}' for size in sizes)} by process)")


async def serve(kind: str, model_dir: Path) -> None:
    """The server: prints its port, then the moment of every cancelled reply."""
    engine: Engine = ScriptedEngine(["word " * 2000], model=MODEL, num_ctx=NUM_CTX, token_delay_s=TOKEN_DELAY_S)
    load_s: float | None = None
    if kind == "real":
        host = EngineHost(model_dir, model=MODEL, num_ctx=NUM_CTX)
        started = time.perf_counter()
        await host.start()
        load_s = time.perf_counter() - started
        engine = host
    settings = ServerSettings()
    listener = bind("127.0.0.1", 0)
    app = create_app({}, {MODEL: Watched(engine)}, None, settings=settings, keys=None)
    print(listener.getsockname()[1], flush=True)
    if load_s is not None:
        print(load_s, flush=True)
    await run_server(app, settings, listener=listener)
    await engine.close()


def cancelled_ms(port: int, freed: IO[bytes]) -> float:
    """Opens a stream, reads its first text, resets the connection; milliseconds until the slot was free."""
    question = {"role": "user", "content": "Write a long story about a lighthouse, at least a thousand words."}
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(chat_bytes({"model": MODEL, "stream": True, "max_tokens": 1000, "messages": [question]}))
        while b"data: " not in connection.recv(65_536):
            pass
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        left = time.monotonic()
    return (float(freed.readline()) - left) * 1000


def measure_prefix(port: int) -> None:
    """Time to first text of a conversation's second turn against its first, over new conversations."""
    pairs = []
    for number in range(NUM_DIALOGUES):
        messages = [{"role": "system", "content": f"Shop {number}. {SYSTEM}"}]
        messages.append({"role": "user", "content": "How long does delivery take?"})
        first_s, said = first_text_s(port, messages)
        messages += [{"role": "assistant", "content": said}, {"role": "user", "content": "And above five kilograms?"}]
        pairs.append((first_s, first_text_s(port, messages)[0]))
    firsts, seconds = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(second / first for first, second in pairs)
    print(
        f"first text: {firsts * 1000:.0f} ms on the first turn, {seconds * 1000:.0f} ms on the second, "
        f"ratio {ratio:.2f} (medians, n {NUM_DIALOGUES})"
    )


def first_text_s(port: int, messages: list[dict[str, str]]) -> tuple[float, str]:
    """Seconds to the first text, and the whole text."""
    received, first_s = b"", 0.0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        started = time.perf_counter()
        connection.sendall(chat_bytes({"model": MODEL, "stream": True, "max_tokens": 40, "messages": messages}))
        while b"data: [DONE]" not in received:
            received += connection.recv(65_536)
            first_s = first_s or ((time.perf_counter() - started) if b"data: {" in received else 0.0)
    events = [orjson.loads(line[6:]) for line in received.splitlines() if line.startswith(b"data: {")]
    return first_s, "".join(event["choices"][0]["delta"].get("content", "") for event in events)


def time_of(command: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def family(pid: int) -> list[int]:
    """The process and those that it started (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def resident_mb(pid: int) -> float:
    """Resident memory, pages shared with others included (Linux)."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
