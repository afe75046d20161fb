"""A judge of likelihood decides between flows and values by the scores it gives, and leaves open what is close."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from tests.dialogue.parcels import FLOWS, SLOTS, context

from chatwright.dialogue.commands import SetSlot, StartFlow
from chatwright.dialogue.understanding.likelihood import LikelihoodModel
from chatwright.dialogue.understanding.understood import ModelReading, Unsure
from chatwright.errors import EngineError
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.protocols import Vectors


class ScriptedScorer:
    """Gives the score of the first key that stands in the prompt; on record are all prompts."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self.scores = scores
        self.prompts: list[str] = []

    async def score(self, prompt: str, continuation: str) -> float:
        self.prompts.append(prompt)
        found = [score for key, score in self.scores.items() if key in prompt]
        if not found:
            raise EngineError("Nothing to say.", code="score_failed")
        return found[0]


class FlatEmbedder(HashEmbedder):
    """Everything is equally near."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), 4), 0.5, dtype=np.float32)


def read(scores: Mapping[str, float], text: str, **more: object) -> tuple[ModelReading, ScriptedScorer]:
    scorer = ScriptedScorer(scores)
    model = LikelihoodModel(scorer, FlatEmbedder())
    flows = () if more.get("open_flow") else (FLOWS["return_parcel"], FLOWS["book_visit"])
    chances = (("return_parcel", 0.45), ("book_visit", 0.4))
    unsure = Unsure(text=text, context=context(**more), flows=flows, slots=tuple(SLOTS.values()), chances=chances)  # type: ignore[arg-type]
    return asyncio.run(model.read(unsure)), scorer


@pytest.mark.parametrize(
    ("scores", "started"),
    [
        ({"send an order": -2.0, "book a visit": -4.0}, "return_parcel"),
        ({"send an order": -4.0, "book a visit": -2.0}, "book_visit"),
        ({"send an order": -3.0, "book a visit": -3.0}, ""),
    ],
)
def test_flows(scores: Mapping[str, float], started: str) -> None:
    reading, _ = read(scores, "something or other")
    assert reading.commands == ((StartFlow(flow=started),) if started else ())
    assert "return_parcel" in reading.raw


@pytest.mark.parametrize(
    ("scores", "value"),
    [({"broken": -1.0, "changed": -4.0}, "damaged"), ({"broken": -4.0, "changed": -1.0}, "not_wanted"), ({"broken": -2.0, "changed": -2.1}, "")],
)  # fmt: skip
def test_values(scores: Mapping[str, float], value: str) -> None:
    reading, scorer = read(scores, "zzz", open_flow="return_parcel", asked="reason")
    assert reading.commands == ((SetSlot(slot="reason", value=value, extractor="model"),) if value else ())
    assert all("why it is returned" in prompt for prompt in scorer.prompts)


def test_prompts_are_in_the_language_of_the_visitor() -> None:
    _, scorer = read({"退货退款": -2.0, "预约参观": -3.0}, "嗯", language="zh")
    assert [prompt[:4] for prompt in scorer.prompts] == ["客户想要", "客户想要"]


@pytest.mark.parametrize("asked", ["order_id", "wants_call", "note", "unknown"])
def test_what_is_no_choice_is_not_asked(asked: str) -> None:
    reading, scorer = read({"": -1.0}, "whatever", open_flow="return_parcel", asked=asked)
    assert reading == ModelReading()
    assert scorer.prompts == []


def test_a_failing_engine_is_no_failure() -> None:
    reading, _ = read({}, "whatever")
    assert reading == ModelReading(problem="score_failed")
