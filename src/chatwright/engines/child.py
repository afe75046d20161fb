"""The server's side of one engine process: starts it, talks to it, notices when it dies or hangs.

In: a command, frames. Out: frames of each request in its own queue. A child that sends nonsense, ends, or shows no
sign of life is killed, and every request it had ends with EngineError 503. A child is never revived; start another.
"""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatwright.engines.frames import Frame, FrameError, FrameReader, pack
from chatwright.errors import ConfigError, EngineError, RequestError

_READ_BYTES = 1 << 16
_STDERR_TAIL_LINES = 20
_LAST_OPS = frozenset({"error", "result", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds.

    load_s: for a model to load. silence_s: with neither an answer nor processor time used, a child hangs.
    stall_s: without an answer although it computes. kill_s: for a child to end when asked to.
    """

    load_s: float = 120.0
    silence_s: float = 3.0
    stall_s: float = 45.0
    kill_s: float = 2.0


class Exchange:
    """One request to a child and the frames that came back."""

    def __init__(self, request_id: int) -> None:
        self.id = request_id
        self.frames: asyncio.Queue[Frame | EngineError] = asyncio.Queue()
        self.has_ended = False
        self._is_accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._on_end: Callable[[], None] | None = None

    def put(self, frame: Frame | EngineError) -> None:
        """Takes what the child sent, or the error that it died of."""
        if not self._is_accepted.done():
            self._is_accepted.set_result(not isinstance(frame, EngineError))
        if isinstance(frame, EngineError) or frame["op"] != "accepted":
            self.frames.put_nowait(frame)
        if isinstance(frame, EngineError) or frame["op"] in _LAST_OPS or frame.get("finish_reason"):
            self._end()

    async def accepted(self) -> bool:
        """Waits until the child has read the request; False when it died before."""
        return await asyncio.shield(self._is_accepted)

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Calls `callback` once the child has done with the request, cancelled or not, or has died; maybe now."""
        self._on_end = callback
        if self.has_ended:
            callback()

    def _end(self) -> None:
        self.has_ended = True
        if self._on_end is not None:
            self._on_end()


class Child:
    """A running engine process. Make one with `Child.start`."""

    def __init__(self, process: asyncio.subprocess.Process, connection: socket.socket, patience: Patience) -> None:
        self.died = asyncio.Event()
        self.reason = ""
        self._is_closing = False
        self._process = process
        self._connection = connection
        self._patience = patience
        self._exchanges: dict[int, Exchange] = {}
        self._next_id = 1
        self._stderr: deque[str] = deque(maxlen=_STDERR_TAIL_LINES)
        self._last_heard_s = time.monotonic()
        self._send_lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def start(cls, command: Sequence[str], arguments: Sequence[str], patience: Patience) -> "Child":
        """Runs `command SOCKET_FD *arguments` and waits until it is ready.

        Raises ConfigError when it says that the model cannot be loaded, EngineError when it dies or takes too long.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                str(theirs.fileno()),
                *arguments,
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the server; it decides when its engine ends
            )
        child = cls(process, ours, patience)
        await child._become_ready()
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def num_exchanges(self) -> int:
        return len(self._exchanges)

    def ask(self, frame: Frame) -> Exchange:
        """Sends a request. On a dead child the exchange has already ended with the error it died of.

        Raises RequestError when the request is too large to be sent.
        """
        exchange = Exchange(self._next_id)
        try:
            packed = pack({**frame, "id": exchange.id})
        except FrameError as err:
            raise RequestError(str(err), hint="Shorten the request.", code="request_too_large", status=413) from err
        self._next_id += 1
        self._exchanges[exchange.id] = exchange
        if self.died.is_set():
            self._end_all()
        else:
            self._send_soon(packed)
        return exchange

    def cancel(self, exchange: Exchange) -> None:
        """Asks the child to stop working on a request; the exchange ends when it has."""
        if exchange.id in self._exchanges and not self.died.is_set():
            self._send_soon(pack({"op": "cancel", "id": exchange.id}))

    async def close(self) -> None:
        """Ends the process, gently first. Requests under way end with EngineError(code="engine_closed")."""
        self._is_closing = True
        self._connection.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), self._patience.kill_s)
        self._die("the engine was closed")
        await self.reap()

    async def _become_ready(self) -> None:
        self._tasks = {
            asyncio.create_task(self._read_frames()),
            asyncio.create_task(self._read_stderr()),
            asyncio.create_task(self._watch()),
        }
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), self._patience.load_s)
        except TimeoutError as err:
            self._die(f"the model did not load within {self._patience.load_s:.0f} s")
            await self.reap()
            raise self._error() from err
        except BaseException:
            self._die("it was given up while it loaded")
            await self.reap()
            raise

    def _send_soon(self, packed: bytes) -> None:
        """In a task of its own, so that a caller that gives up does not leave half a frame behind."""
        task = asyncio.create_task(self._send(packed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, packed: bytes) -> None:
        try:
            async with self._send_lock:
                await asyncio.get_running_loop().sock_sendall(self._connection, packed)
        except OSError:
            self._die("its socket was closed")

    async def _read_frames(self) -> None:
        reader = FrameReader()
        loop = asyncio.get_running_loop()
        try:
            while received := await loop.sock_recv(self._connection, _READ_BYTES):
                self._last_heard_s = time.monotonic()
                for frame in reader.feed(received):
                    self._dispatch(frame)
            self._die("the process ended")
        except FrameError as err:
            self._die(f"it sent nonsense: {err}")
        except OSError as err:
            self._die(f"its socket failed: {err}")

    def _dispatch(self, frame: Frame) -> None:
        match frame["op"]:
            case "pong":
                return
            case "ready":
                if not self._ready.done():
                    self._ready.set_result(None)
            case "fatal":
                self._refuse(str(frame.get("message", "")))
            case "accepted" | "delta" | "error" | "result" | "cancelled":
                exchange = self._exchanges.get(frame.get("id", 0))
                if exchange is not None:
                    exchange.put(frame)
                    if exchange.has_ended:
                        del self._exchanges[exchange.id]
            case unknown:
                raise FrameError(f"unknown op {unknown!r}")

    def _refuse(self, message: str) -> None:
        if not self._ready.done():
            error = ConfigError(f"The model cannot be loaded: {message}", hint="Check it with: chatwright models list")
            self._ready.set_exception(error)

    async def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.read(_READ_BYTES):
            self._stderr.extend(line.decode("utf-8", "replace").splitlines())

    async def _watch(self) -> None:
        """Asks for a sign of life all the time, and kills a child that gives none."""
        period_s = self._patience.silence_s / 4
        cpu_s, last_sign_s = 0.0, time.monotonic()
        for number in range(1 << 62):
            await asyncio.sleep(period_s)
            now_s = time.monotonic()
            used_s = _cpu_seconds(self.pid)
            if used_s > cpu_s or self._last_heard_s > last_sign_s:
                cpu_s, last_sign_s = used_s, now_s
            is_loading = not self._ready.done()
            if now_s - last_sign_s > self._patience.silence_s:
                return self._die("it shows no sign of life", code="engine_hung")
            if not is_loading and now_s - self._last_heard_s > self._patience.stall_s:
                return self._die("it computes without an answer", code="engine_hung")
            if not is_loading and not self._send_lock.locked():
                await self._send(pack({"op": "ping", "n": number}))
        return None

    def _die(self, reason: str, *, code: str = "engine_crashed") -> None:
        if self.died.is_set():
            return
        if self._is_closing:  # a ping or a read that meets the closed socket is no crash
            reason, code = "the engine was closed", "engine_closed"
        self.reason = reason
        self.died.set()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # Process.kill() would reap it under the event loop's feet
        if not self._ready.done():
            self._ready.set_exception(self._error(code))
            self._ready.exception()  # seen: nobody may be waiting any more
        self._end_all(code)

    def _end_all(self, code: str = "engine_crashed") -> None:
        for exchange in list(self._exchanges.values()):
            exchange.put(self._error(code))
        self._exchanges.clear()

    def _error(self, code: str = "engine_crashed") -> EngineError:
        tail = f" It last said: {self._stderr[-1]!r}." if self._stderr else ""
        message = f"The engine process {self.pid} failed: {self.reason}.{tail}"
        return EngineError(message, hint="It is being restarted; try again.", code=code, retry_after_s=5)

    async def reap(self) -> None:
        """Waits until the dead process and everything about it are gone."""
        await self._process.wait()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._connection.close()


def _cpu_seconds(pid: int) -> float:
    """Processor time the process has used; 0 where the system does not tell, or for a stopped or ended process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    if fields[0] in "TtZX":
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
