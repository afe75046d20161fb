"""The knowledge index: one SQLite file with every source's text, passages, sentences, words and vectors.

In: prepared sources, query vectors, query terms. Out: passage ids with scores, passages, sentences with vectors.
Never reads files, never embeds, never decides what answers. A source is written or removed in one transaction, its
words and vectors with it. Vector search is exact (sqlite-vec): plan for at most some 100,000 passages; beyond that an
approximate index (usearch) is needed, which this file does not have.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from chatwright.knowledge.database import Connection, Database, Row
from chatwright.knowledge.index_tables import create_tables, create_vector_tables, drop_contents, remove_source
from chatwright.knowledge.terms import index_terms
from chatwright.messages import DocumentText, Language, Passage
from chatwright.protocols import Embedder

_VECTOR_TABLES = ("passages", "sentences", "wordings")
_BM25_SATURATION = 2.2  # k1 + 1 of FTS5: a term's weight is multiplied by less than this
Vector = NDArray[np.float32]  # (dimension,), length 1
PassageKind = Literal["text", "table", "faq"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a passage. start, end: offsets in the source's extracted text. vector: as a passage, length 1."""

    start: int
    end: int
    text: str
    vector: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderStamp:
    """Which weights made the vectors: vectors of two stamps are never compared."""

    name: str
    sha256: str
    dimension: int

    @classmethod
    def of(cls, embedder: Embedder) -> "EmbedderStamp":
        return cls(name=embedder.name, sha256=embedder.sha256, dimension=embedder.dimension)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What tells whether a file changed. An `error` means that it could not be read and has no passages."""

    sha256: str
    size_bytes: int
    mtime_ns: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPassage:
    """A passage as it goes in. The wordings of a curated question have one vector each."""

    text: str
    start: int
    end: int
    heading: str
    kind: PassageKind
    language: Language
    vector: Vector
    sentences: Sequence[Sentence]
    question: str = ""
    wordings: Sequence[str] = ()
    wording_vectors: Sequence[Vector] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedSource:
    """A file as it goes in."""

    document: DocumentText
    state: FileState
    language: Language
    passages: Sequence[IndexedPassage] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingHit:
    """A curated wording near a query. similarity: cosine."""

    passage_id: int
    wording: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WordHits:
    """scores: bm25 by passage id, best first, higher is better. ceiling: what no passage can score on these terms."""

    scores: Mapping[int, float]
    ceiling: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexVectors:
    """Every vector of an index, for exact search in memory. P passages in order of id, S sentences, W wordings.

    owners: (P',) the place among the passages of each passage that has sentences; starts: (P',) its first sentence.
    """

    passage_ids: NDArray[np.int64]  # (P,)
    passages: NDArray[np.float32]  # (P, dimension)
    owners: NDArray[np.int64]
    starts: NDArray[np.int64]
    sentences: NDArray[np.float32]  # (S, dimension)
    wordings: Sequence[tuple[int, str]]  # (passage id, text), W of them
    wording_vectors: NDArray[np.float32]  # (W, dimension)

    def similarities(self, vector: Vector) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(P,) the cosine of each passage, and (P,) of its nearest sentence: its own where it has none."""
        own = self.passages @ vector
        nearest = own.copy()
        if len(self.owners):
            nearest[self.owners] = np.maximum.reduceat(self.sentences @ vector, self.starts)
        return own, nearest

    def nearest_wordings(self, vector: Vector, num_wordings: int) -> list[WordingHit]:
        """Curated wordings, nearest first."""
        similarities = self.wording_vectors @ vector  # (W,)
        hits: list[WordingHit] = []
        for place in np.argsort(-similarities, kind="stable")[:num_wordings].tolist():
            passage_id, wording = self.wordings[place]
            hits.append(WordingHit(passage_id=passage_id, wording=wording, similarity=float(similarities[place])))
        return hits


