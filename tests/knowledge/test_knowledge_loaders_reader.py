"""The process that parses: hung, exploded or killed, it costs one file; the next one is read."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from chatwright.errors import ConfigError
from chatwright.knowledge.loaders import SUPPORTED_SUFFIXES, DocumentReader, LoadLimits, load_document


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text("# 标题\n\nBody text.", encoding="utf-8")
    return path


@pytest.fixture
def reader() -> Iterator[DocumentReader]:
    with DocumentReader(LoadLimits(timeout_s=0.5)) as reader:
        yield reader


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_load_document_keeps_headings_and_offsets(page: Path) -> None:
    document = load_document(page, "notes/page.md")
    assert (document.source, document.title, document.text) == ("notes/page.md", "标题", "标题\nBody text.")
    assert document.headings == ((0, 1, "标题"),)


def test_one_child_reads_many_files_and_ends_with_its_reader(page: Path) -> None:
    with DocumentReader() as reader:
        reader.read(page, "a.md")
        pid = reader.child_pid
        assert pid is not None
        reader.read(page, "b.md")
        assert reader.child_pid == pid
    assert not is_alive(pid)


def test_a_parser_that_hangs_is_killed_and_the_next_file_is_read(page: Path, reader: DocumentReader) -> None:
    reader.read(page, "a.md")
    pid = reader.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ConfigError, match=r"hangs.md takes longer than 0.5 s"):
        reader.read(page, "hangs.md")
    assert not is_alive(pid)
    assert reader.read(page, "next.md").title == "标题"
    assert reader.child_pid not in (None, pid)


def test_a_parser_that_computes_for_ever_is_killed(tmp_path: Path, page: Path) -> None:
    (tmp_path / "slow.md").write_text("[" * 200_000)
    with DocumentReader(LoadLimits(timeout_s=0.05)) as reader:
        with pytest.raises(ConfigError, match=r"slow.md takes longer than 0.05 s"):
            reader.read(tmp_path / "slow.md", "slow.md")
        assert reader.child_pid is None


def test_a_child_that_died_between_files_is_replaced(page: Path, reader: DocumentReader) -> None:
    reader.read(page, "a.md")
    assert reader.child_pid is not None
    os.kill(reader.child_pid, signal.SIGKILL)
    assert reader.read(page, "b.md").title == "标题"


def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_read(tmp_path: Path, page: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("large")
    for row in range(20_000):
        sheet.append([f"cell {row} {column}" for column in range(10)])
    book.save(tmp_path / "large.xlsx")
    with DocumentReader(LoadLimits(max_memory_bytes=140 * 2**20)) as reader:
        with pytest.raises(ConfigError, match=r"large.xlsx needs more than 140 MiB of memory"):
            reader.read(tmp_path / "large.xlsx", "large.xlsx")
        assert reader.read(page, "next.md").title == "标题"


def test_the_child_sees_no_secrets_and_cannot_write(
    page: Path, reader: DocumentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATWRIGHT__API_KEY", "secret")
    reader.read(page, "a.md")
    assert b"secret" not in Path(f"/proc/{reader.child_pid}/environ").read_bytes()
    limits = Path(f"/proc/{reader.child_pid}/limits").read_text()
    assert next(line for line in limits.splitlines() if line.startswith("Max file size")).split()[3] == "0"


def test_readers_in_several_threads(page: Path) -> None:
    titles: list[str] = []
    threads = [threading.Thread(target=lambda: titles.append(load_document(page, "a.md").title)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles == ["标题"] * 3


def test_supported_suffixes() -> None:
    assert {".md", ".txt", ".html", ".htm", ".pdf", ".docx", ".xlsx", ".csv", ".pptx"} == SUPPORTED_SUFFIXES
