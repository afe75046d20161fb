"""What is kept in memory is what the file holds: after a change, for an index that is too large, and for words."""

import asyncio
from pathlib import Path

import pytest

from chatwright.knowledge import index_memory
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.knowledge.index import Index
from chatwright.knowledge.index_memory import IndexMemory
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever

FILES = {"a.md": "Pears are red.", "b.md": "Apples are green.", "c.txt": "梅子是蓝色的。"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "knowledge").mkdir()
    for name, text in FILES.items():
        (tmp_path / "knowledge" / name).write_text(text, encoding="utf-8")
    return tmp_path


def read(folder: Path) -> Index:
    index = Index(folder / "index.sqlite3")
    ingest(folder / "knowledge", index, HashEmbedder(), progress=False)
    return index


def found(retriever: HybridRetriever, question: str) -> list[str]:
    return [passage.source for passage in asyncio.run(retriever.search(question, 2))]


def test_another_process_s_change_is_seen_at_once(folder: Path) -> None:
    retriever = HybridRetriever(read(folder), HashEmbedder())
    assert found(retriever, "red pears")[0] == "a.md"
    (folder / "knowledge" / "a.md").unlink()
    (folder / "knowledge" / "d.md").write_text("Red pears are sold out.", encoding="utf-8")
    read(folder).close()
    assert found(retriever, "red pears")[0] == "d.md"


def test_an_index_too_large_for_memory_finds_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = read(folder)
    questions = ["red pears", "green apples", "蓝色的梅子"]
    in_memory = [found(HybridRetriever(index, HashEmbedder()), question)[0] for question in questions]
    monkeypatch.setattr(index_memory, "MAX_VECTORS", 0)
    memory = IndexMemory(index)
    assert memory.current().vectors is None
    assert [found(HybridRetriever(index, HashEmbedder()), question)[0] for question in questions] == in_memory


def test_what_was_read_is_read_once_and_what_is_gone_is_nothing(folder: Path) -> None:
    contents = IndexMemory(read(folder)).current()
    (passage_id, *_) = contents.vectors.passage_ids.tolist() if contents.vectors else []
    assert not contents.has_sentences([passage_id])
    assert [item.text for item in contents.sentences([passage_id, 999])[passage_id]] == ["Pears are red."]
    assert contents.has_sentences([passage_id])
    assert [(item.id, item.score) for item in contents.passages({passage_id: 2.0, 999: 1.0})] == [(passage_id, 2.0)]
    assert contents.rarities(["pear", "unheard"]).keys() == {"pear"}
    assert contents.has_counts(["pear", "unheard"])
