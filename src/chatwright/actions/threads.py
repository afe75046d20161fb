"""Runs a blocking function in a thread of its own that nobody has to wait for.

In: a function. Out: its result, or its exception. A function that hangs keeps its thread but neither the event loop nor
the end of the process; at most MAX_THREADS run at once. Not `asyncio.to_thread`: a few hanging actions would use up the
pool that searching and embedding need, and its threads are waited for at exit.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any

from chatwright.errors import ActionError

MAX_THREADS = 32
_free = threading.BoundedSemaphore(MAX_THREADS)


async def run_in_thread(function: Callable[[], Any]) -> Any:
    """What `function` returns. Raises ActionError(code="failed") when all threads are taken."""
    free = _free  # the same one is given back, whatever a test has put in its place meanwhile
    if not free.acquire(blocking=False):
        raise ActionError(
            f"{MAX_THREADS} actions are running already.",
            hint="Give the functions in actions.py time limits of their own for what they wait for.",
            code="failed",
        )
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def settle(value: Any, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(value)

    def work() -> None:
        value, error = None, None
        try:
            value = context.run(function)
        except Exception as err:  # noqa: BLE001 - carried over to the caller
            error = RuntimeError("StopIteration") if isinstance(err, StopIteration) else err
        except SystemExit:
            error = RuntimeError("SystemExit")
        finally:
            free.release()
        if not loop.is_closed():
            try:
                loop.call_soon_threadsafe(settle, value, error)
            except RuntimeError:  # the loop closed meanwhile: nobody waits any more
                return

    threading.Thread(target=work, name="action", daemon=True).start()
    return await future