class Index:
    """`index.sqlite3` of one bot. Safe to use from several threads and processes; one writes at a time."""

    def __init__(self, path: Path, *, key: str | None = None) -> None:
        """`key` encrypts the file at rest. Raises ConfigError and EngineError as `Database` does."""
        self.path = path
        self._database = Database(path, key=key, create=create_tables)

    def close(self) -> None:
        self._database.close()

    def stamp(self) -> EmbedderStamp | None:
        """The weights whose vectors are in here; None before the first ingest."""
        with self._database.read() as connection:
            return _read_stamp(connection)

    def adopt(self, stamp: EmbedderStamp) -> bool:
        """Makes this the index of `stamp`. True when vectors of other weights had to go: all must be embedded again."""
        with self._database.write() as connection:
            previous = _read_stamp(connection)
            if previous == stamp:
                return False
            drop_contents(connection)
            create_vector_tables(connection, stamp.dimension)
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('embedder', ?)",
                (orjson.dumps([stamp.name, stamp.sha256, stamp.dimension]).decode(),),
            )
            return previous is not None

    def file_states(self) -> dict[str, FileState]:
        """Every known source, the failed ones included."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT source, sha256, size_bytes, mtime_ns, error FROM sources").fetchall()
        return {row[0]: FileState(sha256=row[1], size_bytes=row[2], mtime_ns=row[3], error=row[4]) for row in rows}

    def replace(self, indexed: IndexedSource) -> None:
        """Writes a source in place of its previous version. All or nothing."""
        with self._database.write() as connection:
            remove_source(connection, indexed.document.source)
            _insert_source(connection, indexed)
            for passage in indexed.passages:
                _insert_passage(connection, indexed.document, passage)

    def touch(self, source: str, state: FileState) -> None:
        """Notes a new modification time of unchanged content."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE sources SET size_bytes = ?, mtime_ns = ? WHERE source = ?",
                (state.size_bytes, state.mtime_ns, source),
            )

    def remove(self, sources: Iterable[str]) -> None:
        """Takes sources out with their passages, sentences, words and vectors."""
        with self._database.write() as connection:
            for source in sources:
                remove_source(connection, source)

    def num_passages(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def nearest_passages(self, vector: Vector, num_passages: int) -> list[tuple[int, float]]:
        """(passage id, cosine), nearest first. Empty before the first ingest."""
        with self._database.read() as connection:
            if _read_stamp(connection) is None:
                return []
            rows = connection.execute(
                "SELECT rowid, distance FROM passage_vectors WHERE vector MATCH ? AND k = ? ORDER BY distance",
                (_as_blob(vector), num_passages),
            ).fetchall()
        return [(int(row[0]), 1.0 - float(row[1])) for row in rows]

    def similarities(self, vector: Vector, passage_ids: Iterable[int]) -> dict[int, float]:
        """The cosine of each passage that is still there."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT p.id, p.vector FROM json_each(?) wanted JOIN passages p ON p.id = wanted.value",
                (orjson.dumps(list(passage_ids)).decode(),),
            ).fetchall()
        return {int(row[0]): float(_from_half(row[1]) @ vector) for row in rows}

    def matching_passages(
        self, terms: Iterable[str], num_passages: int, *, counted: tuple[int, Sequence[int]] | None = None
    ) -> WordHits:
        """The passages that hold any of `terms`, best first.

        counted: how many passages there are, and in how many of them each of the terms is, when that is known."""
        unique_terms = list(dict.fromkeys(terms))
        if not unique_terms:
            return WordHits(scores={}, ceiling=0.0)
        num_all, counts = counted or (self.num_passages(), self.document_counts(unique_terms))
        # FTS5 gives a term of more than half of all passages no weight, but would visit them all.
        telling = [term for term, count in zip(unique_terms, counts, strict=True) if 2 * count <= num_all]
        rows = self._database.fetch(
            "SELECT rowid, bm25(words) AS rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (" OR ".join(_quoted(term) for term in telling or unique_terms), num_passages),
        )
        return WordHits(scores={int(row[0]): -float(row[1]) for row in rows}, ceiling=_bm25_ceiling(num_all, counts))

    def document_counts(self, terms: Sequence[str]) -> list[int]:
        """In how many passages each term is."""
        rows = self._database.fetch(
            "SELECT coalesce(v.doc, 0) FROM json_each(?) wanted LEFT JOIN vocabulary v ON v.term = wanted.value",
            (orjson.dumps([term.lower() for term in terms]).decode(),),
        )
        return [int(row[0]) for row in rows]

    def nearest_wordings(self, vector: Vector, num_wordings: int) -> list[WordingHit]:
        """Curated wordings, nearest first."""
        with self._database.read() as connection:
            if _read_stamp(connection) is None:
                return []
            rows = connection.execute(
                "SELECT w.passage_id, w.text, v.distance FROM wording_vectors v JOIN wordings w ON w.id = v.rowid "
                "WHERE v.vector MATCH ? AND v.k = ? ORDER BY v.distance",
                (_as_blob(vector), num_wordings),
            ).fetchall()
        return [WordingHit(passage_id=row[0], wording=row[1], similarity=1.0 - row[2]) for row in rows]

    def passages(self, scores: Mapping[int, float]) -> list[Passage]:
        """The passages of these ids with their scores, best first; ids that are gone are left out."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT p.id, p.source, s.title, p.heading, p.text, p.start, p.end, p.kind, p.question, p.language "
                "FROM json_each(?) wanted JOIN passages p ON p.id = wanted.value JOIN sources s ON s.source = p.source",
                (orjson.dumps(list(scores)).decode(),),
            ).fetchall()
        return sorted((_passage(row, scores[row[0]]) for row in rows), key=lambda passage: -passage.score)

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, tuple[Sentence, ...]]:
        """The sentences of each passage in reading order; a passage that is gone has none."""
        found: dict[int, list[Sentence]] = {passage_id: [] for passage_id in passage_ids}
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT p.id, t.start, t.end, substr(p.text, t.start - p.start + 1, t.end - t.start), t.vector "
                "FROM json_each(?) wanted JOIN passages p ON p.id = wanted.value "
                "JOIN sentences t ON t.passage_id = p.id ORDER BY p.id, t.start",
                (orjson.dumps(list(found)).decode(),),
            ).fetchall()
        for passage_id, start, end, text, blob in rows:
            vector = _from_half(blob)
            found[passage_id].append(Sentence(start=start, end=end, text=text, vector=vector))
        return {passage_id: tuple(sentences) for passage_id, sentences in found.items()}

    def data_version(self) -> int:
        """Changes whenever another connection, of any process, has written to the file."""
        return self._database.data_version()

    def vectors(self, max_vectors: int) -> IndexVectors | None:
        """Every vector; None before the first ingest, and when passages or sentences are more than `max_vectors`."""
        with self._database.read() as connection:
            stamp = _read_stamp(connection)
            counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _VECTOR_TABLES]  # noqa: S608
            if stamp is None or max(counts) > max_vectors:
                return None
            passages = connection.execute("SELECT id, vector FROM passages ORDER BY id").fetchall()
            rows = connection.execute("SELECT passage_id, vector FROM sentences ORDER BY passage_id, start").fetchall()
            wordings = connection.execute(
                "SELECT w.passage_id, w.text, v.vector FROM wordings w JOIN wording_vectors v ON v.rowid = w.id"
            ).fetchall()
        passage_ids = np.array([row[0] for row in passages], dtype=np.int64)
        with_sentences, starts = np.unique(np.array([row[0] for row in rows], dtype=np.int64), return_index=True)
        return IndexVectors(
            passage_ids=passage_ids,
            passages=_as_matrix([row[1] for row in passages], np.float16, stamp.dimension),
            owners=np.searchsorted(passage_ids, with_sentences),
            starts=starts,
            sentences=_as_matrix([row[1] for row in rows], np.float16, stamp.dimension),
            wordings=[(row[0], row[1]) for row in wordings],
            wording_vectors=_as_matrix([row[2] for row in wordings], np.float32, stamp.dimension),
        )

    def document(self, source: str) -> DocumentText | None:
        """The extracted text that citations' offsets count in; None for an unknown or unreadable source."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT title, text, headings, rows FROM sources WHERE source = ? AND error = ''", (source,)
            ).fetchone()
        if row is None:
            return None
        headings = tuple((start, level, text) for start, level, text in orjson.loads(row[2]))
        rows = tuple((start, end) for start, end in orjson.loads(row[3]))
        return DocumentText(source=source, title=row[0], text=row[1], headings=headings, rows=rows)


def _read_stamp(connection: Connection) -> EmbedderStamp | None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'embedder'").fetchone()
    if row is None:
        return None
    name, sha256, dimension = orjson.loads(row[0])
    return EmbedderStamp(name=name, sha256=sha256, dimension=dimension)


def _insert_source(connection: Connection, indexed: IndexedSource) -> None:
    document, state = indexed.document, indexed.state
    headings = orjson.dumps([list(heading) for heading in document.headings]).decode()
    rows = orjson.dumps([list(row) for row in document.rows]).decode()
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (document.source, state.sha256, state.size_bytes, state.mtime_ns, document.title, document.text,
         indexed.language, headings, rows, state.error),
    )  # fmt: skip


def _insert_passage(connection: Connection, document: DocumentText, passage: IndexedPassage) -> None:
    cursor = connection.execute(
        "INSERT INTO passages (source, kind, language, heading, text, start, end, question, vector) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (document.source, passage.kind, passage.language, passage.heading, passage.text, passage.start, passage.end,
         passage.question, _as_half(passage.vector)),
    )  # fmt: skip
    passage_id = cursor.lastrowid
    body = f"{passage.question}\n" + "\n".join(passage.wordings) + f"\n{passage.text}"
    terms = [" ".join(index_terms(text)) for text in (document.title, passage.heading, body)]
    connection.execute("INSERT INTO words(rowid, title, heading, body) VALUES (?, ?, ?, ?)", (passage_id, *terms))
    connection.execute(
        "INSERT INTO passage_vectors(rowid, vector) VALUES (?, ?)", (passage_id, _as_blob(passage.vector))
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sentences VALUES (?, ?, ?, ?)",
        ((passage_id, s.start, s.end, _as_half(s.vector)) for s in passage.sentences),
    )
    for wording, vector in zip(passage.wordings, passage.wording_vectors, strict=True):
        row = connection.execute("INSERT INTO wordings (passage_id, text) VALUES (?, ?)", (passage_id, wording))
        connection.execute(
            "INSERT INTO wording_vectors(rowid, vector) VALUES (?, ?)", (row.lastrowid, _as_blob(vector))
        )


def _passage(row: Row, score: float) -> Passage:
    return Passage(
        id=row[0], source=row[1], title=row[2], heading=row[3], text=row[4], start=row[5], end=row[6],
        kind=row[7], question=row[8], language=row[9], score=score,
    )  # fmt: skip


def _quoted(term: str) -> str:
    """`term` as an FTS5 string: nothing in it is an operator."""
    return '"' + term.replace("\0", "").replace('"', '""') + '"'


def _bm25_ceiling(num_passages: int, counts: Iterable[int]) -> float:
    weights = (math.log((num_passages - count + 0.5) / (count + 0.5)) for count in counts)  # FTS5's own idf
    return sum(max(weight, 1e-6) for weight in weights) * _BM25_SATURATION


def rarity(num_passages: int, count: int) -> float:
    """The inverse document frequency, > 0, of a term that `count` passages hold."""
    return math.log(1 + (num_passages - count + 0.5) / (count + 0.5))


def _as_matrix(blobs: Sequence[bytes], kind: type[np.floating[Any]], dimension: int) -> NDArray[np.float32]:
    """(n, dimension)"""
    return np.frombuffer(b"".join(blobs), dtype=kind).astype(np.float32).reshape(len(blobs), dimension)


def _as_blob(vector: Vector) -> bytes:
    return vector.astype(np.float32).tobytes()


def _as_half(vector: Vector) -> bytes:
    """Half precision: half the room, and cosines right to 0.0005."""
    return vector.astype(np.float16).tobytes()


def _from_half(blob: bytes) -> Vector:
    return np.frombuffer(blob, dtype=np.float16).astype(np.float32)
