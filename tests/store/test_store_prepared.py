"""A prepared statement is SQLAlchemy's own, its constants and any order of its parameters included."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, bindparam, insert, select

from chatwright.store.connection import make_engine
from chatwright.store.prepared import Prepared

PLACES = Table(
    "places", MetaData(), Column("id", Integer, primary_key=True), Column("name", String), Column("n", Integer)
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = make_engine(tmp_path / "p.sqlite3", key=None, is_writer=True)
    with engine.begin() as connection:
        PLACES.create(connection)
        yield connection
    engine.dispose()


def test_rows_are_those_of_sqlalchemy(connection: Connection) -> None:
    add = Prepared(insert(PLACES).values(name=bindparam("called"), n=7))
    add.run(connection, {"called": "上海"}, {"called": "'; DROP TABLE places --"})
    query = select(PLACES.c.name, PLACES.c.n).where(PLACES.c.n == bindparam("n_is")).order_by(PLACES.c.id)
    slow = [tuple(row) for row in connection.execute(query, {"n_is": 7})]
    assert Prepared(query).rows(connection, {"n_is": 7}) == slow == [("上海", 7), ("'; DROP TABLE places --", 7)]
    assert Prepared(query).row(connection, {"n_is": 8}) is None


def test_a_parameter_that_is_not_given_is_an_error(connection: Connection) -> None:
    with pytest.raises(KeyError, match="n_is"):
        Prepared(select(PLACES.c.n).where(PLACES.c.n == bindparam("n_is"))).rows(connection, {"other": 1})
