"""Confidence that is fitted on what was held out, and where one half lies between in scope and out of it."""

import numpy as np
import pytest

from chatwright.dialogue.understanding.intent_calibration import Calibration, calibrate

NUM_INTENTS, EACH = 12, 10
MOVED_FROM = 1.0  # spread at which more than a few of what is in scope are turned away


def clouds(spread: float) -> tuple[np.ndarray, list[str], np.ndarray]:  # type: ignore[type-arg]  # as numpy makes them
    """Examples around a middle for each intent, and around many middles for what is none."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(NUM_INTENTS + 1), EACH)
    middles = rng.normal(size=(len(labels), 32))
    middles[labels < NUM_INTENTS] = rng.normal(size=(NUM_INTENTS, 32))[labels[labels < NUM_INTENTS]]
    vectors = middles + spread * rng.normal(size=middles.shape)
    texts = [f"word{label} number{place}" for place, label in enumerate(labels)]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), texts, labels


@pytest.mark.parametrize("spread", [0.3, 0.9, 1.5, 2.5])
def test_never_is_less_let_in_where_there_are_many_examples(spread: float, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, texts, labels = clouds(spread)
    plain = calibrate(vectors, texts, labels, NUM_INTENTS)  # 120 examples: too few to move anything
    monkeypatch.setattr("chatwright.dialogue.understanding.intent_calibration._FEWEST_LOST", 40)
    moved = calibrate(vectors, texts, labels, NUM_INTENTS)
    assert moved.sharpness == plain.sharpness
    assert moved.scope[:3] == pytest.approx(plain.scope[:3])
    assert moved.scope[3] >= plain.scope[3]
    assert (moved.scope[3] > plain.scope[3]) == (spread > MOVED_FROM)


def test_more_like_an_intent_is_more_in_scope() -> None:
    calibration = Calibration(sharpness=8.0, scope=np.array([7.0, -5.0, 2.0, -4.5]))
    scores = np.array([[0.2, 0.1, 0.4], [0.6, 0.1, 0.2], [0.9, 0.1, 0.0]], dtype=np.float32)
    chances = calibration.in_scope(scores, np.array([0.2, 0.5, 0.9], dtype=np.float32))
    assert (np.diff(chances) > 0).all()
