"""A server in a process of its own, and a client for it that costs little: what benchmarks of the server share.

The client speaks only as much HTTP/1.1 as is needed: one request after the other on connections that are kept, so
that the measuring process takes little of the processor from the measured one.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

_START_TIMEOUT_S = 120.0
_CHAT = "/v1/chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """output: what the server prints after its port. ready_s: from the start of the process until it was ready."""

    port: int
    pid: int
    output: IO[bytes]
    ready_s: float

    def cpu_s(self) -> float:
        """Seconds of processor that the process has used so far, in user and system mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime, proc_pid_stat(5)


@contextmanager
def running_server(command: Sequence[str], log: Path) -> Iterator[ServerProcess]:
    """Runs `command`, which prints its port first of all, until the block ends. Its log goes to a file, as in use."""
    started = time.monotonic()
    with log.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline() or b"0")
            if not port:
                raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")
            asyncio.run(_answers(port))
            ready_s = time.monotonic() - started
            yield ServerProcess(port=port, pid=process.pid, output=process.stdout, ready_s=ready_s)
        finally:
            process.terminate()
            process.wait(40)


async def _answers(port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        status, _ = await HttpClient(port).request("GET", "/ready")
        if status == 200:
            return
        if time.monotonic() > deadline:
            raise RuntimeError("The server is not ready.")
        await asyncio.sleep(0.1)


@dataclass(slots=True)
class HttpClient:
    """Requests to one loopback port; as many connections as there are requests at once."""

    port: int
    _idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def chat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The whole answer of a chat completion. Raises RuntimeError for any other status than 200."""
        status, payload = await self.request("POST", _CHAT, orjson.dumps(body))
        if status != 200:
            raise RuntimeError(f"{status}: {payload[:300]!r}")
        answer: dict[str, Any] = orjson.loads(payload)
        return answer

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body."""
        reader, writer = await self._connection()
        writer.write(request_bytes(method, path, body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        payload = await reader.readexactly(length)
        self._idle.append((reader, writer))
        return int(head.split()[1]), payload

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)


def request_bytes(method: str, path: str, body: bytes) -> bytes:
    """One request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def chat_bytes(body: Mapping[str, Any]) -> bytes:
    """A chat completion request as it goes over the wire."""
    return request_bytes("POST", _CHAT, orjson.dumps(body))
