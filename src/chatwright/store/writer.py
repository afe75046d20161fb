"""The one thread that writes. Jobs that wait together are committed together; each answer comes after the commit.

In: functions of a connection. Out: their results, once they are durable. A job that nobody waits for may say so: it
then waits up to COMPANY_S for another to be committed with, since a commit costs more than what is in it. A job that
raises undoes itself only; a commit that fails undoes all its jobs, and the next one begins on a new connection.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, NestedTransaction, Transaction

from chatwright.errors import EngineError
from chatwright.store.connection import is_in_transaction
from chatwright.store.failures import DRIVER_ERRORS, named_failures, translate

MAX_JOBS_A_COMMIT = 64
COMPANY_S = 0.005
Result = TypeVar("Result")
_Job = tuple[Callable[[Connection], Any], "Future[Any]", bool]  # the last: whether it waits for company
_Outcome = tuple["Future[Any]", Any, BaseException | None]


def closed_error() -> EngineError:
    """What everything answers after `close`."""
    return EngineError("The conversations file is closed.", hint="Start again.", code="storage_closed")


class Writer:
    """Serialises all writes of a process on one connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, job: Callable[[Connection], Result]) -> Result:
        """The job's result after its transaction was committed. Raises what the job raised, or EngineError 503."""
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Callable[[Connection], Result], *, waits_for_company: bool = False) -> "Future[Result]":
        """The same without waiting; jobs are done in the order in which they were submitted."""
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()  # an awaiter that goes away does not undo what was to be kept
        with self._closing:
            if self._is_closed:
                future.set_exception(closed_error())
            else:
                self._jobs.put((job, future, waits_for_company))
        return future

    def close(self) -> None:
        """Finishes what was submitted, then ends the thread. A second time it does nothing."""
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            jobs, is_open = self._take()
            if jobs:
                self._commit(jobs)
        self._disconnect()

    def _take(self) -> tuple[list[_Job], bool]:
        """The jobs that wait, at least one; False when the last was taken."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            is_urgent = not all(waits_for_company for _, _, waits_for_company in jobs)
            if len(jobs) == MAX_JOBS_A_COMMIT or (is_urgent and self._jobs.empty()):
                return jobs, True
            try:
                job = self._jobs.get(timeout=COMPANY_S)
            except Empty:
                return jobs, True
        return jobs, False

    def _commit(self, jobs: list[_Job]) -> None:
        outcomes: list[_Outcome] = []
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin() as whole:
                for job, future, _ in jobs:
                    part = self._connection.begin_nested() if len(jobs) > 1 else whole
                    outcomes.append(_attempt(self._connection, part, job, future))
        except Exception as err:  # noqa: BLE001 - the background job loop: nothing is there, every job failed
            self._disconnect()
            outcomes = [(future, None, translate(err)) for _, future, _ in jobs]
        for future, result, error in outcomes:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def _disconnect(self) -> None:
        """Forgets the connection, in whatever state it is."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                with named_failures():
                    connection.close()
            except EngineError:
                connection.invalidate()


def _attempt(
    connection: Connection, part: Transaction, job: Callable[[Connection], Any], future: "Future[Any]"
) -> _Outcome:
    """Runs the job; undoes `part`, a savepoint or the whole transaction of a job that is alone, when it raises."""
    try:
        result = job(connection)
    except Exception as err:  # the background job loop: the error goes to who submitted the job
        if not is_in_transaction(connection):
            raise  # a full disk: SQLite itself has rolled everything back
        part.rollback()
        return future, None, translate(err) if isinstance(err, DRIVER_ERRORS) else err
    if isinstance(part, NestedTransaction):
        part.commit()
    return future, result, None
