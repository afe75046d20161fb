"""Turns what the database driver raises into errors that say who must act."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from chatwright.errors import ChatwrightError, ConfigError, EngineError

_BUSY, _OWNER = EngineError, ConfigError
_MEANINGS: tuple[tuple[str, type[ChatwrightError], str, str, str], ...] = (
    ("is full", _BUSY, "storage_full", "The disk or the database file is full; nothing was written.", "Free space."),
    ("readonly", _BUSY, "storage_readonly", "The conversations file cannot be written.", "Check its permissions."),
    ("disk i/o error", _BUSY, "storage_failed", "The disk failed while writing; nothing was kept.", "Check the disk."),
    ("unable to open", _OWNER, "storage_unreadable", "The conversations file cannot be opened.", "Check its folder."),
    ("is locked", _BUSY, "storage_busy", "The conversations file is busy.", "Try again in a few seconds."),
    (
        "not a database",
        _OWNER,
        "storage_foreign",
        "The conversations file is not ours, or its key is another.",
        "Check CHATWRIGHT__DATABASE_KEY, or move the file away.",
    ),
    ("malformed", _OWNER, "storage_corrupt", "The conversations file is damaged.", "Restore it from a backup."),
)


@contextmanager
def named_failures() -> Iterator[None]:
    """Raises ConfigError or EngineError in place of what the driver raised inside."""
    try:
        yield
    except DBAPIError as err:
        raise translate(err) from err


def translate(err: DBAPIError) -> ChatwrightError:
    """The error that says what a driver's error means."""
    said = str(err.orig).lower()
    for words, kind, code, message, hint in _MEANINGS:
        if words in said:
            return kind(message, hint=hint, code=code)
    return EngineError(f"The conversations file failed: {err.orig}.", hint="See the log.", code="storage_failed")
