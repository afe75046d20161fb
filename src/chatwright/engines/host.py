"""Runs a model in a child process and keeps it running. In: messages and options. Out: the reply as it is made.

A crash or a hang of the child costs the replies it was computing, and no other: it is started again at once, with
growing pauses, and after five failures in a minute the circuit opens and callers are told so until the minute is
over. Never imports the inference library itself.
"""

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from chatwright.engines.child import Child, Exchange, Patience
from chatwright.engines.frames import Frame
from chatwright.engines.option_rules import check_alternatives, check_options, context_length_exceeded
from chatwright.engines.turnstile import Turnstile
from chatwright.engines.wire import delta_from_json, error_from_json, messages_to_json, options_to_json
from chatwright.errors import ConfigError, EngineError
from chatwright.messages import Delta, GenerateOptions, Message

WORKER = (sys.executable, "-m", "chatwright.engines.openvino_worker")

_MAX_CHARS_PER_TOKEN = 128  # no token stands for more, so a longer text cannot fit
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_ASK_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """How to run the child. slots: replies computed at once. queue_size: requests that may wait for a slot, each at
    most max_wait_s. cache_size_gb: memory of the key-value cache. num_batched_tokens: most tokens of one step.
    max_crashes in crash_window_s open the circuit. properties: of the inference library, by name.
    """

    slots: int = 8
    queue_size: int = 32
    max_wait_s: float = 20.0
    cache_size_gb: int = 1
    num_batched_tokens: int = 256
    max_crashes: int = 5
    crash_window_s: float = 60.0
    patience: Patience = field(default_factory=Patience)
    properties: tuple[tuple[str, str], ...] = ()


