"""The arithmetic of the intent classifier: two kernel ridge regressions, of meaning with words and of characters.

In: vectors and texts of examples with their labels. Out: a score for each label and message; about 1 for what is like
the examples of a label, about 0 for what is like none. Deterministic. Blocking. Memory and time of fitting grow with
the square and the cube of the number of examples, so beyond MAX_POINTS a share of each label's is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from chatwright.dialogue.understanding.intent_metric import Floats, learn_metric
from chatwright.dialogue.understanding.intent_terms import (
    Vocabulary,
    char_terms,
    learn_chars,
    learn_words,
    word_terms,
)
from chatwright.language.detect import has_han

MAX_POINTS = 10_000  # 400 MB while fitting
_WORDS_MANY, _WORDS_FEW = 0.25, 0.1  # weight of words beside meaning, by how many examples an intent has
_FEW = 20.0
_CHARS = 0.1  # weight of the regression on characters: what is left of a word that is misspelled
_RIDGE = 0.1
_MIDDLE_TRUST = 10  # examples of a language that weigh as much as those of all


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentModel:
    """middles: (2, dimension), of texts without and with Chinese. metric: (dimension, dimension). points: (n,
    dimension), of length 1. word_columns, char_columns: (terms, n), so that a message
    touches its own terms only. by_meaning, by_chars: (n, labels), what each example adds to the score of each label."""

    middles: Floats
    metric: Floats
    points: Floats
    words: Vocabulary
    chars: Vocabulary
    word_columns: sparse.csr_array
    char_columns: sparse.csr_array
    by_meaning: Floats
    by_chars: Floats

    @property
    def words_weight(self) -> float:
        return _words_weight(*self.by_meaning.shape)

    def scores(self, vectors: Floats, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """(messages, labels), and (messages,) how near the nearest example is, in [0, 1]."""
        placed = _placed(vectors, texts, self.middles, self.metric)
        near = placed @ self.points.T  # (messages, n)
        shared = (self.words.vectors(texts, word_terms) @ self.word_columns).toarray()
        spelled = (self.chars.vectors(texts, char_terms) @ self.char_columns).toarray()
        kernel = _kernel(near, shared, self.words_weight)
        scores = kernel @ self.by_meaning + _CHARS * (_kernel(spelled) @ self.by_chars)
        return scores, kernel.max(axis=1)


def fit_model(vectors: Floats, texts: Sequence[str], labels: NDArray[np.int64]) -> IntentModel:
    """Some milliseconds for a hundred examples, about ten seconds for eight thousand."""
    middles = _middles(vectors, texts)
    is_han = np.array([has_han(text) for text in texts]).astype(int)
    metric = learn_metric(vectors - middles[is_han], labels)
    points = _placed(vectors, texts, middles, metric)
    words, chars = learn_words(texts), learn_chars(texts)
    word_rows, char_rows = words.vectors(texts, word_terms), chars.vectors(texts, char_terms)
    wanted = np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]
    by_meaning = _solve(
        _kernel(points @ points.T, (word_rows @ word_rows.T).toarray(), _words_weight(*wanted.shape)), wanted
    )
    by_chars = _solve(_kernel((char_rows @ char_rows.T).toarray()), wanted)
    return IntentModel(
        middles=middles, metric=metric, points=points, words=words, chars=chars, word_columns=word_rows.T.tocsr(),
        char_columns=char_rows.T.tocsr(), by_meaning=by_meaning, by_chars=by_chars,
    )  # fmt: skip


def _words_weight(num_points: int, num_labels: int) -> float:
    few = min(1.0, _FEW * num_labels / num_points)
    return _WORDS_MANY + (_WORDS_FEW - _WORDS_MANY) * few


def _kernel(near: Floats, shared: Floats | None = None, weight: float = 0.0) -> Floats:
    """exp(-d), d the squared distance of unit vectors whose inner products these are. Both are used up."""
    if shared is not None:
        shared *= weight
        near += shared
    near -= 1.0 + weight
    near *= 2.0
    return np.exp(near, out=near)


def _solve(kernel: Floats, wanted: Floats) -> Floats:
    """What kernel ridge regression weighs each example with; the kernel is used up."""
    kernel[np.diag_indices(len(kernel))] += _RIDGE
    factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
    solved: Floats = cho_solve(factor, wanted, check_finite=False).astype(np.float32)
    return solved


def _middles(vectors: Floats, texts: Sequence[str]) -> Floats:
    """Chinese and English lie apart in the space: each is measured from its own middle."""
    every = vectors.mean(axis=0)
    is_han = np.array([has_han(text) for text in texts])
    middles = [
        (vectors[is_han == han].sum(axis=0) + _MIDDLE_TRUST * every) / ((is_han == han).sum() + _MIDDLE_TRUST)
        for han in (False, True)
    ]
    return np.stack(middles).astype(np.float32)


def _placed(vectors: Floats, texts: Sequence[str], middles: Floats, metric: Floats) -> Floats:
    is_han = np.array([has_han(text) for text in texts], dtype=np.int64)
    moved = (vectors - middles[is_han]) @ metric
    placed: Floats = (moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return placed
