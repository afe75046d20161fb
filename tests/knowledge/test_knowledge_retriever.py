"""Hybrid search: words and meaning together, both scripts, curated questions, no vectors of another model."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatwright.errors import ConfigError
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.knowledge.index import Index, WordHits, WordingHit
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever, fuse_scores, query_text, same_question, word_overlap
from chatwright.protocols import Retriever, Vectors

FILES = {
    "returns.md": "# Returns\n\nYou may return goods within 30 days. Postage is free.\n",
    "warranty.md": "# Warranty\n\nThe warranty lasts two years for model LK-3.\n",
    "退货.md": "# 退货\n\n签收后七天内可以退货。运费由我们承担。\n",
    "学生.md": "# 学生优惠\n\n学生凭证件享受九折。\n",
    "faq.yaml": "- question: 怎么开发票？\n  also: [在哪里开发票]\n  answer: 在订单页申请。\n"
    "- question: How do I get an invoice?\n  answer: Ask for it on the order page.\n",
}


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        super().__init__(128)
        self.num_queries = 0

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.num_queries += len(texts)
        return super().embed_queries(texts)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("bot")
    (root / "knowledge").mkdir()
    for name, text in FILES.items():
        (root / "knowledge" / name).write_text(text, encoding="utf-8")
    opened = Index(root / "index.sqlite3")
    ingest(root / "knowledge", opened, HashEmbedder(128), progress=False)
    yield opened
    opened.close()


@pytest.fixture
def retriever(index: Index) -> HybridRetriever:
    return HybridRetriever(index, HashEmbedder(128))


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("Can I return goods?", "returns.md"),
        ("how long is the WARRANTY of ｌｋ-３", "warranty.md"),
        ("退货运费谁承担", "退货.md"),
        ("學生優惠", "学生.md"),
        ('"return" NEAR(goods* - AND', "returns.md"),
    ],
)
def test_search_finds_the_source(retriever: HybridRetriever, query: str, source: str) -> None:
    passages = asyncio.run(retriever.search(query, 3))
    assert passages[0].source == source
    assert len(passages) <= 3
    assert [passage.score for passage in passages] == sorted((p.score for p in passages), reverse=True)


@pytest.mark.parametrize("query", ["", "  \n", "？！", "\x00", "\ud800 退货"])
def test_queries_without_words_are_harmless(retriever: HybridRetriever, query: str) -> None:
    asyncio.run(retriever.search(query))
    asyncio.run(retriever.match_faq(query))


@pytest.mark.parametrize(
    ("query", "answer"),
    [("怎么開發票？", "在订单页申请。"), ("在哪里开发票", "在订单页申请。"),
     ("How do I get an invoice?", "Ask for it on the order page.")],
)  # fmt: skip
def test_curated_question_is_recognised(retriever: HybridRetriever, query: str, answer: str) -> None:
    match = asyncio.run(retriever.match_faq(query))
    assert match is not None
    assert (match.passage.kind, match.passage.text) == ("faq", answer)
    assert match.probability > 0.9
    document = asyncio.run(retriever.document("faq.yaml"))
    assert document is not None
    assert document.text[match.passage.start : match.passage.end] == answer


def test_another_question_is_not(retriever: HybridRetriever) -> None:
    match = asyncio.run(retriever.match_faq("Do you sell bicycles?"))
    assert match is None or match.probability < 0.5


def test_sentences_and_query_vector_belong_together(retriever: HybridRetriever) -> None:
    async def best_sentence(question: str) -> str:
        passages = await retriever.search(question, 2)
        sentences = await retriever.sentences([passage.id for passage in passages])
        vector = await retriever.query_vector(question)
        return max((s for of_passage in sentences.values() for s in of_passage), key=lambda s: s.vector @ vector).text

    assert asyncio.run(best_sentence("运费由谁承担")) == "运费由我们承担。"


def test_a_question_is_embedded_once(index: Index) -> None:
    embedder = CountingEmbedder()
    retriever = HybridRetriever(index, embedder)

    async def turn() -> None:
        await retriever.search("invoice?")
        await retriever.match_faq("invoice?")
        await retriever.query_vector("invoice?")

    asyncio.run(turn())
    assert embedder.num_queries == 1


def test_vectors_of_another_embedder_are_refused(index: Index) -> None:
    retriever = HybridRetriever(index, HashEmbedder(64))
    for search in (retriever.search, retriever.match_faq):
        with pytest.raises(ConfigError, match="ingest"):
            asyncio.run(search("invoice?"))


def test_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.sqlite3")
    retriever: Retriever = HybridRetriever(index, HashEmbedder(64))
    assert asyncio.run(retriever.search("anything")) == []
    assert asyncio.run(retriever.match_faq("anything")) is None
    assert asyncio.run(retriever.document("a.md")) is None
    index.close()


def test_fusion_weighs_a_match_by_its_share_of_the_question() -> None:
    chance = fuse_scores({1: 0.90, 2: 0.87}, WordHits(scores={2: 1.0}, ceiling=40.0), 2)
    match = fuse_scores({1: 0.90, 2: 0.87}, WordHits(scores={2: 20.0}, ceiling=40.0), 2)
    assert chance[1] > chance[2]
    assert match[2] > match[1]


def test_probability_grows_with_likeness_and_words() -> None:
    near, far = (WordingHit(passage_id=1, wording="refund fee", similarity=s) for s in (0.97, 0.80))
    assert same_question("refund fee", near) > same_question("refund fee", far)
    assert same_question("refund fee", near) > same_question("other thing", near)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [("refund fee", "refunds fees", 1.0), ("退款要多久", "退款", 1.0), ("red", "blue", 0.0), ("", "blue", 0.0)],
)
def test_word_overlap(one: str, other: str, overlap: float) -> None:
    assert 0 <= word_overlap(one, other) <= overlap
    assert (word_overlap(one, other) > 0) == (overlap > 0)


@pytest.mark.parametrize(
    ("text", "embedded"),
    [("學生優惠", "学生优惠"), ("ＡＰＩ key", "API key"), ("CAN I PAY?", "can i pay?"), ("iPhone", "iPhone")],
)
def test_query_text(text: str, embedded: str) -> None:
    assert query_text(text) == embedded
