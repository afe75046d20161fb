"""What of an index is kept in memory between questions: vectors, passages met before, how common words are.

In: an Index. Out: `Contents`, read again when another connection has written to the file. Vectors take 1.5 kB for each
passage, sentence and curated wording; beyond MAX_VECTORS they stay in the file, `vectors` is None, and sqlite-vec has
to search it. Passages and word counts come in as they are asked for, at most MAX_REMEMBERED of each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TypeVar

from chatwright.knowledge.index import Index, IndexVectors, Sentence, WordHits, rarity
from chatwright.messages import Passage

MAX_VECTORS = 150_000
MAX_REMEMBERED = 20_000
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class Contents:
    """One state of the file. Safe to use from several threads: what two read at once is the same."""

    index: Index
    version: int
    vectors: IndexVectors | None
    num_passages: int
    _passages: dict[int, Passage] = field(default_factory=dict)
    _sentences: dict[int, tuple[Sentence, ...]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def matching_passages(self, terms: Iterable[str], num_passages: int) -> WordHits:
        """The passages that hold any of `terms`, best first."""
        unique_terms = list(dict.fromkeys(terms))
        counts = self._counted(unique_terms)
        return self.index.matching_passages(unique_terms, num_passages, counted=(self.num_passages, counts))

    def passages(self, scores: Mapping[int, float]) -> list[Passage]:
        """The passages of these ids with their scores, best first; ids that are gone are left out."""
        missing = [passage_id for passage_id in scores if passage_id not in self._passages]
        if missing:
            read = {passage.id: passage for passage in self.index.passages(dict.fromkeys(missing, 0.0))}
            _remember(self._passages, read)
        known = [self._passages[passage_id] for passage_id in scores if passage_id in self._passages]
        found = [replace(passage, score=scores[passage.id]) for passage in known]
        return sorted(found, key=lambda passage: -passage.score)

    def sentences(self, passage_ids: Sequence[int]) -> dict[int, tuple[Sentence, ...]]:
        """The sentences of each passage in reading order; a passage that is gone has none."""
        missing = [passage_id for passage_id in passage_ids if passage_id not in self._sentences]
        read = self.index.sentences(missing) if missing else {}
        _remember(self._sentences, read)
        return {passage_id: read.get(passage_id) or self._sentences.get(passage_id, ()) for passage_id in passage_ids}

    def has_sentences(self, passage_ids: Iterable[int]) -> bool:
        """True when `sentences` would read nothing."""
        return all(passage_id in self._sentences for passage_id in passage_ids)

    def rarities(self, terms: Iterable[str]) -> dict[str, float]:
        """The inverse document frequency, > 0, of each term that some passage holds; the others are left out."""
        wanted = list(dict.fromkeys(terms))
        counts = zip(wanted, self._counted(wanted), strict=True)
        return {term: rarity(self.num_passages, count) for term, count in counts if count}

    def has_counts(self, terms: Iterable[str]) -> bool:
        """True when `rarities` would read nothing."""
        return all(term in self._counts for term in terms)

    def _counted(self, terms: Sequence[str]) -> list[int]:
        missing = [term for term in terms if term not in self._counts]
        read = dict(zip(missing, self.index.document_counts(missing), strict=True)) if missing else {}
        _remember(self._counts, read)
        return [read[term] if term in read else self._counts.get(term, 0) for term in terms]


class IndexMemory:
    """The latest contents of one index; safe to use from several threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = Lock()
        self._latest: Contents | None = None

    @property
    def latest(self) -> Contents | None:
        """What was read last, without a look at the file; None before the first `current`."""
        return self._latest

    def current(self) -> Contents:
        """What the file holds now."""
        with self._lock:
            version = self._index.data_version()
            if self._latest is None or self._latest.version != version:
                self._latest = Contents(
                    index=self._index,
                    version=version,
                    vectors=self._index.vectors(MAX_VECTORS),
                    num_passages=self._index.num_passages(),
                )
            return self._latest


def _remember(known: dict[Key, Value], read: Mapping[Key, Value]) -> None:
    if len(known) + len(read) > MAX_REMEMBERED:
        known.clear()
    known.update(read)
