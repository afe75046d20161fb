"""Whether the server is going down, and what is still under way.

States: open → draining (new work is refused, /ready says 503) → cut (streams end with an event they can resume from).
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chatwright.errors import EngineError


class Drain:
    """One per server. `num_active` counts requests that have been let in and have not been answered in full."""

    def __init__(self, *, drain_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.begun = asyncio.Event()
        self.cut = asyncio.Event()
        self.num_active = 0
        self._drain_s = drain_s
        self._clock = clock
        self._begun_at_s: float | None = None

    @property
    def is_draining(self) -> bool:
        return self._begun_at_s is not None

    def begin(self) -> None:
        """Safe to call from a signal handler: it only notes the time."""
        if self._begun_at_s is None:
            self._begun_at_s = self._clock()

    def tick(self) -> bool:
        """Cuts the streams when their time is over. True when there is nothing left to wait for."""
        if self._begun_at_s is None:
            return False
        self.begun.set()
        if self._clock() >= self._begun_at_s + self._drain_s:
            self.cut.set()
        return self.num_active == 0 or self._clock() >= self._begun_at_s + self._drain_s + 2

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work that is no request, or outlives the one that began it."""
        self.num_active += 1
        try:
            yield
        finally:
            self.num_active -= 1

    def refuse_new_work(self) -> None:
        """Raises EngineError 503 once draining has begun."""
        if self.is_draining:
            raise shutting_down()


def shutting_down() -> EngineError:
    return EngineError(
        "The server is shutting down.",
        hint="Send the request again in a moment.",
        code="shutting_down",
        retry_after_s=5,
    )
