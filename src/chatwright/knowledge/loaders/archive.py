"""Opens the zip files that .docx, .xlsx and .pptx are, after looking at what they claim to hold.

In: bytes, a suffix, limits. Out: a checked ZipFile. Refused before anything is unpacked: too many entries, too much
unpacked, a ratio that only a bomb has, encryption, another kind of document; after that any XML with a document type,
which is where entities that grow or that read files are declared.
"""

import io
import zipfile
import zlib

from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable

_MAIN_PARTS = {
    ".docx": b"wordprocessingml.document.main+xml",
    ".xlsx": b"spreadsheetml.sheet.main+xml",
    ".pptx": b"presentationml.presentation.main+xml",
}
_SMALL_BYTES = 1_000_000  # a part below this may be packed as tightly as it likes
_SAVE_AGAIN = "Open it in its program and save it again."
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, KeyError, ValueError, RuntimeError)


def open_archive(content: bytes, suffix: str, limits: LoadLimits) -> zipfile.ZipFile:
    """Raises Unreadable naming what is wrong with it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        _check_sizes(archive, limits)
        _check_kind(archive, suffix)
        _check_entities(archive)
    except BROKEN as error:
        raise Unreadable("is damaged or truncated", _SAVE_AGAIN) from error
    return archive


def _check_sizes(archive: zipfile.ZipFile, limits: LoadLimits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.max_archive_entries:
        raise Unreadable(f"holds more than {limits.max_archive_entries:,} parts", "Leave it out.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("is encrypted", "Save it without a password.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.max_unpacked_bytes:
        limit = limits.max_unpacked_bytes // 2**20
        raise Unreadable(
            f"unpacks to {unpacked / 2**20:,.0f} MiB, more than {limit} MiB (a zip bomb?)", "Leave it out."
        )
    for entry in entries:
        is_bomb = entry.file_size > limits.max_compression_ratio * max(entry.compress_size, 1)
        if entry.file_size > _SMALL_BYTES and is_bomb:
            ratio = entry.file_size / max(entry.compress_size, 1)
            raise Unreadable(f"holds a part packed {ratio:,.0f} to 1 (a zip bomb?)", "Leave it out.")


def _check_kind(archive: zipfile.ZipFile, suffix: str) -> None:
    types = archive.read("[Content_Types].xml")
    if _MAIN_PARTS[suffix] in types:
        return
    for other, main_part in _MAIN_PARTS.items():
        if main_part in types:
            raise Unreadable(f"is a {other} file by its content, not {suffix}", f"Rename it to end in {other}.")
    raise Unreadable(f"is not a {suffix} file by its content", _SAVE_AGAIN)


def _check_entities(archive: zipfile.ZipFile) -> None:
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        part = archive.read(entry).replace(b"\0", b"")  # so that UTF-16 hides nothing
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise Unreadable(f"declares XML entities in {entry.filename}", _SAVE_AGAIN)
