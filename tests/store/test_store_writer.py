"""The writer thread: what one job does wrong is that job's alone, and the thread outlives everything."""

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from opened_store import event as said
from opened_store import opened
from sqlalchemy import Connection, Engine, event, text

from chatwright.errors import EngineError, RequestError
from chatwright.messages import UserId
from chatwright.store.connection import make_engine
from chatwright.store.writer import Writer


@pytest.fixture
def engine(tmp_path: Path):  # type: ignore[no-untyped-def]
    engine = make_engine(tmp_path / "w.sqlite3", key=None, is_writer=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER UNIQUE)"))
    yield engine
    engine.dispose()


def insert(number: int, error: Exception | None = None):  # type: ignore[no-untyped-def]
    def job(connection: Connection) -> int:
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})
        if error is not None:
            raise error
        return number

    return job


def kept(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [row.n for row in connection.execute(text("SELECT n FROM t ORDER BY n"))]


def waiting_together(writer: Writer, jobs: list[Any]) -> list["Future[Any]"]:
    """Submits jobs that all wait while the thread is busy, so that they are committed together."""
    is_busy, go_on = threading.Event(), threading.Event()

    def block(_: Connection) -> None:
        is_busy.set()
        go_on.wait()

    writer.submit(block)
    is_busy.wait()
    futures = [writer.submit(job) for job in jobs]
    go_on.set()
    return futures


def test_what_waits_together_is_committed_together(engine: Engine) -> None:
    commits: list[int] = []
    event.listen(engine, "commit", lambda _: commits.append(1))
    writer = Writer(engine)
    futures = waiting_together(writer, [insert(number) for number in range(50)])
    assert [future.result(30) for future in futures] == list(range(50))
    writer.close()
    assert len(commits) == 2  # the blocking one, and all of them
    assert kept(engine) == list(range(50))


def test_a_job_that_raises_undoes_itself_only(engine: Engine) -> None:
    writer = Writer(engine)
    jobs = [insert(1), insert(2, RequestError("no")), insert(1), insert(3, ValueError("a bug")), insert(4)]
    futures = waiting_together(writer, jobs)
    errors = [future.exception(30) for future in futures]
    assert [type(error) for error in errors] == [type(None), RequestError, EngineError, ValueError, type(None)]
    writer.close()
    assert kept(engine) == [1, 4]


@pytest.mark.parametrize("way", ["rolled back under it", "connection gone"])
def test_the_thread_outlives_a_broken_transaction(engine: Engine, way: str) -> None:
    def break_it(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.rollback() if way == "rolled back under it" else driver.close()
        raise ValueError("broken")

    writer = Writer(engine)
    futures = waiting_together(writer, [insert(1), break_it, insert(2)])
    assert all(isinstance(future.exception(30), EngineError) for future in futures)
    assert writer.submit(insert(3)).result(30) == 3
    writer.close()
    assert kept(engine) == [3]


def test_a_file_that_cannot_be_opened_fails_the_job_not_the_thread(engine: Engine, tmp_path: Path) -> None:
    nowhere = make_engine(tmp_path / "missing" / "w.sqlite3", key=None, is_writer=True)
    writer = Writer(nowhere)
    for _ in range(2):
        error = writer.submit(insert(1)).exception(30)
        assert getattr(error, "code", "") == "storage_unreadable"
    writer.close()
    nowhere.dispose()


def test_after_closing_a_job_is_refused_at_once(engine: Engine) -> None:
    writer = Writer(engine)
    before = [writer.submit(insert(number)) for number in range(5)]
    writer.close()
    writer.close()
    assert [future.result(0) for future in before] == list(range(5))
    with pytest.raises(EngineError, match="closed"):
        asyncio.run(writer.write(insert(9)))


def test_a_job_that_waits_for_company_is_committed_with_the_next_and_alone_without_one(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await store.open_conversation("shop", UserId("ann"), None, is_used_at_once=True)
            async with store.turn(conversation) as turn:  # comes after it in the queue, so it is there
                assert turn == 1
                assert await store.events(conversation) == []
                await store.append([said(conversation)])
                assert [item.turn for item in await store.events(conversation)] == [1]
            alone = store._writer.submit(lambda c: c.exec_driver_sql("SELECT 7").scalar(), waits_for_company=True)
            assert await asyncio.wrap_future(alone) == 7

    asyncio.run(check())
