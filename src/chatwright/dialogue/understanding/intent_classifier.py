"""The intent classifier of a bot folder: trained from its examples, kept beside its index, ranking every message.

In: training data, flows and an embedder; then messages. Out: intents with calibrated confidence, and how likely it is
that a message is any of them. Background sentences, and intents that Rasa calls out of scope, teach what is none.
Blocking; one embedding a message. Never starts a flow: `flow_decision.py` weighs what is ranked here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.training_data import OUT_OF_SCOPE, TrainingData
from chatwright.dialogue.understanding.background import ANSWERS, QUESTIONS, VAGUE
from chatwright.dialogue.understanding.flow_choice import mask_values
from chatwright.dialogue.understanding.intent_calibration import Calibration, calibrate
from chatwright.dialogue.understanding.intent_file import digest_of, load_trained, save_trained
from chatwright.dialogue.understanding.intent_metric import Floats
from chatwright.dialogue.understanding.intent_model import MAX_POINTS, IntentModel, fit_model
from chatwright.dialogue.understanding.understood import Ranked
from chatwright.language.fold import fold
from chatwright.protocols import Embedder

MAX_RANKED = 10
Advance = Callable[[int], None]
_BATCH = 256  # texts embedded between two steps of the progress bar
_END_MARKS = " .。?!~"  # of folded text, where full-width marks are half-width
_FEWEST = 2  # intents that there must be to tell apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One text and the intent it is of; "" for none of them."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedIntents:
    """intents: the labels of the model in order; its last label, beyond them, is "none"."""

    intents: tuple[str, ...]
    model: IntentModel
    calibration: Calibration


class IntentClassifier:
    """An `IntentRanker`. Some milliseconds a message."""

    def __init__(self, trained: TrainedIntents, embedder: Embedder) -> None:
        self._trained = trained
        self._embedder = embedder

    @property
    def intents(self) -> tuple[str, ...]:
        return self._trained.intents

    def rank(self, text: str) -> Ranked:
        bare = bare_text(text)
        return self.rank_embedded(self._embedder.embed_queries([bare]), [bare])[0]

    def rank_embedded(self, vectors: Floats, texts: Sequence[str]) -> list[Ranked]:
        """Many at once, whose vectors are known."""
        trained = self._trained
        with _threads().limit(limits=1, user_api="blas"):
            scores, near = trained.model.scores(vectors, texts)
        chances = trained.calibration.probabilities(scores)
        in_scope = trained.calibration.in_scope(scores, near)
        return [self._ranked(row, float(scope)) for row, scope in zip(chances, in_scope, strict=True)]

    def _ranked(self, chances: NDArray[np.float64], in_scope: float) -> Ranked:
        best = np.argsort(-chances, kind="stable")[:MAX_RANKED]
        names = self._trained.intents
        return Ranked(intents=tuple((names[place], float(chances[place])) for place in best), in_scope=in_scope)


def lessons_of(data: TrainingData, flows: Iterable[Flow]) -> list[Lesson]:
    """What is learned from: examples of the training data and of flows, the names of intents, and the background.

    A flow's own examples are of the first intent that triggers it, where the training data know it; else of an
    intent of the flow's own name. What Rasa calls out of scope is an intent like any other where it begins a flow."""
    flows, known = list(flows), set(data.intents)
    begins = {trigger.intent for flow in flows for trigger in flow.nlu_trigger}
    none = {name for name in known - begins if name.lower() in OUT_OF_SCOPE}
    lessons = [Lesson(text=each.text, intent="" if each.intent in none else each.intent) for each in data.examples]
    for flow in flows:
        trigger = next((each.intent for each in flow.nlu_trigger if each.intent in known), flow.id)
        lessons += [Lesson(text=text, intent=trigger) for text in flow.examples]
    intents = dict.fromkeys(lesson.intent for lesson in lessons if lesson.intent)
    lessons += [Lesson(text=spoken_name(intent), intent=intent) for intent in intents]
    lessons += [Lesson(text=text, intent="") for text in (*QUESTIONS, *ANSWERS, *VAGUE)]
    return lessons


