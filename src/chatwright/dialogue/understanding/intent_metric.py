"""Learns from labelled vectors where to look: what varies within an intent counts less, what tells intents apart more.

In: vectors of sentences, and which intent each is of. Out: a matrix that vectors are multiplied with before they are
compared. A regularised linear discriminant: little data changes little, and the pull between intents fades where each
has many examples and the examples speak for themselves. Chosen on parts of BANKING77, see benchmarks/intents.py.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_WITHIN = 0.1  # share of the spread within intents that is evened out, where each has many examples …
_WITHIN_FEW = 0.37  # … and what is added to it where each has few
_BETWEEN = 3.0
_PULL = 0.35  # power to which the spread between intents is raised, where each has few examples
_FEW = 20.0  # examples an intent


def learn_metric(vectors: Floats, labels: NDArray[np.int64]) -> Floats:
    """(dimension, dimension) float32. vectors: (n, dimension), centred. labels: (n,), each from 0 without gaps."""
    num_labels, (num, dimension) = int(labels.max()) + 1, vectors.shape
    counts = np.maximum(np.bincount(labels, minlength=num_labels), 1)
    middles = np.zeros((num_labels, dimension), dtype=np.float32)
    np.add.at(middles, labels, vectors)
    middles /= counts[:, None].astype(np.float32)
    few = min(1.0, _FEW / (num / num_labels))
    trust = max(0, num - num_labels) / (num - num_labels + dimension) if num > num_labels else 0.0
    within = trust * (_WITHIN + _WITHIN_FEW * few)
    evened = _power(_spread(vectors - middles[labels]), min(within, 0.9), -0.5)
    between = min(0.9, _BETWEEN * num_labels / (num_labels + dimension))
    pull = _PULL * few * few
    if num_labels < 2 or pull < 0.01:
        return evened
    told = _spread((middles - middles.mean(axis=0)) @ evened)
    metric: Floats = evened @ _power(told, between, pull)
    return metric


def _spread(rows: Floats) -> NDArray[np.float64]:
    """The covariance, scaled so that its mean variance is 1; the identity of rows that do not vary."""
    covariance = (rows.T @ rows).astype(np.float64)
    mean = float(np.trace(covariance)) / len(covariance)
    return covariance / mean if mean > 1e-12 else np.eye(len(covariance))


def _power(spread: NDArray[np.float64], share: float, power: float) -> Floats:
    """(share · spread + (1 - share) · identity) to a power."""
    values, vectors = np.linalg.eigh(share * spread + (1.0 - share) * np.eye(len(spread)))
    raised: Floats = ((vectors * np.clip(values, 0.01, None) ** power) @ vectors.T).astype(np.float32)
    return raised
