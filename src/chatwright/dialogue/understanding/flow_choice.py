"""Finds the flows that a message may be about: by nearness to their examples, names and descriptions.

In: flows and an embedder once, then messages. Out: a probability for each flow, and for "none of them", which is
what `background.py` lists. Order numbers and the like are left out of the comparison. Never starts a flow:
`understanding.py` decides. Blocking: one embedding a message.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.understanding.background import ANSWERS, QUESTIONS, VAGUE
from chatwright.language.detect import has_han
from chatwright.language.words import content_words, stem
from chatwright.protocols import Embedder, Vectors

MAX_FLOWS = 5  # shown to a small model at once
_QUESTION, _ANSWER, _VAGUE = "?", "-", "~"  # no flow is called so
_VALUE = re.compile(r"[^\s@]{1,64}@[^\s@]{1,64}|[A-Za-z]{1,4}-?\d{4,20}|\d{5,20}")
_CLAUSE_END = re.compile(r"[;；·。\n]|\. ")
# Chosen with the messages of benchmarks/understanding_set.yaml in sight.
_CENTRED = 0.9  # share of the mean vector taken away: e5's cosines all lie between 0.75 and 1
_WORDS_WEIGHT = 0.1
_NUM_NEAREST = 2
_SHARPNESS = 14.0
_MAX_EXAMPLES = 200  # of one flow


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowScores:
    """flows: (flow, probability), best first. question and answer: that it is none, but asks or answers something.
    vague: that it names a subject of flows without saying what is wanted."""

    flows: tuple[tuple[str, float], ...]
    question: float = 0.0
    answer: float = 0.0
    vague: float = 0.0

    def of(self, flow: str) -> float:
        return dict(self.flows).get(flow, 0.0)


def surer(scores: FlowScores, others: FlowScores) -> FlowScores:
    """Of two readings of one message that in which a flow stands out more; a subject that only one names is no vagueness."""
    return replace(max(scores, others, key=_lead), vague=min(scores.vague, others.vague))


def _lead(scores: FlowScores) -> float:
    """How far the likeliest flow is ahead of the next."""
    first, second = ([chance for _, chance in scores.flows] + [0.0, 0.0])[:2]
    return first - second


class FlowIndex:
    """The texts of all flows as vectors and words. Making one embeds them all: some milliseconds a text."""

    def __init__(self, flows: Iterable[Flow], embedder: Embedder) -> None:
        self._embedder = embedder
        texts: list[tuple[str, str]] = [(flow.id, text) for flow in flows for text in flow_texts(flow)]
        self._flows = tuple(dict.fromkeys(name for name, _ in texts))
        texts += [(_QUESTION, text) for text in QUESTIONS] + [(_ANSWER, text) for text in ANSWERS]
        texts += [(_VAGUE, text) for text in VAGUE]
        self._names = (*self._flows, _QUESTION, _ANSWER, _VAGUE)
        vectors = embedder.embed_queries([text for _, text in texts])  # (texts, dimension)
        is_chinese = np.array([has_han(text) for _, text in texts])
        # Chinese and English lie apart in the space: each is measured from its own middle.
        self._middles = {han: _middle(vectors[is_chinese == han], vectors) for han in (True, False)}
        self._centred = {han: _unit(vectors - self._middles[han]) for han in (True, False)}
        self._words = [_terms(text) for _, text in texts]
        self._owners = np.array([self._names.index(name) for name, _ in texts])

    def match(self, text: str) -> FlowScores:
        """How probable each flow is, given the message alone."""
        bare = without_asides(mask_values(text))
        han = has_han(bare)
        query = _unit(self._embedder.embed_queries([bare]) - self._middles[han])[0]  # (dimension,)
        near = self._centred[han] @ query + _WORDS_WEIGHT * self._overlaps(_terms(bare))  # (texts,)
        scores = np.array([_nearest(near[self._owners == place]) for place in range(len(self._names))])
        weights = np.exp(_SHARPNESS * (scores - scores.max()))
        chances = dict(zip(self._names, (weights / weights.sum()).tolist(), strict=True))
        ranked = sorted(((name, chances[name]) for name in self._flows), key=lambda item: (-item[1], item[0]))
        return FlowScores(
            flows=tuple(ranked), question=chances[_QUESTION], answer=chances[_ANSWER], vague=chances[_VAGUE]
        )

    def _overlaps(self, terms: frozenset[str]) -> NDArray[np.float64]:
        return np.array([len(terms & other) / max(1.0, (len(terms) * len(other)) ** 0.5) for other in self._words])


def flow_texts(flow: Flow) -> list[str]:
    """What a flow is compared by: its examples, its name, and its description clause by clause."""
    described = [clause.strip() for clause in _CLAUSE_END.split(flow.description)]
    named = flow.name or flow.id.replace("_", " ")
    texts = [named, *described, *flow.examples[:_MAX_EXAMPLES]]
    return list(dict.fromkeys(text for text in texts if any(map(str.isalnum, text))))


def mask_values(text: str) -> str:
    """The message without what says nothing about its purpose: codes, long numbers, e-mail addresses."""
    bare = " ".join(_VALUE.sub(" ", text[:1000]).split())
    return bare if any(map(str.isalpha, bare)) else text[:1000]


# What announces a wish and is none of it, and what says why there is one.
_OPENING = re.compile(
    r"^(?:\W*(?:(?:just )?(?:a |one |another )?(?:quick|short|last|more|other) question|wait(?: a (?:moment|second|minute|sec))?|hold on|hang on"
    r"|just a (?:moment|second|minute|sec)|by the way|btw|actually|oh|h+m+|well|sorry|excuse me|ok(?:ay)?(?: then)?|等一?等|等一?下|稍等(?:一?下)?|对了"
    r"|顺便(?:问一?[下句])?|(?:先|再|想)?问一?[下句]|不好意思|哦|嗯+|好[的吧]?|话说)\s*(?:[,.:;!…，。：；！、—-]+\s*|\s(?=[a-z])))+",
    re.IGNORECASE,
)
_REASON = re.compile(r"[,，]?\s*(?:\bbecause\b|因为)[^,.;!?，。；！？]*[,，]?", re.IGNORECASE)
_FEWEST_WORDS = 3  # that must be left of a message


def without_asides(text: str) -> str:
    """The wish alone: without the words that only announce one ("quick question, …") and the reason for it."""
    for aside in (_OPENING, _REASON):
        rest = " ".join(aside.sub(" ", text).split())
        if len(content_words(rest)) >= _FEWEST_WORDS:
            text = rest
    return text


def relevant_flows(
    scores: FlowScores,
    flows: Mapping[str, Flow],
    *,
    startable: Collection[str],
    open_flow: str = "",
    num_flows: int = MAX_FLOWS,
) -> tuple[str, ...]:
    """The flows to show to a model: the open one, those that always are, then the likeliest that may start."""
    always = [name for name in startable if name in flows and flows[name].always_include_in_prompt]
    likely: Sequence[str] = [name for name, _ in scores.flows if name in startable]
    wanted = [open_flow] if open_flow in flows else []
    return tuple(dict.fromkeys([*wanted, *sorted(always), *likely]))[:num_flows]


def _terms(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(text))


def _middle(own: Vectors, every: Vectors) -> Vectors:
    middle: Vectors = _CENTRED * (own if len(own) else every).mean(axis=0, dtype=np.float32)
    return middle


def _unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; a row of nothing stays nothing."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


def _nearest(near: NDArray[np.float64]) -> float:
    return float(np.sort(near)[-_NUM_NEAREST:].mean())
