"""Reads a question and a passage together and says of every sentence how likely it answers: a cross-encoder.

In: a question, passages with their sentences. Out: a logit a sentence. multilingual-e5-small with low-rank updates that
`benchmarks/cross_encoder/train.py` trained (`cross_encoder.safetensors`, float16) on invented businesses' documents and
the questions that visitors ask of them; a cross-encoder as in Nogueira and Cho (2019), with a head on each sentence.
Words nothing, and never decides by itself: `answerability.py` calibrates what it says.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
from safetensors.numpy import load as load_tensors

from chatwright.knowledge.cross_encoder_input import Pair, PairTokens, pair_tokens
from chatwright.knowledge.embedders.e5_graph import build_hidden_graph
from chatwright.knowledge.embedders.e5_runner import E5Runner, batches
from chatwright.knowledge.embedders.e5_tokenizer import E5Tokenizer
from chatwright.knowledge.embedders.e5_weights import Floats, read_weights

NAME = "chatwright-cross-encoder"
NOTHING_READ = -20.0  # the logit of a sentence that the window has no room for


class LowRankTuning:
    """Implements e5_graph.Tuning: low-rank updates of matrices, and trained norms. Names are those of train.py."""

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        self._tensors = tensors

    def matrix(self, name: str, weight: Floats) -> Floats:
        """`l3.q` -> its weight with layers.3.parts.q.{up,down} added, where that was trained."""
        layer, part = name[1:].split(".")
        stem = f"layers.{layer}.parts.{part}"
        if f"{stem}.up" not in self._tensors:
            return weight
        updated: Floats = weight + self._tensors[f"{stem}.up"] @ self._tensors[f"{stem}.down"]
        return updated

    def vector(self, name: str, weight: Floats) -> Floats:
        """`l3.aln.w` -> layers.3.norms.aln.weight, where that was trained."""
        if not name.startswith("l"):
            return weight
        layer, part, kind = name[1:].split(".")
        return self._tensors.get(f"layers.{layer}.norms.{part}.{'weight' if kind == 'w' else 'bias'}", weight)


class CrossEncoder:
    """Implements evidence.SentenceScorer: about 0.1 s for eight passages of 150 tokens on two cores with AVX-512."""

    def __init__(
        self, cache_dir: Path, *, tokenizer: E5Tokenizer | None = None, num_threads: int | None = None
    ) -> None:
        """tokenizer: the embedder's, which costs 0.4 s and 60 MB to make anew.

        Raises ConfigError when the embedder's weights are not the pinned ones, EngineError when it does not start."""
        weights = read_weights()
        self._tokenizer = tokenizer or E5Tokenizer(weights.vocabulary)
        trained = _trained()
        tensors = {name: tensor.astype(np.float32) for name, tensor in load_tensors(trained).items()}
        self._head = tensors["head"]  # (3, hidden): of question times sentence, of the sentence, of the first token
        self._bias = float(tensors["bias"][0])
        folder = cache_dir / f"{NAME}-openvino-int8-1-{sha256(trained).hexdigest()[:12]}"
        tuning = LowRankTuning(tensors)
        self._hidden = E5Runner(folder, NAME, weights, lambda: build_hidden_graph(weights, tuning), num_threads)

    def score(self, pairs: Sequence[Pair]) -> list[Floats]:
        """One array a pair: the logit of each of its sentences. Blocking: call it off the event loop."""
        laid_out = [pair_tokens(self._tokenizer, pair) for pair in pairs]
        scores: list[Floats] = [np.zeros(0, dtype=np.float32)] * len(pairs)
        for batch in batches([(place, row.token_ids) for place, row in enumerate(laid_out)]):
            hidden = self._hidden([token_ids for _, token_ids in batch])  # (n, tokens, hidden)
            for (place, _), row in zip(batch, hidden, strict=True):
                scores[place] = self._logits(laid_out[place], row)
        return scores

    def _logits(self, pair: PairTokens, hidden: Floats) -> Floats:
        """(sentences,) of hidden (tokens, hidden)."""
        question, first = _direction(hidden[slice(*pair.question)].mean(axis=0)), _direction(hidden[0])
        means = [_direction(hidden[start:end].mean(axis=0)) if end > start else None for start, end in pair.spans]
        shift = float(first @ self._head[2]) + self._bias
        of_sentence = question * self._head[0] + self._head[1]  # (hidden,)
        found = [NOTHING_READ if mean is None else float(mean @ of_sentence) + shift for mean in means]
        return np.array(found, dtype=np.float32)


def _direction(vector: Floats) -> Floats:
    """`vector` with length 1."""
    unit: Floats = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit


@cache
def _trained() -> bytes:
    return files("chatwright.knowledge").joinpath("cross_encoder.safetensors").read_bytes()
