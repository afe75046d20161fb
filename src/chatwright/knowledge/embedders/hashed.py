"""An embedder without a model: hashed words and character pairs. The public double for tests of everything above it.

In: texts. Out: vectors that are near when the texts share words. Deterministic; knows no meaning.
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from chatwright.language.words import content_words, stem
from chatwright.protocols import Vectors


class HashEmbedder:
    """Each content word and each pair of neighbouring characters adds a sign at a hashed place."""

    def __init__(self, dimension: int = 256) -> None:
        self.name = "hash"
        self.sha256 = hashlib.sha256(f"hash-1-{dimension}".encode()).hexdigest()
        self.dimension = dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)  # (n, dimension)
        for row, text in enumerate(texts):
            for feature, weight in _features(text):
                digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                place = int.from_bytes(digest[:7], "little") % self.dimension
                vectors[row, place] += weight if digest[7] & 1 else -weight
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in content_words(text):
        yield f"word:{stem(word)}", 1.0
        for pair in zip(word, word[1:], strict=False):
            yield f"pair:{''.join(pair)}", 0.25
