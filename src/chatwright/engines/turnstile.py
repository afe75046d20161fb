"""Lets a few requests in at a time, first come first served, and turns away those that would wait too long.

In: requests to enter. Out: entry, or EngineError 429 with an honest Retry-After. Pure asyncio; knows no engine.
"""

import asyncio
import math
import random
import time
from collections import deque

from chatwright.errors import EngineError

_SERVICE_WEIGHT = 0.2  # of the newest measurement in the moving average of service times
_FIRST_GUESS_S = 2.0


class Turnstile:
    """`slots` requests inside, at most `queue_size` waiting."""

    def __init__(self, slots: int, queue_size: int) -> None:
        self.slots = slots
        self.queue_size = queue_size
        self.num_inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._service_s = _FIRST_GUESS_S

    @property
    def num_waiting(self) -> int:
        return sum(not waiter.done() for waiter in self._waiting)

    async def enter(self, timeout_s: float) -> "Entry":
        """Waits for a slot. Raises EngineError 429 at once when the queue is full, and after `timeout_s` in it."""
        if self.num_inside < self.slots and not self.num_waiting:
            self.num_inside += 1
            return Entry(self)
        if self.num_waiting >= self.queue_size:
            raise self._busy("queue_full", f"{self.num_waiting} requests are already waiting for the model.")
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await asyncio.wait_for(waiter, timeout_s)
        except TimeoutError as err:
            raise self._busy("queue_timeout", f"The model was not free within {timeout_s:.0f} s.") from err
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._leave()  # the slot was given in the very moment of giving up
            raise
        return Entry(self)

    def retry_after_s(self) -> int:
        """Whole seconds, at least 1, until a new request would be let in, with up to a quarter added to spread them."""
        expected_s = (self.num_waiting + 1) * self._service_s / self.slots
        return max(1, math.ceil(expected_s * random.uniform(1.0, 1.25)))  # noqa: S311 - spreads retries, no secret

    def measure(self, service_s: float) -> None:
        """Takes the seconds one request was inside into the average."""
        self._service_s += _SERVICE_WEIGHT * (service_s - self._service_s)

    def _leave(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)  # the slot passes on: num_inside stays
                return
        self.num_inside -= 1

    def _busy(self, code: str, reason: str) -> EngineError:
        wait_s = self.retry_after_s()
        return EngineError(reason, hint=f"Try again in {wait_s} s.", code=code, status=429, retry_after_s=wait_s)


class Entry:
    """A slot that is held; leaving it twice is leaving it once."""

    def __init__(self, turnstile: Turnstile) -> None:
        self._turnstile = turnstile
        self._entered_s = time.monotonic()
        self._is_held = True

    def leave(self) -> None:
        if self._is_held:
            self._is_held = False
            self._turnstile.measure(time.monotonic() - self._entered_s)
            self._turnstile._leave()
