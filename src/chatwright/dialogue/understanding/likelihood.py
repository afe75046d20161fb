"""Asks a small model how likely a visitor who means this would say that, and decides by it where vectors are unsure.

In: the message and what it may mean: a few flows, or the values of the asked slot. Out: a command, or none where two
meanings are about as likely. A model of half a billion parameters writes commands no better than chance, but it ranks
meanings (benchmarks/understanding.py has both); so its likelihood of the message is added to the nearness of vectors.
Never writes a value of its own: flows and values are those that were given.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from chatwright.dialogue.commands import Command, SetSlot, StartFlow
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.choices import surfaces
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_names import flow_name, slot_name
from chatwright.dialogue.understanding.flow_decision import Thresholds, decide_flow
from chatwright.dialogue.understanding.understood import ModelReading, Unsure
from chatwright.errors import EngineError, RequestError
from chatwright.language.detect import has_han
from chatwright.messages import Language
from chatwright.protocols import Embedder, Vectors
from chatwright.safety.guards import mask_special_tokens

MAX_VALUES = 8  # of a slot, each one reading of the message by the model
MAX_FLOWS = 4
_MAX_MESSAGE_CHARS = 200
_MAX_TEXT_CHARS = 80
_FLOW: dict[Language, str] = {
    "en": 'A customer wants this: {meaning}. The customer says: "',
    "zh": "客户想要{meaning}。客户说：“",
}
_VALUE: dict[Language, str] = {
    "en": 'The customer was asked: {asked}. The answer means: {meaning}. The customer said: "',
    "zh": "客服问{asked}。客户的回答意思是：{meaning}。客户说：“",
}
# Chosen on 50 answers to five other slots (45 right when nothing is left open) and on understanding_set.yaml.
_FLOW_WEIGHT = 1.5  # of a difference in mean log-likelihood, against one of log probability
_VALUE_WEIGHT = 0.1  # … against one of cosine
_VALUE_MARGIN = 0.04
_CENTRED = 0.5
_SENTENCE_END = re.compile(r"[;；·。\n]")


@runtime_checkable
class Scorer(Protocol):
    """Mean natural-log probability per token of `continuation` right after `prompt`. Raises EngineError."""

    async def score(self, prompt: str, continuation: str) -> float: ...


class LikelihoodModel:
    """A small model as a judge. embedder: the one that judges flows; slots are embedded when they are first asked."""

    def __init__(self, scorer: Scorer, embedder: Embedder, *, thresholds: Thresholds | None = None) -> None:
        self._scorer = scorer
        self._embedder = embedder
        sure = thresholds or Thresholds()
        self._sure = replace(sure, start=sure.judged)
        self._labels: dict[str, tuple[list[Any], Vectors]] = {}

    async def read(self, unsure: Unsure) -> ModelReading:
        """A value for the asked slot when it is a choice; with no flow open the flow that is meant."""
        asked = next((slot for slot in unsure.slots if slot.name == unsure.context.asked), None)
        message = mask_special_tokens(" ".join(unsure.text.split()))[:_MAX_MESSAGE_CHARS]
        try:
            if asked is not None and asked.type == "categorical" and 1 < len(asked.values) <= MAX_VALUES:
                return await self._choose_value(asked, message, unsure.context.language)
            if not unsure.context.open_flow and len(unsure.flows) > 1:
                return await self._choose_flow(message, unsure)
        except (EngineError, RequestError) as err:
            return ModelReading(problem=err.code)
        return ModelReading()

    async def _choose_flow(self, message: str, unsure: Unsure) -> ModelReading:
        """Shares out among the likeliest flows what belongs to them together; whether it is any stays as it was."""
        language = unsure.context.language
        chances = dict(unsure.chances)
        flows = sorted(unsure.flows, key=lambda flow: -chances.get(flow.id, 0.0))[:MAX_FLOWS]
        scores = [await self._scorer.score(_flow_prompt(flow, language), message) for flow in flows]
        weights = [
            math.log(chances.get(flow.id, 0.0) + 1e-3) + _FLOW_WEIGHT * score
            for flow, score in zip(flows, scores, strict=True)
        ]
        total = sum(chances.get(flow.id, 0.0) for flow in flows)
        shares = np.exp(np.array(weights) - max(weights))
        shares = total * shares / shares.sum()
        ranked = sorted(zip((flow.id for flow in flows), shares.tolist(), strict=True), key=lambda item: -item[1])
        decision = decide_flow(tuple(ranked), is_general=False, open_flow="", sure=self._sure, vague=unsure.vague)
        raw = ", ".join(f"{name} {chance:.2f}" for name, chance in ranked)
        commands: tuple[Command, ...] = (StartFlow(flow=decision.flows[0]),) if decision.kind == "start" else ()
        return ModelReading(commands=commands, confidence=decision.confidence, raw=raw)

    async def _choose_value(self, slot: Slot, message: str, language: Language) -> ModelReading:
        near = self._nearness(slot, message)
        scores = {
            place: near[place] + _VALUE_WEIGHT * await self._scorer.score(_value_prompt(slot, value, language), message)
            for place, value in enumerate(slot.values)
        }
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        margin = ranked[0][1] - ranked[1][1]
        raw = ", ".join(f"{slot.values[place]} {score:.3f}" for place, score in ranked)
        if margin < _VALUE_MARGIN:
            return ModelReading(raw=raw)
        command = SetSlot(slot=slot.name, value=slot.values[ranked[0][0]], extractor="model")
        return ModelReading(commands=(command,), confidence=_value_confidence(margin), raw=raw)

    def _nearness(self, slot: Slot, message: str) -> list[float]:
        """Of each value, by its nearest label."""
        if slot.name not in self._labels:
            named = surfaces(slot)
            self._labels[slot.name] = (
                [value for _, value in named],
                self._embedder.embed_queries([n for n, _ in named]),
            )
        values, vectors = self._labels[slot.name]
        middle = _CENTRED * vectors.mean(axis=0)
        near = _unit(vectors - middle) @ _unit(self._embedder.embed_queries([message]) - middle)[0]
        return [max(float(n) for n, other in zip(near, values, strict=True) if other == value) for value in slot.values]


def _value_confidence(margin: float) -> float:
    """34 of 37 values with more than the least margin were right, 20 of 22 with more than 0.1."""
    return min(0.95, 0.85 + margin / 2)


def _flow_prompt(flow: Flow, language: Language) -> str:
    clauses = [clause.strip() for clause in _SENTENCE_END.split(flow.description) if clause.strip()]
    fitting = [clause for clause in clauses if has_han(clause) == (language == "zh")]
    meaning = (fitting or clauses or [flow_name(flow, language)])[0]
    return _FLOW[language].replace("{meaning}", mask_special_tokens(meaning)[:_MAX_TEXT_CHARS])


def _value_prompt(slot: Slot, value: Any, language: Language) -> str:
    labels = slot.labels.get(value, {}) or slot.labels.get(str(value), {})
    words: Sequence[str] = labels.get(language, ()) or [str(value).replace("_", " ")]
    meaning = ("、" if language == "zh" else ", ").join(words)
    asked = slot_name(slot, language)
    prompt = _VALUE[language].replace("{asked}", mask_special_tokens(asked)[:_MAX_TEXT_CHARS])
    return prompt.replace("{meaning}", mask_special_tokens(meaning)[:_MAX_TEXT_CHARS])


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return unit
