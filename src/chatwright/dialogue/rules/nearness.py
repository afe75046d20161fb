"""Says how near a message is in meaning to examples that an owner wrote, against what people say anyway.

In: examples and an embedder once, then messages. Out: for each message its best example and a cosine in [-1, 1], when
that is near enough. Each clause is looked at by itself. Thresholds were chosen on the first half of
tests/dialogue/rules/nearness_set.yaml (docs/bot-folder.md has the figures). Nearness does not know a no from a yes:
a message that denies is not near an example that does not. Blocking: one embedding of at most 6 texts a message.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatwright.dialogue.rules.phrases import asks_about, is_denying
from chatwright.dialogue.understanding.background import ANSWERS, QUESTIONS, VAGUE
from chatwright.language.detect import has_han
from chatwright.language.words import content_words
from chatwright.protocols import Embedder, Vectors

NEAR = 0.5  # cosine of the centred vectors
BESIDE = 0.1  # and so much nearer than anything of the background
MAX_CLAUSES = 5
_CENTRED = 0.9
_LEAST_HAN = 4  # characters of an example; a word alone says nothing about a sentence
_CLAUSE_END = re.compile(r"(?<=[.!?;。！？；\n])\s*|[,，]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The example that is nearest, and how near."""

    example: str
    cosine: float


class NearnessIndex:
    """The examples of all rules as vectors. Making one embeds them, and the background, once."""

    def __init__(self, examples: Sequence[str], embedder: Embedder) -> None:
        self._embedder = embedder
        background = [*QUESTIONS, *ANSWERS, *VAGUE]
        self._examples = list(dict.fromkeys(filter(is_example, examples)))
        vectors = embedder.embed_queries([*background, *self._examples])  # (texts, dimension)
        of_background = vectors[: len(background)]
        is_chinese = np.array([has_han(text) for text in background])
        self._middles = {han: _CENTRED * of_background[is_chinese == han].mean(axis=0) for han in (True, False)}
        self._background = self._centred(background, of_background)
        self._vectors = self._centred(self._examples, vectors[len(background) :])

    def near(self, text: str) -> dict[str, float]:
        """Example → the cosine of the nearest clause, for those that are near enough."""
        clauses = [clause for clause in _clauses(text) if not asks_about(clause)]
        if not self._examples or not clauses:
            return {}
        said = self._centred(clauses, self._embedder.embed_queries(clauses))  # (clauses, dimension)
        cosines = said @ self._vectors.T  # (clauses, examples)
        beside = (said @ self._background.T).max(axis=1, keepdims=True)  # (clauses, 1)
        is_near = (cosines >= NEAR) & (cosines - beside >= BESIDE)
        denies = np.array([is_denying(clause) for clause in clauses])[:, None]
        denied = np.array([is_denying(example) for example in self._examples])[None, :]
        best = np.where(is_near & (denies == denied), cosines, -1.0).max(axis=0)
        return {example: float(cosine) for example, cosine in zip(self._examples, best, strict=True) if cosine >= NEAR}

    def _centred(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """Chinese and English lie apart in the space: each is measured from its own middle."""
        if not texts:
            return vectors
        moved = vectors - np.stack([self._middles[has_han(text)] for text in texts])
        unit: Vectors = (moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-9)).astype(np.float32)
        return unit


def is_example(phrase: str) -> bool:
    """True for a phrase that says something, false for a word or two that only name a thing."""
    if has_han(phrase):
        return sum(map(has_han, phrase)) >= _LEAST_HAN
    return len(phrase.split()) >= 3 and bool(content_words(phrase))


def _clauses(text: str) -> list[str]:
    """The message, and its clauses where it has several."""
    parts = [part.strip() for part in _CLAUSE_END.split(text[:1000]) if any(map(str.isalnum, part))]
    return list(dict.fromkeys([text[:500].strip(), *parts[:MAX_CLAUSES]])) if len(parts) > 1 else parts
