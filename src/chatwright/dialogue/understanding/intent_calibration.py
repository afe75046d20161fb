"""Says how sure the intent classifier may be: fitted on examples that were held out, and on intents that were.

In: embedded examples with labels, the last label "none of them". Out: Calibration, which turns scores into
probabilities. Every fold leaves out a part of each intent, and some intents as a whole: what visitors say of those is
out of scope for it. At most MAX_EXAMPLES are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatwright.dialogue.understanding.intent_metric import Floats
from chatwright.dialogue.understanding.intent_model import fit_model

MAX_EXAMPLES = 3000
_NUM_FOLDS = 4
_SHARPNESSES = np.geomspace(2.0, 40.0, 30)
# Best score, score of "none", nearness, constant; and how many examples this prior counts as much as.
_PRIOR = np.array([7.0, -5.0, 2.0, -4.5])
_PRIOR_WEIGHT = 0.05
_STEPS = 30
# Where one half lies: intents that were held out are likelier to be taken for another than what visitors say of other
# matters, so a bot of many intents would turn away a fifth of what is in scope. Chosen on CLINC150.
_LOST = 0.1  # most that may be turned away of what is in scope …
_LET_IN = 0.35  # … while no more than this is let in of what was held out
_FEWEST_LOST = 500  # examples from which such shares can be told; smaller bots turn away little as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """sharpness: scores are multiplied with it before the softmax. scope: weights of a logistic function."""

    sharpness: float
    scope: NDArray[np.float64]

    def probabilities(self, scores: Floats) -> NDArray[np.float64]:
        """(messages, intents): given that it is one of them. scores: (messages, intents + 1)."""
        scaled = self.sharpness * scores[:, :-1].astype(np.float64)
        raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
        return probabilities

    def in_scope(self, scores: Floats, near: Floats) -> NDArray[np.float64]:
        """(messages,) in [0, 1]: that it is one of the intents at all."""
        return _logistic(_signs(scores, near) @ self.scope)


def calibrate(
    vectors: Floats, texts: Sequence[str], labels: NDArray[np.int64], none: int, seed: int = 0
) -> Calibration:
    """none: the label of what is no intent; the last. The first choice for sharpness and scope when data are few."""
    chosen = _some(labels, seed)
    vectors, labels = vectors[chosen], labels[chosen]
    texts = [texts[place] for place in chosen]
    held = list(_held_out(vectors, texts, labels, none, seed))
    scores = np.concatenate([each[0] for each in held])
    near = np.concatenate([each[1] for each in held])
    wanted = np.concatenate([each[2] for each in held])  # the label, or `none` for what was out of scope
    signs, is_in_scope = _signs(scores, near), wanted != none
    return Calibration(
        sharpness=_fit_sharpness(scores[is_in_scope], wanted[is_in_scope]),
        scope=_moved(_fit_scope(signs, is_in_scope), signs, is_in_scope),
    )


def _some(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    order = np.random.default_rng(seed).permutation(len(labels))[:MAX_EXAMPLES]
    return np.sort(order)


def _held_out(
    vectors: Floats, texts: Sequence[str], labels: NDArray[np.int64], none: int, seed: int
) -> Iterator[tuple[Floats, Floats, NDArray[np.int64]]]:
    """Scores, nearness and true label of what each fold has not seen."""
    rng = np.random.default_rng(seed)
    fold_of = rng.permutation(len(labels)) % _NUM_FOLDS
    group_of = rng.permutation(none) % max(2, min(_NUM_FOLDS, none))  # of intents
    for fold in range(_NUM_FOLDS):
        hidden = np.append(group_of == fold, False) & (none > 2)
        is_seen = (fold_of != fold) & ~hidden[labels]
        if len(set(labels[is_seen])) < 2 or is_seen.all():
            continue
        kept = np.append(np.flatnonzero(np.isin(np.arange(none), labels[is_seen])), none)
        renumbered = np.searchsorted(kept, labels[is_seen])
        if renumbered.max() != len(kept) - 1:
            continue  # no example of "none" was left to learn from
        model = fit_model(
            vectors[is_seen], [text for text, seen in zip(texts, is_seen, strict=True) if seen], renumbered
        )
        unseen = np.flatnonzero(~is_seen)
        scores, near = model.scores(vectors[unseen], [texts[int(place)] for place in unseen])
        spread = np.full((len(unseen), none + 1), -1.0, dtype=np.float32)
        spread[:, kept] = scores
        yield spread, near, np.where(np.isin(labels[unseen], kept), labels[unseen], none)


def _signs(scores: Floats, near: Floats) -> NDArray[np.float64]:
    """(messages, 4): what tells a message in scope from one that is not."""
    best = scores[:, :-1].max(axis=1)
    return np.stack([best, scores[:, -1], near, np.ones_like(best)], axis=1).astype(np.float64)


def _fit_sharpness(scores: Floats, labels: NDArray[np.int64]) -> float:
    """The one under which what was meant is likeliest."""
    if not len(labels):
        return 8.0
    calibrations = [Calibration(sharpness=float(each), scope=_PRIOR) for each in _SHARPNESSES]
    rows = np.arange(len(labels))
    losses = [-np.log(each.probabilities(scores)[rows, labels] + 1e-9).mean() for each in calibrations]
    return calibrations[int(np.argmin(losses))].sharpness


def _fit_scope(signs: NDArray[np.float64], is_in_scope: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Logistic regression by Newton's steps, both sides counted alike, drawn to the prior."""
    weights = _PRIOR.copy()
    if is_in_scope.all() or not is_in_scope.any():
        return weights
    share = np.where(is_in_scope, 0.5 / is_in_scope.sum(), 0.5 / (~is_in_scope).sum())  # of each example
    ridge = _PRIOR_WEIGHT * min(1.0, 20.0 / len(signs))
    for _ in range(_STEPS):
        chance = _logistic(signs @ weights)
        slope = signs.T @ (share * (chance - is_in_scope)) + ridge * (weights - _PRIOR)
        bend = (signs.T * (share * chance * (1 - chance))) @ signs + ridge * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights - step * min(1.0, 5.0 / float(np.linalg.norm(step) + 1e-9))
    return weights


def _moved(
    weights: NDArray[np.float64], signs: NDArray[np.float64], is_in_scope: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The weights with a constant by which enough of what is in scope is let in; never with one that lets in less."""
    if is_in_scope.sum() < _FEWEST_LOST or is_in_scope.all():
        return weights
    values = signs @ weights
    least = max(np.quantile(values[is_in_scope], _LOST), np.quantile(values[~is_in_scope], 1.0 - _LET_IN))
    moved: NDArray[np.float64] = weights - np.array([0.0, 0.0, 0.0, min(0.0, float(least))])
    return moved


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    squeezed: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(values, -40, 40)))
    return squeezed
