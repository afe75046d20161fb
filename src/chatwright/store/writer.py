"""The one thread that writes. Jobs that wait together are committed together; each answer comes after the commit.

In: functions of a connection. Out: their results, once they are durable. A job that raises undoes itself only.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from chatwright.store.failures import translate

MAX_JOBS_A_COMMIT = 64
Result = TypeVar("Result")
_Job = tuple[Callable[[Connection], Any], "Future[Any]"]


class Writer:
    """Serialises all writes of a process on one connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, job: Callable[[Connection], Result]) -> Result:
        """The job's result after its transaction was committed. Raises what the job raised, or EngineError 503."""
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Callable[[Connection], Result]) -> "Future[Result]":
        """The same without waiting; jobs are done in the order in which they were submitted."""
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()  # an awaiter that goes away does not undo what was to be kept
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Finishes what was submitted, then ends the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        with self._engine.connect() as connection:
            is_open = True
            while is_open:
                jobs, is_open = self._take()
                if jobs:
                    self._commit(connection, jobs)

    def _take(self) -> tuple[list[_Job], bool]:
        """The jobs that wait, at least one; False when the last was taken."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == MAX_JOBS_A_COMMIT or self._jobs.empty():
                return jobs, True
            job = self._jobs.get()
        return jobs, False

    def _commit(self, connection: Connection, jobs: list[_Job]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with connection.begin():
                for job, future in jobs:
                    outcomes.append(self._attempt(connection, job, future))
        except DBAPIError as err:  # nothing of this commit is there: every job failed
            for _, future in jobs:
                _settle(future, None, translate(err))
            return
        for future, result, error in outcomes:
            _settle(future, result, error)

    def _attempt(
        self, connection: Connection, job: Callable[[Connection], Any], future: "Future[Any]"
    ) -> tuple["Future[Any]", Any, BaseException | None]:
        savepoint = connection.begin_nested()
        try:
            result = job(connection)
        except Exception as err:  # the background job loop: the error goes to who submitted the job
            if not _is_in_transaction(connection):
                raise  # a full disk: SQLite itself has rolled everything back
            savepoint.rollback()
            return future, None, translate(err) if isinstance(err, DBAPIError) else err
        savepoint.commit()
        return future, result, None


def _is_in_transaction(connection: Connection) -> bool:
    return bool(getattr(connection.connection.driver_connection, "in_transaction", False))


def _settle(future: "Future[Any]", result: Any, error: BaseException | None) -> None:
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
