"""An embedder without a model: hashed words and pairs of characters. The public double for all tests above it.

In: texts. Out: vectors that are near when the texts share words. Deterministic; knows no meaning.
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from chatwright.knowledge.terms import index_terms
from chatwright.language.words import STOP_WORDS
from chatwright.protocols import Vectors


class HashEmbedder:
    """Each term that the word index would hold adds a sign at a hashed place."""

    def __init__(self, dimension: int = 256) -> None:
        self.name = "hash"
        self.sha256 = hashlib.sha256(f"hash-1-{dimension}".encode()).hexdigest()
        self.dimension = dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)  # (n, dimension)
        for row, text in enumerate(texts):
            for feature in _features(text):
                digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                place = int.from_bytes(digest[:7], "little") % self.dimension
                vectors[row, place] += 1.0 if digest[7] & 1 else -1.0
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


def _features(text: str) -> Iterator[str]:
    return (term for term in index_terms(text) if term not in STOP_WORDS)
