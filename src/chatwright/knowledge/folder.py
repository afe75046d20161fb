"""Lists what a knowledge folder holds, and what in it is not taken and why.

In: a folder. Out: files with size and time, and refusals. Never opens a file. Hidden files and folders are left out
silently; a link that leads out of the folder is refused, so that a document cannot smuggle in the machine's files.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatwright.knowledge.faq import is_faq_file
from chatwright.knowledge.loaders import SUPPORTED_SUFFIXES

Refusal = tuple[str, str]  # (source, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeFile:
    """source: path relative to the folder, with `/`."""

    source: str
    path: Path
    size_bytes: int
    mtime_ns: int


def list_files(folder: Path) -> tuple[list[KnowledgeFile], list[Refusal]]:
    """The files to ingest and those that are not taken, each sorted by source."""
    files: list[KnowledgeFile] = []
    refusals: list[Refusal] = []
    for path in _walk(folder, refusals):
        source = path.relative_to(folder).as_posix()
        reason = _reason_to_refuse(path, source, folder.resolve())
        if reason:
            refusals.append((_printable(source), reason))
            continue
        state = path.stat()
        files.append(KnowledgeFile(source=source, path=path, size_bytes=state.st_size, mtime_ns=state.st_mtime_ns))
    return sorted(files, key=lambda file: file.source), sorted(refusals)


def _walk(folder: Path, refusals: list[Refusal]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        name = Path(error.filename).relative_to(folder).as_posix()
        refusals.append((_printable(name), f"The folder cannot be read: {error.strerror}."))

    for parent, folders, names in os.walk(folder, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(".")]
        linked = [name for name in folders if (Path(parent) / name).is_symlink()]
        yield from (Path(parent) / name for name in linked)  # os.walk does not enter them: they are refused by name
        yield from (Path(parent) / name for name in names if not name.startswith("."))


def _reason_to_refuse(path: Path, source: str, root: Path) -> str:
    """Why this is not taken; empty when it is."""
    if _printable(source) != source:
        return "Its name is not valid Unicode."
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError) as error:
        return f"It cannot be read: {getattr(error, 'strerror', None) or 'a link that leads nowhere'}."
    if not target.is_relative_to(root):
        return "It is a link that leads out of the knowledge folder."
    if stat.S_ISDIR(mode):
        return "It is a link to a folder; put the files themselves here."
    if not stat.S_ISREG(mode):
        return "It is not a file."
    if is_faq_file(path) or path.suffix.lower() in SUPPORTED_SUFFIXES:
        return ""
    kinds = " ".join(sorted(SUPPORTED_SUFFIXES))
    return f"Files of kind {path.suffix!r} are not read; these are: {kinds} and faq.yaml."


def _printable(source: str) -> str:
    return source.encode("utf-8", "backslashreplace").decode("utf-8")