class EngineHost:
    """An Engine whose model runs in a supervised child process. Starts with `start()` or with its first request."""

    def __init__(
        self,
        model_dir: Path,
        *,
        model: str,
        num_ctx: int = 4096,
        settings: HostSettings | None = None,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self.model = model
        self.num_ctx = num_ctx
        self.settings = settings or HostSettings()
        self.turnstile = Turnstile(self.settings.slots, self.settings.queue_size)
        self._model_dir = model_dir
        self._worker = worker
        self._child: Child | None = None
        self._failure: ConfigError | None = None
        self._crashes_s: deque[float] = deque()
        self._changed = asyncio.Condition()
        self._supervisor: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return None if self._child is None else self._child.pid

    @property
    def is_circuit_open(self) -> bool:
        oldest_s = time.monotonic() - self.settings.crash_window_s
        while self._crashes_s and self._crashes_s[0] < oldest_s:
            self._crashes_s.popleft()
        return len(self._crashes_s) >= self.settings.max_crashes

    async def start(self) -> None:
        """Loads the model. Raises ConfigError when it cannot be loaded, EngineError when it keeps failing."""
        await self._running_child(self.settings.patience.load_s)

    async def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[Delta]:
        """Streams the reply. Raises EngineError 429 when too many wait, 503 when the engine failed, 504 after
        `timeout_s`; RequestError when the prompt does not fit or an option is wrong."""
        check_options(options)
        check_alternatives(options)
        self._refuse_oversize(messages, options.max_new_tokens)
        deadline_s = time.monotonic() + options.timeout_s
        frame = {"op": "generate", "messages": messages_to_json(messages), "options": options_to_json(options)}
        entry = await self.turnstile.enter(min(self.settings.max_wait_s, options.timeout_s))
        async with self._exchange(frame, deadline_s, when_ended=entry.leave) as exchange:
            while True:
                delta = delta_from_json(await _next_frame(exchange, deadline_s))
                yield delta
                if delta.finish_reason is not None:
                    return

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Prompt tokens after the model's own chat template; waits for the batch under way, not for a slot."""
        self._refuse_oversize(messages, 0)
        return int(await self._ask({"op": "count", "messages": messages_to_json(messages)}))

    async def score(self, prompt: str, continuation: str) -> float:
        """Mean natural-log probability per token of `continuation` right after `prompt`; both are raw text, without
        the chat template. Costs a prefill of what is not yet in the prefix cache; takes a slot and runs alone."""
        self._refuse_oversize([Message(role="user", content=prompt + continuation)], 0)
        entry = await self.turnstile.enter(self.settings.max_wait_s)
        return await self._ask({"op": "score", "prompt": prompt, "continuation": continuation}, entry.leave)

    async def close(self) -> None:
        """Ends the child; requests under way end with EngineError(code="engine_closed")."""
        self._is_closed = True
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        if self._child is not None:
            await self._child.close()
            self._child = None
        async with self._changed:
            self._changed.notify_all()

    def _refuse_oversize(self, messages: Sequence[Message], max_new_tokens: int) -> None:
        num_chars = sum(len(message.content) for message in messages)
        if num_chars > self.num_ctx * _MAX_CHARS_PER_TOKEN:
            raise context_length_exceeded(num_chars // _MAX_CHARS_PER_TOKEN, max_new_tokens, self.num_ctx)

    async def _ask(self, frame: Frame, when_ended: Callable[[], None] = lambda: None) -> float:
        deadline_s = time.monotonic() + _ASK_TIMEOUT_S
        async with self._exchange(frame, deadline_s, when_ended) as exchange:
            return float((await _next_frame(exchange, deadline_s))["value"])

    @asynccontextmanager
    async def _exchange(
        self, frame: Frame, deadline_s: float, when_ended: Callable[[], None]
    ) -> AsyncIterator[Exchange]:
        """An exchange with a child that has read the request; cancelled when left before its end.

        A child that died before it read the request has not harmed it: the next child gets it.
        """
        exchange: Exchange | None = None
        try:
            while exchange is None or not await _was_accepted(exchange, deadline_s):
                child = await self._running_child(deadline_s - time.monotonic())
                exchange = child.ask(frame)
            yield exchange
        finally:
            if exchange is None:
                when_ended()
            else:
                child.cancel(exchange)
                exchange.when_ended(when_ended)

    async def _running_child(self, timeout_s: float) -> Child:
        """The child, started or waited for. Raises what keeps it from running."""
        if self._supervisor is None and not self._is_closed:
            self._supervisor = asyncio.create_task(self._supervise())
        try:
            async with asyncio.timeout(max(0.0, timeout_s)), self._changed:
                await self._changed.wait_for(self._is_decided)
        except TimeoutError as err:
            raise self._unavailable("is not running yet") from err
        if self._is_closed:
            raise EngineError(f"The engine of {self.model!r} is closed.", code="engine_closed")
        if self._failure is not None:
            raise ConfigError(self._failure.message, hint=self._failure.hint, code=self._failure.code)
        if self._child is None:
            raise self._unavailable("failed too often")
        return self._child

    def _is_decided(self) -> bool:
        return self._is_closed or self._failure is not None or self._child is not None or self.is_circuit_open

    def _unavailable(self, reason: str) -> EngineError:
        wait_s = 5
        if self.is_circuit_open:
            wait_s = max(1, round(self._crashes_s[0] + self.settings.crash_window_s - time.monotonic()))
        message = f"The engine of {self.model!r} {reason}."
        return EngineError(message, hint=f"Try again in {wait_s} s.", code="engine_unavailable", retry_after_s=wait_s)

    async def _supervise(self) -> None:
        """Keeps one child running until the host is closed or its model turns out to be unusable."""
        while self._failure is None:
            await self._pause_after_crashes()
            try:
                child = await Child.start(self._worker, self._arguments(), self.settings.patience)
            except ConfigError as err:
                await self._announce(None, failure=err)
                return
            except EngineError:
                await self._announce_crash()
                continue
            await self._announce(child)
            await child.died.wait()
            await self._announce_crash()
            await child.reap()

    async def _pause_after_crashes(self) -> None:
        if self.is_circuit_open:
            await asyncio.sleep(self._crashes_s[0] + self.settings.crash_window_s - time.monotonic())
        elif self._crashes_s:
            await asyncio.sleep(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** len(self._crashes_s)))

    async def _announce_crash(self) -> None:
        self._crashes_s.append(time.monotonic())
        await self._announce(None)

    async def _announce(self, child: Child | None, failure: ConfigError | None = None) -> None:
        async with self._changed:
            self._child, self._failure = child, failure
            self._changed.notify_all()

    def _arguments(self) -> list[str]:
        settings = {
            "num_ctx": self.num_ctx,
            "slots": self.settings.slots,
            "cache_size_gb": self.settings.cache_size_gb,
            "num_batched_tokens": self.settings.num_batched_tokens,
            "properties": self.settings.properties,
        }
        return [str(self._model_dir), orjson.dumps(settings).decode()]


async def _was_accepted(exchange: Exchange, deadline_s: float) -> bool:
    try:
        return await asyncio.wait_for(exchange.accepted(), max(0.0, deadline_s - time.monotonic()))
    except TimeoutError as err:
        raise _too_late() from err


async def _next_frame(exchange: Exchange, deadline_s: float) -> Frame:
    """The next delta or result. Raises the error that came instead, or EngineError 504 when nothing came in time."""
    try:
        frame = await asyncio.wait_for(exchange.frames.get(), max(0.0, deadline_s - time.monotonic()))
    except TimeoutError as err:
        raise _too_late() from err
    if isinstance(frame, EngineError):
        raise frame
    if frame["op"] == "error":
        raise error_from_json(frame)
    return frame


def _too_late() -> EngineError:
    message = "The reply was not finished in the time it was given."
    return EngineError(message, hint="Allow more time or ask for fewer tokens.", code="timeout", status=504)
