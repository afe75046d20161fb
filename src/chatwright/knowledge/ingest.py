"""Brings the index to the state of the knowledge folder: reads, splits and embeds what changed, drops what is gone.

In: a folder, an index, an embedder. Out: IngestReport. Each file is one transaction, so that a killed ingest goes on
where it was; one ingest of an index runs at a time, across processes. A file that cannot be read is reported, and its
previous version is no longer searched: a wrong old answer is worse than none.
"""

import errno
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from chatwright.errors import ConfigError, EngineError
from chatwright.knowledge.faq import faq_document, is_faq_file, load_faq
from chatwright.knowledge.folder import KnowledgeFile, list_files
from chatwright.knowledge.index import EmbedderStamp, FileState, Index, IndexedPassage, IndexedSource, Sentence, Vector
from chatwright.knowledge.loaders import DocumentReader
from chatwright.knowledge.retriever import query_text
from chatwright.knowledge.splitter import Chunk, split_document
from chatwright.language.detect import detect_language
from chatwright.language.fold import fold_script
from chatwright.messages import DocumentText
from chatwright.models.integrity import sha256_file
from chatwright.models.progress import Advance, progress_bar
from chatwright.protocols import Embedder, Vectors

_LOW_DISK_BYTES = 64 * 2**20
_TEXTS_TOGETHER = 512  # a few seconds of work: what a killed ingest loses at most
_PREVIOUS_DROPPED = " Its previous version is no longer searched."


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one ingest did. added, changed, unchanged, removed: numbers of files. failed: (source, reason) each.

    is_reembedded: the index held vectors of other weights, so every file was done again."""

    added: int
    changed: int
    unchanged: int
    removed: int
    failed: tuple[tuple[str, str], ...]
    num_passages: int
    seconds: float
    is_reembedded: bool

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to answer from."""
        return self.num_passages == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A file read and split, before its vectors. wordings: of each chunk, none for text."""

    document: DocumentText
    chunks: Sequence[Chunk]
    wordings: Sequence[Sequence[str]]
    state: FileState

    @property
    def num_texts(self) -> int:
        return sum(1 + len(chunk.sentences) for chunk in self.chunks)

    def texts(self) -> Iterator[str]:
        """Each passage and each sentence as it is embedded."""
        for chunk in self.chunks:
            yield passage_text(self.document.title, chunk)
            yield from (sentence_text(self.document, chunk, span) for span in chunk.sentences)


def ingest(knowledge_dir: Path, index: Index, embedder: Embedder, *, progress: bool = True) -> IngestReport:
    """Raises ConfigError without a folder, EngineError when another ingest runs or the disk is full; what was
    finished before stays."""
    if not knowledge_dir.is_dir():
        raise ConfigError(
            f"There is no folder {str(knowledge_dir)!r}.", hint="Make it and put the bot's documents into it."
        )
    lock = FileLock(index.path.with_name(index.path.name + ".ingest.lock"))
    try:
        with lock.acquire(blocking=False):
            return _ingest_alone(knowledge_dir, index, embedder, is_progress_shown=progress)
    except Timeout as error:
        raise EngineError(
            f"Another ingest of {index.path} is running.", hint="Wait until it has finished.", code="ingest_running"
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise EngineError(
                "The disk is full.", hint="Free some space and run it again.", code="disk_full"
            ) from error
        raise


def _ingest_alone(knowledge_dir: Path, index: Index, embedder: Embedder, *, is_progress_shown: bool) -> IngestReport:
    started_at = time.monotonic()
    _refuse_low_disk(index.path.parent)
    is_reembedded = index.adopt(EmbedderStamp.of(embedder))
    files, refused = list_files(knowledge_dir)
    known = index.file_states()
    changed_files = [file for file in files if _is_changed(file, known.get(file.source), index)]
    gone = known.keys() - {file.source for file in files}
    index.remove(gone)
    failed = [(source, reason + _PREVIOUS_DROPPED * (source in gone)) for source, reason in refused]
    failed_before = len(failed)
    failed += _ingest_files(changed_files, known, index, embedder, is_progress_shown=is_progress_shown)
    num_failed = len(failed) - failed_before
    broken = {source for source, _ in failed}
    added = sum(file.source not in known and file.source not in broken for file in changed_files)
    return IngestReport(
        added=added,
        changed=len(changed_files) - num_failed - added,
        unchanged=len(files) - len(changed_files),
        removed=len(gone - broken),
        failed=tuple(failed),
        num_passages=index.num_passages(),
        seconds=time.monotonic() - started_at,
        is_reembedded=is_reembedded,
    )


def _is_changed(file: KnowledgeFile, known: FileState | None, index: Index) -> bool:
    """False when size and time are the known ones, or the content is; a failed file is always tried again."""
    if known is None or known.error:
        return True
    if (known.size_bytes, known.mtime_ns) == (file.size_bytes, file.mtime_ns):
        return False
    try:
        is_same_content = known.sha256 == sha256_file(file.path)
    except OSError:
        return True  # reading it again will say why
    if is_same_content:
        index.touch(file.source, FileState(sha256=known.sha256, size_bytes=file.size_bytes, mtime_ns=file.mtime_ns))
    return not is_same_content


def _ingest_files(
    files: Sequence[KnowledgeFile],
    known: Mapping[str, FileState],
    index: Index,
    embedder: Embedder,
    *,
    is_progress_shown: bool,
) -> list[tuple[str, str]]:
    """Writes each file's passages; (source, reason) of those that cannot be read.

    Texts of several small files are embedded together, which is several times faster, and written file by file, in a
    thread: meanwhile the next ones are read."""
    failed: list[tuple[str, str]] = []
    waiting: list[_Prepared] = []
    writing: Future[None] | None = None
    with (
        DocumentReader() as reader,
        ThreadPoolExecutor(1, thread_name_prefix="ingest") as writer,
        progress_bar("Reading and embedding", len(files), is_shown=is_progress_shown) as advance,
    ):
        for file in files:
            prepared = _prepare(file, reader)
            if isinstance(prepared, _Prepared):
                waiting.append(prepared)
                if sum(one.num_texts for one in waiting) >= _TEXTS_TOGETHER:
                    if writing is not None:
                        writing.result()  # at most one batch ahead: memory stays bounded
                    writing = writer.submit(_write, waiting, index, embedder, advance)
                    waiting = []
                continue
            index.replace(prepared)
            had_passages = file.source in known and not known[file.source].error
            failed.append((file.source, prepared.state.error + _PREVIOUS_DROPPED * had_passages))
            advance(1)
        if writing is not None:
            writing.result()
        _write(waiting, index, embedder, advance)
    return failed


def _write(waiting: Sequence[_Prepared], index: Index, embedder: Embedder, advance: Advance) -> None:
    vectors = _Vectors(waiting, embedder)
    for prepared in waiting:
        index.replace(_with_vectors(prepared, vectors))
        advance(1)


def _prepare(file: KnowledgeFile, reader: DocumentReader) -> _Prepared | IndexedSource:
    """The file read and split, or the record of why it cannot be."""
    sha256 = ""
    try:
        sha256 = sha256_file(file.path)
        document, chunks, wordings = _read(file, reader)
    except (ConfigError, EngineError) as error:
        reason = str(error)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        reason = f"It cannot be read: {error.strerror}."
    else:
        state = FileState(sha256=sha256, size_bytes=file.size_bytes, mtime_ns=file.mtime_ns)
        return _Prepared(document=document, chunks=chunks, wordings=wordings, state=state)
    nothing = DocumentText(source=file.source, title=file.path.stem, text="")
    state = FileState(sha256=sha256, size_bytes=file.size_bytes, mtime_ns=file.mtime_ns, error=reason)
    return IndexedSource(document=nothing, state=state, language="en")


def _read(file: KnowledgeFile, reader: DocumentReader) -> tuple[DocumentText, Sequence[Chunk], Sequence[Sequence[str]]]:
    if is_faq_file(file.path):
        entries = load_faq(file.path)
        document, chunks = faq_document(entries, file.source, file.path.stem)
        return document, chunks, [entry.questions for entry in entries]
    document = reader.read(file.path, file.source)
    chunks = split_document(document)
    return document, chunks, [()] * len(chunks)


class _Vectors:
    """The vectors of several files' texts, each text embedded once."""

    def __init__(self, files: Sequence[_Prepared], embedder: Embedder) -> None:
        self._passages = _embed(embedder.embed_passages, (fold_script(text) for one in files for text in one.texts()))
        asked = (wording for one in files for of_chunk in one.wordings for wording in of_chunk)
        self._questions = _embed(embedder.embed_queries, (query_text(wording) for wording in asked))

    def of_passage(self, text: str) -> Vector:
        return self._passages[fold_script(text)]

    def of_question(self, wording: str) -> Vector:
        return self._questions[query_text(wording)]


