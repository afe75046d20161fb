"""The tables of the index file: how they are made, emptied, and rid of one source.

In: a connection inside a transaction. An index of an older format is emptied: the next ingest fills it again.
"""

from chatwright.errors import ConfigError
from chatwright.knowledge.database import Connection

SCHEMA_VERSION = 2


def create_tables(connection: Connection) -> None:
    """Makes what is missing. Raises ConfigError for the format of a newer version."""
    connection.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    version = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    if version is not None and int(version[0]) > SCHEMA_VERSION:
        raise ConfigError(
            f"The index was made by a newer chatwright (format {version[0]}, this one reads {SCHEMA_VERSION}).",
            hint="Install the newer version, or remove the index and ingest again.",
            code="index_too_new",
        )
    if version is not None and int(version[0]) == SCHEMA_VERSION:
        return
    for table in (
        "wording_vectors",
        "wordings",
        "passage_vectors",
        "vocabulary",
        "words",
        "sentences",
        "passages",
        "sources",
    ):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute("DELETE FROM meta")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))


_TABLES = (
    """CREATE TABLE sources (
        source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        title TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL, headings TEXT NOT NULL, rows TEXT NOT NULL,
        error TEXT NOT NULL)""",
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL REFERENCES sources, kind TEXT NOT NULL,
        language TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, start INTEGER NOT NULL,
        end INTEGER NOT NULL, question TEXT NOT NULL, vector BLOB NOT NULL)""",
    "CREATE INDEX passages_of_source ON passages (source)",
    """CREATE TABLE sentences (
        passage_id INTEGER NOT NULL REFERENCES passages, start INTEGER NOT NULL, end INTEGER NOT NULL,
        vector BLOB NOT NULL, PRIMARY KEY (passage_id, start, end)) WITHOUT ROWID""",
    "CREATE TABLE wordings (id INTEGER PRIMARY KEY AUTOINCREMENT, passage_id INTEGER NOT NULL, text TEXT NOT NULL)",
    "CREATE INDEX wordings_of_passage ON wordings (passage_id)",
    # The terms are ready-made (language.words), so the tokenizer only has to leave them whole: "1299.50" is one.
    """CREATE VIRTUAL TABLE words USING fts5(title, heading, body, content='', contentless_delete=1,
        tokenize="unicode61 remove_diacritics 0 tokenchars '.'")""",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row')",
)


def create_vector_tables(connection: Connection, dimension: int) -> None:
    """Empty tables for vectors of `dimension` numbers, in place of any others."""
    for table in ("passage_vectors", "wording_vectors"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(
            f"CREATE VIRTUAL TABLE {table} USING vec0(vector float[{int(dimension)}] distance_metric=cosine)"
        )


def drop_contents(connection: Connection) -> None:
    """Empties every table that does not hold vectors."""
    for table in ("wordings", "sentences", "passages", "sources"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
    connection.execute("INSERT INTO words(words) VALUES ('delete-all')")


def remove_source(connection: Connection, source: str) -> None:
    """Takes a source out with its passages, sentences, words, wordings and vectors."""
    passage_ids = connection.execute("SELECT id FROM passages WHERE source = ?", (source,)).fetchall()
    of_source = "(SELECT id FROM passages WHERE source = ?)"
    wording_ids = connection.execute(f"SELECT id FROM wordings WHERE passage_id IN {of_source}", (source,)).fetchall()  # noqa: S608
    connection.executemany("DELETE FROM wording_vectors WHERE rowid = ?", wording_ids)
    connection.executemany("DELETE FROM passage_vectors WHERE rowid = ?", passage_ids)
    connection.executemany("DELETE FROM words WHERE rowid = ?", passage_ids)
    connection.execute(f"DELETE FROM wordings WHERE passage_id IN {of_source}", (source,))  # noqa: S608
    connection.execute(f"DELETE FROM sentences WHERE passage_id IN {of_source}", (source,))  # noqa: S608
    connection.execute("DELETE FROM passages WHERE source = ?", (source,))
    connection.execute("DELETE FROM sources WHERE source = ?", (source,))
