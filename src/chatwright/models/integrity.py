"""Says whether files are what they were: sha256, and a manifest of a finished folder.

A manifest is written last; a folder without one is half made and is never used.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import orjson

from chatwright.errors import ConfigError

MANIFEST = "manifest.json"
_BLOCK_BYTES = 4 * 2**20


def sha256_file(path: Path, on_bytes: Callable[[int], None] | None = None) -> str:
    """Hex digest of the file; `on_bytes` is told of each block read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            if on_bytes:
                on_bytes(len(block))
    return digest.hexdigest()


def verify_sha256(path: Path, expected: str, name: str) -> None:
    """Raises ConfigError when the file's digest is not `expected`."""
    actual = sha256_file(path)
    if actual != expected:
        raise ConfigError(
            f"The model {name!r} was changed: sha256 of {path} is {actual[:16]}…, expected {expected[:16]}….",
            hint=f"Remove and fetch it again: chatwright models remove {name} && chatwright models pull {name}",
            code="model_corrupt",
        )


def write_manifest(folder: Path, facts: dict[str, object]) -> None:
    """Seals `folder`: digests of all its files and `facts`, durable before it returns."""
    files = {path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    write_durably(folder / MANIFEST, orjson.dumps({**facts, "files": files}, option=orjson.OPT_INDENT_2))


def read_manifest(folder: Path) -> dict[str, object] | None:
    """What sealed the folder, or None when it is not there or half made."""
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return manifest if isinstance(manifest, dict) else None


def verify_folder(folder: Path, name: str) -> None:
    """Raises ConfigError naming the first file of a sealed folder that is missing or changed."""
    manifest = read_manifest(folder)
    files = manifest.get("files") if manifest else None
    if not isinstance(files, dict):
        raise ConfigError(f"The folder {folder} of model {name!r} is not complete.", hint=_again(name))
    for file, expected in files.items():
        path = folder / str(file)
        if not path.is_file():
            raise ConfigError(f"The model {name!r} lacks its file {path}.", hint=_again(name), code="model_corrupt")
        verify_sha256(path, str(expected), name)


def write_durably(path: Path, content: bytes) -> None:
    """Replaces `path` in one step: temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames inside `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _again(name: str) -> str:
    return f"Make it again: chatwright models pull {name}"
