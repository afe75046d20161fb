"""Builds multilingual-e5-small as an OpenVINO model from its weights: twelve layers, then the mean.

In: E5Weights. Out: an `openvino.Model` with inputs "words" (batch, tokens, hidden) float32, the word embeddings, and
"mask" (batch, tokens) float32, 1 for a token and 0 for filling; output (batch, hidden) float32, not yet of length 1.
Matrices are requantised from blocks of four bits to eight bits a row, the form that processors multiply fastest;
the word embeddings stay outside, in the mapped weights file, where only the rows that are needed are read.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatwright.knowledge.embedders.e5_weights import E5Weights

Node = Any  # an openvino node
_MASKED = 1e4  # far below any attention score, and finite in bfloat16


def build_graph(weights: E5Weights) -> Any:
    """The model; takes about half a second."""
    import openvino as ov
    from openvino import opset13 as op

    words = op.parameter([-1, -1, weights.hidden], np.float32, name="words")
    mask = op.parameter([-1, -1], np.float32, name="mask")
    layers = _Layers(op, weights)
    hidden = layers.embed(words, mask)  # (batch, tokens, hidden)
    masked = op.unsqueeze(op.multiply(op.subtract(mask, _float(op, 1.0)), _float(op, _MASKED)), _int(op, [1, 2]))
    for layer in range(weights.num_layers):
        hidden = layers.transform(hidden, masked, f"l{layer}")
    weight = op.unsqueeze(mask, _int(op, [2]))  # (batch, tokens, 1)
    total = op.reduce_sum(op.multiply(hidden, weight), _int(op, [1]))
    return ov.Model([op.divide(total, op.reduce_sum(weight, _int(op, [1])))], [words, mask], "multilingual-e5-small")


class _Layers:
    """The blocks of the encoder over one set of weights."""

    def __init__(self, op: Any, weights: E5Weights) -> None:
        self._op = op
        self._weights = weights
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
        levels, scales = self._weights.matrix(f"{name}.w", num_outputs)
        quantized, row_scales = quantize_rows(levels, scales)
        matrix = op.multiply(op.convert(op.constant(quantized), "f32"), _float(op, row_scales))
        bias = self._weights.vector(f"{name}.b").reshape(1, 1, -1)
        return op.add(op.matmul(inputs, matrix, False, True), _float(op, bias))

    def _normalize(self, hidden: Node, name: str) -> Node:
        op, weights = self._op, self._weights
        centred = op.mvn(hidden, _int(op, [-1]), True, float(weights.epsilon), "inside_sqrt")
        scale, shift = (_float(op, weights.vector(f"{name}.{part}").reshape(1, 1, -1)) for part in "wb")
        return op.add(op.multiply(centred, scale), shift)


def quantize_rows(
    levels: NDArray[np.uint8], scales: NDArray[np.float16]
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(outputs, inputs) int8 and (outputs, 1) float32, one scale a row instead of one a block of 32.

    In: levels (outputs, inputs / 32, 32), scales (outputs, inputs / 32, 1)."""
    exact = ((levels.astype(np.float32) - 8) * scales.astype(np.float32)).reshape(len(levels), -1)
    row_scales = np.maximum(np.abs(exact).max(axis=1, keepdims=True), 1e-12) / 127
    return np.round(exact / row_scales).astype(np.int8), row_scales


def _float(op: Any, values: Any) -> Node:
    return op.constant(np.ascontiguousarray(values, dtype=np.float32))


def _int(op: Any, values: Any) -> Node:
    return op.constant(np.array(values, dtype=np.int64))
