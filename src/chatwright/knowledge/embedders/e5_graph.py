"""Builds multilingual-e5-small as an OpenVINO model from its weights: twelve layers, and their mean.

In: E5Weights, and for the cross-encoder what was trained on top of them. Out: an `openvino.Model` with inputs "words"
(batch, tokens, hidden) float32, the word embeddings, and "mask" (batch, tokens) float32, 1 for a token and 0 for
filling. Matrices are requantised from blocks of four bits to eight bits a row, the form that processors multiply
fastest; the word embeddings stay outside, in the mapped weights file, where only the rows that are needed are read.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chatwright.knowledge.embedders.e5_weights import E5Weights, Floats

Node = Any  # an openvino node
_MASKED = 1e4  # far below any attention score, and finite in bfloat16


class Tuning(Protocol):
    """What training changed of the weights: a matrix or a vector goes in, the trained one comes out."""

    def matrix(self, name: str, weight: Floats) -> Floats: ...

    def vector(self, name: str, weight: Floats) -> Floats: ...


def build_graph(weights: E5Weights) -> Any:
    """The embedder: output (batch, hidden) float32, not yet of length 1. Takes about half a second."""

    def mean(op: Any, hidden: Node, mask: Node) -> Node:
        weight = op.unsqueeze(mask, _int(op, [2]))  # (batch, tokens, 1)
        total = op.reduce_sum(op.multiply(hidden, weight), _int(op, [1]))
        return op.divide(total, op.reduce_sum(weight, _int(op, [1])))

    return _model(weights, None, mean)


def build_hidden_graph(weights: E5Weights, tuning: Tuning | None = None) -> Any:
    """What the last layer says of every token: output (batch, tokens, hidden) float32."""
    return _model(weights, tuning, lambda op, hidden, mask: hidden)


def _model(weights: E5Weights, tuning: Tuning | None, end: Callable[[Any, Node, Node], Node]) -> Any:
    import openvino as ov
    from openvino import opset13 as op

    words = op.parameter([-1, -1, weights.hidden], np.float32, name="words")
    mask = op.parameter([-1, -1], np.float32, name="mask")
    layers = _Layers(op, weights, tuning)
    hidden = layers.embed(words, mask)  # (batch, tokens, hidden)
    masked = op.unsqueeze(op.multiply(op.subtract(mask, _float(op, 1.0)), _float(op, _MASKED)), _int(op, [1, 2]))
    for layer in range(weights.num_layers):
        hidden = layers.transform(hidden, masked, f"l{layer}")
    return ov.Model([end(op, hidden, mask)], [words, mask], "multilingual-e5-small")


class _Layers:
    """The blocks of the encoder over one set of weights."""

    def __init__(self, op: Any, weights: E5Weights, tuning: Tuning | None) -> None:
        self._op = op
        self._weights = weights
        self._tuning = tuning
        head_size = weights.hidden // weights.num_heads
        self._heads = _int(op, [0, 0, weights.num_heads, head_size])
        self._joined = _int(op, [0, 0, weights.hidden])
        self._swap = _int(op, [0, 2, 1, 3])  # (batch, tokens, heads, size) <-> (batch, heads, tokens, size)

    def embed(self, words: Node, mask: Node) -> Node:
        """Word, position and type embeddings added and normalised: (batch, tokens, hidden)."""
        op, weights = self._op, self._weights
        positions = weights.vector("emb.pos").reshape(-1, weights.hidden)
        positions += weights.vector("emb.type").reshape(-1, weights.hidden)[0]
        num_tokens = op.gather(op.shape_of(mask), _int(op, [1]), _int(op, 0))
        used = op.slice(_float(op, positions[None]), _int(op, [0]), num_tokens, _int(op, [1]), _int(op, [1]))
        return self._normalize(op.add(words, used), "emb.ln")

    def transform(self, hidden: Node, masked: Node, layer: str) -> Node:
        """One layer: attention and feed-forward, each added to its input and normalised."""
        op, weights = self._op, self._weights
        query, key, value = (
            op.transpose(op.reshape(self._linear(hidden, f"{layer}.{part}", weights.hidden), self._heads, True),
                         self._swap)
            for part in "qkv"
        )  # fmt: skip
        attended = op.scaled_dot_product_attention(query, key, value, masked)  # (batch, heads, tokens, size)
        joined = op.reshape(op.transpose(attended, self._swap), self._joined, True)
        hidden = self._normalize(op.add(hidden, self._linear(joined, f"{layer}.ao", weights.hidden)), f"{layer}.aln")
        widened = op.gelu(self._linear(hidden, f"{layer}.fi", weights.feed_forward), "erf")
        return self._normalize(op.add(hidden, self._linear(widened, f"{layer}.fo", weights.hidden)), f"{layer}.oln")

    def _linear(self, inputs: Node, name: str, num_outputs: int) -> Node:
        op = self._op
        exact = self._weights.exact_matrix(f"{name}.w", num_outputs)
        quantized, row_scales = quantize_rows(self._tuning.matrix(name, exact) if self._tuning else exact)
        matrix = op.multiply(op.convert(op.constant(quantized), "f32"), _float(op, row_scales))
        bias = self._weights.vector(f"{name}.b").reshape(1, 1, -1)
        return op.add(op.matmul(inputs, matrix, False, True), _float(op, bias))

    def _normalize(self, hidden: Node, name: str) -> Node:
        op = self._op
        centred = op.mvn(hidden, _int(op, [-1]), True, float(self._weights.epsilon), "inside_sqrt")
        scale, shift = (_float(op, self._vector(f"{name}.{part}").reshape(1, 1, -1)) for part in "wb")
        return op.add(op.multiply(centred, scale), shift)

    def _vector(self, name: str) -> Floats:
        exact = self._weights.vector(name)
        return self._tuning.vector(name, exact) if self._tuning else exact


def quantize_rows(exact: Floats) -> tuple[NDArray[np.int8], Floats]:
    """(outputs, inputs) int8 and (outputs, 1) float32, one scale a row instead of one a block of 32."""
    row_scales = np.maximum(np.abs(exact).max(axis=1, keepdims=True), 1e-12) / 127
    return np.round(exact / row_scales).astype(np.int8), row_scales


def _float(op: Any, values: Any) -> Node:
    return op.constant(np.ascontiguousarray(values, dtype=np.float32))


def _int(op: Any, values: Any) -> Node:
    return op.constant(np.array(values, dtype=np.int64))
