"""Ingest brings the index to the folder: only changed work is done, broken files are named, a kill is mended."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from chatwright.errors import ConfigError, EngineError
from chatwright.knowledge import ingest as ingest_module
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import IngestReport, ingest
from chatwright.knowledge.terms import index_terms
from chatwright.protocols import Vectors

FAQ = "- question: How long is the warranty?\n  also: [Is there a guarantee?]\n  answer: Two years.\n"


class CountingEmbedder(HashEmbedder):
    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.texts: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts.extend(texts)
        return super().embed_passages(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    knowledge = tmp_path / "knowledge"
    (knowledge / "政策").mkdir(parents=True)
    (knowledge / "a.md").write_text("# Returns\n\nYou may return goods within 30 days.\n", encoding="utf-8")
    (knowledge / "政策" / "b.txt").write_text("运费由我们承担。退款在七天内到账。\n", encoding="utf-8")
    (knowledge / "faq.yaml").write_text(FAQ, encoding="utf-8")
    return knowledge


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "state" / "index.sqlite3")
    yield opened
    opened.close()


def run(folder: Path, index: Index, embedder: HashEmbedder | None = None) -> IngestReport:
    return ingest(folder, index, embedder or HashEmbedder(64), progress=False)


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


def contents(index: Index) -> list[tuple[object, ...]]:
    """Everything that a search can show, without the ids."""
    with index._database.read() as connection:
        passages = connection.execute(
            "SELECT p.source, p.start, p.end, p.text, p.heading, p.question, v.vector, "
            "(SELECT group_concat(hex(vector)) FROM sentences WHERE passage_id = p.id), "
            "(SELECT group_concat(text) FROM wordings WHERE passage_id = p.id) "
            "FROM passages p JOIN passage_vectors v ON v.rowid = p.id ORDER BY p.source, p.start"
        ).fetchall()
        for table in ("passage_vectors", "words"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == len(passages)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return [tuple(row) for row in passages]


def sources_with(index: Index, text: str) -> set[str]:
    hits = index.matching_passages(index_terms(text), 10)
    return {passage.source for passage in index.passages(hits.scores)}


def test_first_ingest_reads_everything_with_exact_offsets(folder: Path, index: Index) -> None:
    report = run(folder, index)
    assert counts(report) == (3, 0, 0, 0)
    assert (report.failed, report.is_empty, report.is_reembedded) == ((), False, False)
    hits = index.matching_passages(index_terms("goods 退款 warranty"), 10)
    passages = {passage.source: passage for passage in index.passages(hits.scores)}
    assert set(passages) == {"a.md", "政策/b.txt", "faq.yaml"}
    for passage in passages.values():
        document = index.document(passage.source)
        assert document is not None
        assert document.text[passage.start : passage.end] == passage.text
        for sentence in index.sentences([passage.id])[passage.id]:
            assert document.text[sentence.start : sentence.end] == sentence.text
    assert passages["faq.yaml"].text == "Two years."
    wordings = index.nearest_wordings(HashEmbedder(64).embed_queries(["guarantee"])[0], 5)
    assert {hit.wording for hit in wordings} == {"How long is the warranty?", "Is there a guarantee?"}


def test_only_the_changed_file_is_embedded_again(folder: Path, index: Index) -> None:
    embedder = CountingEmbedder()
    run(folder, index, embedder)
    embedder.texts.clear()
    assert counts(run(folder, index, embedder)) == (0, 0, 3, 0)
    os.utime(folder / "a.md", ns=(1, 1))  # another time, the same content
    assert counts(run(folder, index, embedder)) == (0, 0, 3, 0)
    assert embedder.texts == []
    (folder / "a.md").write_text("# Returns\n\nYou may return goods within 60 days.\n", encoding="utf-8")
    assert counts(run(folder, index, embedder)) == (0, 1, 2, 0)
    assert embedder.texts
    assert all("60 days" in text for text in embedder.texts)


def test_removed_file_is_gone(folder: Path, index: Index) -> None:
    run(folder, index)
    (folder / "a.md").unlink()
    assert counts(run(folder, index)) == (0, 0, 2, 1)
    assert sources_with(index, "goods return") == set()
    assert "a.md" not in index.file_states()


def test_emptied_folder_is_said(folder: Path, index: Index) -> None:
    for path in [*folder.rglob("*.*")]:
        path.unlink()
    (folder / ".hidden.md").write_text("secret", encoding="utf-8")
    report = run(folder, index)
    assert report.is_empty
    assert report.failed == ()


@pytest.mark.parametrize("broken", ["- question: [unclosed", "- question: Q\n  answr: typo\n"])
def test_broken_file_is_named_and_its_old_version_dropped(folder: Path, index: Index, broken: str) -> None:
    run(folder, index)
    (folder / "faq.yaml").write_text(broken, encoding="utf-8")
    report = run(folder, index)
    ((source, reason),) = report.failed
    assert source == "faq.yaml"
    assert "no longer searched" in reason
    assert counts(report) == (0, 0, 2, 0)
    assert sources_with(index, "two years") == set()
    ((_, again),) = run(folder, index).failed
    assert "no longer searched" not in again
    (folder / "faq.yaml").write_text(FAQ, encoding="utf-8")
    report = run(folder, index)
    assert (report.failed, report.changed) == ((), 1)
    assert sources_with(index, "two years") == {"faq.yaml"}


def test_strange_entries_are_refused_by_name(folder: Path, index: Index, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("canary of the machine", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (folder / "leak.md").symlink_to(tmp_path / "outside.md")
    (folder / "dangling.md").symlink_to(tmp_path / "nowhere.md")
    (folder / "linked").symlink_to(tmp_path / "outside")
    (folder / "inside.md").symlink_to(folder / "a.md")
    (folder / "tune.mp3").write_bytes(b"ID3")
    os.mkfifo(folder / "pipe.md")
    report = run(folder, index)
    reasons = dict(report.failed)
    assert set(reasons) == {"leak.md", "dangling.md", "linked", "tune.mp3", "pipe.md"}
    assert "out of the knowledge folder" in reasons["leak.md"]
    assert ".mp3" in reasons["tune.mp3"]
    assert sources_with(index, "canary") == set()
    assert sources_with(index, "goods") == {"a.md", "inside.md"}


def test_other_embedder_does_everything_again(folder: Path, index: Index) -> None:
    run(folder, index)
    report = run(folder, index, HashEmbedder(32))
    assert report.is_reembedded
    assert counts(report) == (3, 0, 0, 0)
    stamp = index.stamp()
    assert stamp is not None
    assert stamp.dimension == 32


def test_missing_folder_and_second_ingest_are_refused(folder: Path, index: Index) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        run(folder.parent / "nowhere", index)
    with FileLock(index.path.with_name(index.path.name + ".ingest.lock")), pytest.raises(EngineError, match="running"):
        run(folder, index)


def test_low_disk_refuses_before_anything_is_touched(
    folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "_LOW_DISK_BYTES", 2**60)
    with pytest.raises(EngineError, match="free") as caught:
        run(folder, index)
    assert caught.value.code == "disk_full"
    assert index.stamp() is None


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from chatwright.knowledge.embedders import HashEmbedder
    from chatwright.knowledge.index import Index
    from chatwright.knowledge import ingest as ingest_module
    from chatwright.knowledge.ingest import ingest

    class Dying(HashEmbedder):
        left = int(sys.argv[3])

        def embed_passages(self, texts):
            Dying.left -= 1
            if Dying.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().embed_passages(texts)

    ingest_module._TEXTS_TOGETHER = 1
    index = Index(Path(sys.argv[2]))
    if sys.argv[3] == "0":  # inside the transaction of the second file instead
        written = []
        index._database._writer.set_trace_callback(
            lambda statement: written.append(1) if statement.startswith("INSERT INTO passages ") else None
        )
        Dying.left = 99
        index._database._writer.set_progress_handler(
            lambda: os.kill(os.getpid(), signal.SIGKILL) if len(written) >= 2 else 0, 10
        )
    ingest(Path(sys.argv[1]), index, Dying(64), progress=False)
"""


@pytest.mark.parametrize(("num_calls", "num_kept"), [(0, 1), (1, 1), (2, 1), (3, 2)])
def test_killed_ingest_goes_on_to_the_same_index(
    folder: Path, tmp_path: Path, index: Index, num_calls: int, num_kept: int
) -> None:
    interrupted = tmp_path / "interrupted" / "index.sqlite3"
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), str(interrupted), str(num_calls)]
    child = subprocess.run(command, check=False, capture_output=True, timeout=120)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    resumed = Index(interrupted)
    assert len(resumed.file_states()) == num_kept
    report = run(folder, resumed)
    assert (report.added, report.unchanged) == (3 - num_kept, num_kept)
    run(folder, index)
    assert contents(resumed) == contents(index)
    resumed.close()