def _embed(embed: Callable[[Sequence[str]], Vectors], texts: Iterable[str]) -> dict[str, Vector]:
    unique_texts = list(dict.fromkeys(texts))
    return dict(zip(unique_texts, embed(unique_texts), strict=True)) if unique_texts else {}


def _with_vectors(prepared: _Prepared, vectors: _Vectors) -> IndexedSource:
    document = prepared.document
    passages = [
        IndexedPassage(
            text=chunk.text, start=chunk.start, end=chunk.end, heading=chunk.heading, kind=chunk.kind,
            language=chunk.language, question=chunk.question, wordings=wordings,
            vector=vectors.of_passage(passage_text(document.title, chunk)),
            sentences=[
                Sentence(start=span[0], end=span[1], text=document.text[span[0] : span[1]],
                         vector=vectors.of_passage(sentence_text(document, chunk, span)))
                for span in chunk.sentences
            ],
            wording_vectors=[vectors.of_question(wording) for wording in wordings],
        )
        for chunk, wordings in zip(prepared.chunks, prepared.wordings, strict=True)
    ]  # fmt: skip
    language = detect_language(document.text)
    return IndexedSource(document=document, state=prepared.state, language=language, passages=passages)


def passage_text(title: str, chunk: Chunk) -> str:
    """What is embedded for a passage: its question, or title and headings, stand before its text."""
    headings = chunk.heading if title in chunk.heading else " > ".join(filter(None, (title, chunk.heading)))
    return f"{chunk.question or headings}\n{chunk.text}"


def sentence_text(document: DocumentText, chunk: Chunk, span: tuple[int, int]) -> str:
    """What is embedded for a sentence: a table row or a list item means little without the heading above it.

    On the 40 answerable questions of examples/support the fact was among the three best sentences in 0.80 with the
    heading and in 0.73 without.
    """
    return f"{chunk.question or chunk.heading or document.title}\n{document.text[span[0] : span[1]]}"


def _refuse_low_disk(folder: Path) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < _LOW_DISK_BYTES:
        raise EngineError(
            f"Only {free_bytes // 2**20} MB are free where {folder} is; ingest needs at least "
            f"{_LOW_DISK_BYTES // 2**20} MB.",
            hint="Free some space and run it again.",
            code="disk_full",
        )
