"""What a message is made of on its surface: words with their neighbours, and runs of characters; as sparse vectors.

In: texts, once to learn how common each term is, then any. Out: rows of length 1 (tf-idf) whose inner product says how
much two texts share. Terms are kept as 32-bit hashes. Chinese words are segmented, and their runs are shorter.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from chatwright.language.detect import has_han
from chatwright.language.words import words

Terms = Callable[[str], Iterator[str]]
MAX_CHARS = 1000  # of a text that is looked at
_COMMON = 0.1  # share of all texts beyond which a run of characters tells nothing, and would cost most


def word_terms(text: str) -> Iterator[str]:
    """Each word, and each two in a row."""
    found = words(text[:MAX_CHARS])
    yield from found
    yield from (f"{first} {second}" for first, second in pairwise(found))


def char_terms(text: str) -> Iterator[str]:
    """Runs of 2 to 5 characters within a word and its edges; of Chinese words 1 to 3."""
    for word in words(text[:MAX_CHARS]):
        if has_han(word):
            padded, sizes = word, range(1, 4)
        else:
            padded, sizes = f" {word} ", range(2, 6)
        for size in sizes:
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The terms that were learned. hashes: (terms,) uint32, ascending. weights: (terms,) float32, of rarity."""

    hashes: NDArray[np.uint32]
    weights: NDArray[np.float32]

    def vectors(self, texts: Sequence[str], terms: Terms) -> sparse.csr_array:
        """(texts, terms) float32; a row of nothing known stays nothing."""
        rows = [self._row(text, terms) for text in texts]
        places = np.concatenate([row[0] for row in rows]) if rows else np.zeros(0, np.int64)
        values = np.concatenate([row[1] for row in rows]) if rows else np.zeros(0, np.float32)
        ends = np.cumsum([0, *(len(row[0]) for row in rows)])
        return sparse.csr_array((values, places, ends), shape=(len(texts), len(self.hashes)))

    def _row(self, text: str, terms: Terms) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        counts = Counter(map(hashed, terms(text)))
        hashes = np.fromiter(counts, np.uint32, len(counts))
        places = np.searchsorted(self.hashes, hashes)
        is_known = self.hashes[np.minimum(places, len(self.hashes) - 1)] == hashes if len(self.hashes) else places > 0
        often = np.fromiter(counts.values(), np.float32, len(counts))[is_known]
        known = places[is_known]
        values = (1.0 + np.log(often)) * self.weights[known]
        return known, (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)


def learn_vocabulary(texts: Sequence[str], terms: Terms, *, common: float = 1.0) -> Vocabulary:
    """The terms of `texts`, without those that more than the share `common` of many texts have."""
    counts = Counter(term for text in texts for term in set(map(hashed, terms(text))))
    most = max(20.0, common * len(texts))
    kept = sorted(term for term, count in counts.items() if count <= most)
    often = np.array([counts[term] for term in kept], dtype=np.float32)
    weights = np.log((1 + len(texts)) / (1 + often)) + 1
    return Vocabulary(hashes=np.array(kept, dtype=np.uint32), weights=weights.astype(np.float32))


def learn_words(texts: Sequence[str]) -> Vocabulary:
    return learn_vocabulary(texts, word_terms)


def learn_chars(texts: Sequence[str]) -> Vocabulary:
    return learn_vocabulary(texts, char_terms, common=_COMMON)


def hashed(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))