def with_trigger_examples(flow: Flow, data: TrainingData) -> Flow:
    """The flow with what the training data say for the intents that trigger it among its examples."""
    triggers = {trigger.intent for trigger in flow.nlu_trigger}
    said = [example.text for example in data.examples if example.intent in triggers]
    return replace(flow, examples=tuple(dict.fromkeys([*flow.examples, *said])))


def bare_text(text: str) -> str:
    """What is compared: without codes, capitals, traditional forms and end marks, which visitors set as they like."""
    masked = mask_values(text)
    return fold(masked).rstrip(_END_MARKS) or masked


def spoken_name(intent: str) -> str:
    """What the name of an intent says: it teaches as much as an example does."""
    return " ".join(intent.replace("_", " ").replace("-", " ").replace("/", " ").split()) or intent


def train(lessons: Sequence[Lesson], embedder: Embedder, on_done: Advance = lambda count: None) -> TrainedIntents:
    """on_done: told how many texts were embedded since the last call."""
    texts = [bare_text(lesson.text) for lesson in lessons]
    vectors = np.concatenate(
        [_embedded(texts[at : at + _BATCH], embedder, on_done) for at in range(0, len(texts), _BATCH)]
    )
    return train_embedded(lessons, vectors)


def train_embedded(lessons: Sequence[Lesson], vectors: Floats) -> TrainedIntents:
    """The same where the vectors of the masked texts are known."""
    intents = tuple(dict.fromkeys(lesson.intent for lesson in lessons if lesson.intent))
    place = {intent: number for number, intent in enumerate(intents)} | {"": len(intents)}
    labels = np.array([place[lesson.intent] for lesson in lessons], dtype=np.int64)
    kept = _fewer(labels)
    texts = [bare_text(lessons[i].text) for i in kept]
    with _threads().limit(limits=1, user_api="blas"):
        return TrainedIntents(
            intents=intents,
            model=fit_model(vectors[kept], texts, labels[kept]),
            calibration=calibrate(vectors[kept], texts, labels[kept], len(intents)),
        )


@cache
def _threads() -> ThreadpoolController:
    """Limits numpy to one thread: two that share a busy processor wait for each other, 34 s measured instead of 0.7."""
    return ThreadpoolController()


def _embedded(texts: Sequence[str], embedder: Embedder, on_done: Advance) -> Floats:
    vectors = embedder.embed_queries(texts)
    on_done(len(texts))
    return vectors


def _fewer(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most MAX_POINTS places; of the commoner labels examples are left out, the same ones every time."""
    if len(labels) <= MAX_POINTS:
        return np.arange(len(labels))
    order = np.random.default_rng(0).permutation(len(labels))
    rank = np.zeros(len(labels), dtype=np.int64)
    seen: dict[int, int] = {}
    for place in order:
        rank[place] = seen[int(labels[place])] = seen.get(int(labels[place]), 0) + 1
    return np.sort(order[np.argsort(rank[order], kind="stable")][:MAX_POINTS])


def open_classifier(
    data: TrainingData,
    flows: Mapping[str, Flow],
    embedder: Embedder,
    kept_at: Path,
    on_done: Advance = lambda count: None,
) -> IntentClassifier | None:
    """The classifier of a folder: read from `kept_at` when it was trained on the same, else trained and kept there.

    None when the folder has fewer than two intents. A cache that cannot be read or written costs time, nothing else."""
    lessons = lessons_of(data, [flow for flow in flows.values() if not flow.id.startswith("pattern_")])
    if len({lesson.intent for lesson in lessons} - {""}) < _FEWEST:
        return None
    digest = digest_of([(lesson.text, lesson.intent) for lesson in lessons], embedder)
    if (read := load_trained(kept_at, digest)) is not None:
        return IntentClassifier(TrainedIntents(intents=read[0], model=read[1], calibration=read[2]), embedder)
    trained = train(lessons, embedder, on_done)
    save_trained(kept_at, digest, trained.intents, trained.model, trained.calibration)
    return IntentClassifier(trained, embedder)
