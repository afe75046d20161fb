"""The index: what is written is found, what is removed is gone, no text of a user is an operator."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwright.errors import ConfigError, EngineError
from chatwright.knowledge.database import refuse_old_sqlite
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.knowledge.index import EmbedderStamp, FileState, Index, IndexedPassage, IndexedSource, Sentence
from chatwright.knowledge.terms import index_terms
from chatwright.messages import DocumentText

EMBEDDER = HashEmbedder(64)
STAMP = EmbedderStamp.of(EMBEDDER)
STATE = FileState(sha256="00", size_bytes=1, mtime_ns=1)


def indexed(source: str, text: str, wordings: tuple[str, ...] = ()) -> IndexedSource:
    vector = EMBEDDER.embed_passages([text])[0]
    passage = IndexedPassage(
        text=text, start=0, end=len(text), heading="Section", kind="text", language="en", vector=vector,
        sentences=[Sentence(start=0, end=len(text), text=text, vector=vector)],
        wordings=wordings, wording_vectors=EMBEDDER.embed_queries(wordings),
    )  # fmt: skip
    document = DocumentText(source=source, title="Title", text=text, headings=((0, 1, "Section"),), rows=((0, 3),))
    return IndexedSource(document=document, state=STATE, language="en", passages=[passage])


@pytest.fixture
def index(tmp_path: Path):
    opened = Index(tmp_path / "index.sqlite3")
    opened.adopt(STAMP)
    yield opened
    opened.close()


def found_by_words(index: Index, text: str) -> set[str]:
    hits = index.matching_passages(index_terms(text), 10)
    return {passage.source for passage in index.passages(hits.scores)}


def found_by_meaning(index: Index, text: str) -> list[str]:
    hits = index.nearest_passages(EMBEDDER.embed_queries([text])[0], 10)
    return [passage.source for passage in index.passages(dict(hits))]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("运费由我们承担。", "谁承担運費？"),
        ("退款在七天内到账。", "退款"),
        ("The fee is 1,299.50 euro.", "fee 1299.50"),
        ("Ｗｉｄｅ letters", "wide"),
    ],
)
def test_written_is_found_by_words_and_meaning(index: Index, text: str, question: str) -> None:
    index.replace(indexed("a.md", text))
    index.replace(indexed("b.md", "zzz unrelated qqq"))
    assert found_by_words(index, question) == {"a.md"}
    assert found_by_meaning(index, text)[0] == "a.md"


def test_replacing_and_removing_leaves_nothing(index: Index) -> None:
    index.replace(indexed("a.md", "green apples", ("which apples?",)))
    index.replace(indexed("a.md", "red pears", ("which pears?",)))
    assert found_by_words(index, "apples") == set()
    assert found_by_words(index, "pears") == {"a.md"}
    assert index.num_passages() == 1
    assert [hit.wording for hit in index.nearest_wordings(EMBEDDER.embed_queries(["apples"])[0], 5)] == ["which pears?"]
    index.remove(["a.md"])
    assert index.num_passages() == 0
    assert found_by_words(index, "pears") == set()
    assert found_by_meaning(index, "red pears") == []
    assert index.nearest_wordings(EMBEDDER.embed_queries(["pears"])[0], 5) == []
    assert index.document("a.md") is None


def test_sentences_come_back_with_their_vectors(index: Index) -> None:
    index.replace(indexed("a.md", "退款在七天内到账。"))
    passage_id = index.nearest_passages(EMBEDDER.embed_queries(["退款"])[0], 1)[0][0]
    (sentence,) = index.sentences([passage_id, 999])[passage_id]
    assert (sentence.start, sentence.end, sentence.text) == (0, 9, "退款在七天内到账。")
    assert sentence.vector @ EMBEDDER.embed_passages(["退款在七天内到账。"])[0] == pytest.approx(1, abs=1e-3)
    assert index.sentences([999]) == {999: ()}


def test_similarities_are_the_cosines_of_the_search(index: Index) -> None:
    for number, text in enumerate(["red pears", "green apples", "blue plums"]):
        index.replace(indexed(f"{number}.md", text))
    vector = EMBEDDER.embed_queries(["green pears"])[0]
    searched = dict(index.nearest_passages(vector, 10))
    assert len(searched) == 3
    assert index.similarities(vector, [*searched, 999]) == pytest.approx(searched, abs=1e-3)


def test_document_comes_back_whole(index: Index) -> None:
    source = indexed("政策/a.md", "退款😀\n")
    index.replace(source)
    assert index.document("政策/a.md") == source.document
    assert index.document("unknown.md") is None


@given(query=st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_no_text_is_an_operator(index: Index, query: str) -> None:
    for text in (query, f'"{query}', f"NEAR({query} *", f"{query} - OR body:x"):
        index.matching_passages(index_terms(text), 5)
        index.matching_passages([text], 5)


def test_word_scores_stay_below_their_ceiling(index: Index) -> None:
    for number in range(20):
        index.replace(indexed(f"{number}.md", f"refund number{number} " * (number + 1)))
    hits = index.matching_passages(index_terms("refund number3 number4"), 30)
    assert 0 < max(hits.scores.values()) < hits.ceiling


def test_terms_of_most_passages_do_not_count(index: Index) -> None:
    for number in range(5):
        index.replace(indexed(f"{number}.md", f"the shop sells thing{'xyzuv'[number]}"))
    assert found_by_words(index, "the shop sells thingz") == {"2.md"}
    assert len(found_by_words(index, "the shop")) == 5


def test_other_weights_empty_the_index(index: Index) -> None:
    index.replace(indexed("a.md", "red pears"))
    assert index.adopt(STAMP) is False
    assert index.num_passages() == 1
    assert index.adopt(EmbedderStamp(name="other", sha256="1", dimension=8)) is True
    assert (index.num_passages(), index.file_states()) == (0, {})
    assert found_by_words(index, "pears") == set()


def test_a_full_disk_is_said_and_nothing_is_half_written(index: Index) -> None:
    index.replace(indexed("a.md", "red pears"))
    with index._database.write() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(EngineError, match="full") as caught:
        index.replace(indexed("b.md", "green apples " * 20_000))
    assert caught.value.status == 503
    assert set(index.file_states()) == {"a.md"}
    assert found_by_words(index, "pears") == {"a.md"}
    with index._database.write() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    index.replace(indexed("b.md", "green apples"))
    assert found_by_words(index, "apples") == {"b.md"}


def test_key_hides_the_text_and_another_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite3"
    locked = Index(path, key="it's a key")
    locked.adopt(STAMP)
    locked.replace(indexed("a.md", "canary-7391 sings"))
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"canary-7391" not in stored
    locked.close()
    for key in ("another", None):
        with pytest.raises(ConfigError, match="key"):
            Index(path, key=key)
    again = Index(path, key="it's a key")
    assert found_by_words(again, "canary") == {"a.md"}
    again.close()


def test_old_library_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"3\.51\.2.*3\.51\.3"):
        refuse_old_sqlite((3, 51, 2))
    refuse_old_sqlite((3, 51, 3))


def test_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite3"
    index = Index(path)
    with index._database.write() as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema'")
    index.close()
    with pytest.raises(ConfigError, match="newer"):
        Index(path)


def test_readers_see_whole_sources_while_one_writes(index: Index) -> None:
    index.replace(indexed("a.md", "red pears 0"))
    faults: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            document = index.document("a.md")
            hits = index.matching_passages(["pear"], 5)
            if document is None or len(hits.scores) != 1:
                faults.append(repr((document, hits)))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(50):
        index.replace(indexed("a.md", f"red pears {number}"))
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
