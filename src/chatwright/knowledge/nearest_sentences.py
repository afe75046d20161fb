"""Finds the passages that hold the sentences nearest to a question, over the whole index.

A row of a long table or an item of a list is drowned in its passage's vector; its own vector finds it. All sentence
vectors are held in memory, at 1.5 kB each, and read again when the index changed; beyond MAX_SENTENCES this search is
left out and passages' own vectors must do.
"""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from chatwright.knowledge.index import Index, Vector

MAX_SENTENCES = 150_000


class SentenceMatrix:
    """The sentence vectors of one index; safe to use from several threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = Lock()
        self._version: tuple[int, int] | None = None
        self._passage_ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # (passages,)
        self._starts: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # (passages,) first row of each passage
        self._vectors: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)  # (sentences, dimension)

    def best_of_passages(self, vector: Vector) -> dict[int, float]:
        """The cosine of each passage's nearest sentence; empty when there are too many sentences, or none."""
        with self._lock:
            self._refresh()
            passage_ids, starts, vectors = self._passage_ids, self._starts, self._vectors
        if not len(passage_ids):
            return {}
        best = np.maximum.reduceat(vectors @ vector, starts)  # (passages,)
        return dict(zip(passage_ids.tolist(), best.tolist(), strict=True))

    def _refresh(self) -> None:
        version = self._index.version()
        if version == self._version:
            return
        owners, vectors = self._index.sentence_vectors(MAX_SENTENCES)
        self._passage_ids, self._starts = np.unique(owners, return_index=True)
        self._vectors = vectors
        self._version = version
