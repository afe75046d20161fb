"""The cross-encoder: where sentences stand in a row of tokens, what it ranks first, and that batches change nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.knowledge.cross_encoder import NOTHING_READ, CrossEncoder, LowRankTuning
from chatwright.knowledge.cross_encoder_input import MAX_TOKENS, Pair, pair_tokens
from chatwright.knowledge.embedders.e5_tokenizer import E5Tokenizer
from chatwright.knowledge.embedders.e5_weights import read_weights
from chatwright.messages import Passage

HOURS = Pair(
    question="when do you shut on a sunday",
    heading="Opening hours",
    sentences=(
        "Monday to Friday: 9 am to 7 pm.",
        "Saturday: 10 am to 4 pm.",
        "Sunday: 11 am to 2 pm.",
        "Parking behind the shop is free for two hours.",
    ),
)


@pytest.fixture(scope="module")
def tokenizer() -> E5Tokenizer:
    return E5Tokenizer(read_weights().vocabulary)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoder:
    return CrossEncoder(tmp_path_factory.mktemp("cache"))


def test_spans_hold_the_tokens_of_their_sentences(tokenizer: E5Tokenizer) -> None:
    row = pair_tokens(tokenizer, HOURS)
    for (start, end), sentence in zip(row.spans, HOURS.sentences, strict=True):
        assert row.token_ids[start:end] == tokenizer.token_ids(sentence)
    assert row.token_ids[slice(*row.question)] == tokenizer.token_ids(f"query: {HOURS.question}")


@settings(max_examples=60, deadline=None)
@given(
    question=st.text(max_size=900), heading=st.text(max_size=500), sentences=st.lists(st.text(max_size=600), max_size=9)
)
def test_every_row_fits_and_keeps_its_order(
    tokenizer: E5Tokenizer, question: str, heading: str, sentences: list[str]
) -> None:
    row = pair_tokens(tokenizer, Pair(question=question, heading=heading, sentences=tuple(sentences)))
    assert len(row.token_ids) <= MAX_TOKENS
    assert len(row.spans) == len(sentences)
    edges = [edge for span in row.spans for edge in span]
    assert edges == sorted(edges)
    assert all(end <= len(row.token_ids) - 1 for _, end in row.spans)


@pytest.mark.parametrize(
    ("title", "heading", "question", "above"),
    [
        ("Fees", "Shipping > Fees", "", "Shipping > Fees"),
        ("Shop", "Shipping > Fees", "", "Shop > Shipping > Fees"),
        ("Shop", "", "", "Shop"),
        ("FAQ", "", "可以开发票吗？", "可以开发票吗？"),
    ],
)
def test_what_stands_above_the_sentences(title: str, heading: str, question: str, above: str) -> None:
    passage = Passage(
        id=1, source="a.md", title=title, heading=heading, text="x", start=0, end=1, score=0.0, question=question
    )  # fmt: skip
    assert Pair.of("?", passage, ("x",)).heading == above


@pytest.mark.parametrize(
    ("pair", "best"),
    [
        (HOURS, 2),
        (
            Pair(
                question="我那台洗衣机坏了，修要等几天",
                heading="维修 > 时间",
                sentences=(
                    "上门检测费 50 元，维修后免收。",
                    "大家电一般 3 个工作日内修好。",
                    "手机当天可取。",
                    "周末不上门。",
                ),
            ),
            1,
        ),
        (
            Pair(
                question="寄到台湾运费多少",
                heading="Delivery fees",
                sentences=("Region: Hong Kong; Fee: $4", "Region: Taiwan; Fee: $6", "Region: Japan; Fee: $9"),
            ),
            1,
        ),
        (
            Pair(
                question="my dog chewed the remote, is that covered",
                heading="Warranty",
                sentences=(
                    "The warranty runs for two years from the day of purchase.",
                    "Damage caused by animals, water or falls is not covered.",
                    "Keep your receipt.",
                ),
            ),
            1,
        ),
    ],
)
def test_the_answering_sentence_is_first(encoder: CrossEncoder, pair: Pair, best: int) -> None:
    (scores,) = encoder.score([pair])
    assert int(np.argmax(scores)) == best


def test_a_pair_scores_alike_alone_and_among_others(encoder: CrossEncoder) -> None:
    pairs = [HOURS, *(Pair(question=HOURS.question, heading="", sentences=("word " * n,)) for n in (1, 40, 200))]
    together = encoder.score(pairs)
    for pair, scores in zip(pairs, together, strict=True):
        assert np.abs(encoder.score([pair])[0] - scores).max() < 0.35  # eight-bit products round by their row


def test_a_sentence_without_room_is_never_an_answer(encoder: CrossEncoder) -> None:
    long = "a very long sentence that goes on " * 200
    (scores,) = encoder.score([Pair(question="x", heading="", sentences=(long, "left over"))])
    assert scores[1] == NOTHING_READ


def test_a_passage_without_sentences_has_no_scores(encoder: CrossEncoder) -> None:
    assert [len(scores) for scores in encoder.score([Pair(question="x", heading="h", sentences=())])] == [0]
    assert encoder.score([]) == []


def test_only_what_was_trained_is_changed() -> None:
    up, down = np.ones((2, 1), np.float32), np.full((1, 3), 0.5, np.float32)
    tuning = LowRankTuning(
        {
            "layers.4.parts.q.up": up,
            "layers.4.parts.q.down": down,
            "layers.4.norms.aln.weight": np.full(3, 2.0, np.float32),
        }
    )
    weight = np.zeros((2, 3), np.float32)
    assert np.array_equal(tuning.matrix("l4.q", weight), np.full((2, 3), 0.5))
    assert tuning.matrix("l3.q", weight) is weight
    assert np.array_equal(tuning.vector("l4.aln.w", np.ones(3, np.float32)), np.full(3, 2.0))
    kept = np.ones(3, np.float32)
    assert tuning.vector("l4.aln.b", kept) is kept
    assert tuning.vector("emb.ln.w", kept) is kept


def test_the_graph_is_kept_and_read_again(encoder: CrossEncoder, tmp_path: Path) -> None:
    first = CrossEncoder(tmp_path)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    written = (folder / "model.xml").stat().st_mtime_ns
    again = CrossEncoder(tmp_path)
    assert (folder / "model.xml").stat().st_mtime_ns == written
    assert np.array_equal(first.score([HOURS])[0], again.score([HOURS])[0])
