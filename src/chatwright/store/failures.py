"""Turns what the database driver raises into errors that say who must act."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from chatwright.errors import ChatwrightError, ConfigError, EngineError, RequestError
from chatwright.store.connection import DriverError

_BUSY, _OWNER = EngineError, ConfigError
_MEANINGS: tuple[tuple[str, type[ChatwrightError], str, str, str], ...] = (
    ("is full", _BUSY, "storage_full", "{file}: the disk is full; nothing was written.", "Free space."),
    ("readonly", _BUSY, "storage_readonly", "{file} cannot be written.", "Check its permissions."),
    (
        "disk i/o error",
        _BUSY,
        "storage_failed",
        "{file}: the disk failed; nothing was written.",
        "Check the disk and its quota.",
    ),
    ("unable to open", _OWNER, "storage_unreadable", "{file} cannot be opened.", "Check its folder and permissions."),
    ("is locked", _BUSY, "storage_busy", "{file} is busy.", "Try again in a few seconds."),
    (
        "not a database",
        _OWNER,
        "storage_foreign",
        "{file} is not a conversations file, or its key is another.",
        "Check CHATWRIGHT__DATABASE_KEY, or move the file away.",
    ),
    ("malformed", _OWNER, "storage_corrupt", "{file} is damaged.", "Restore it from a backup."),
)
DRIVER_ERRORS = (SQLAlchemyError, DriverError, UnicodeEncodeError)


@contextmanager
def named_failures(path: Path | None = None) -> Iterator[None]:
    """Raises ConfigError, EngineError or RequestError in place of what the driver raised inside.

    path: named in the message; only for the owner's eyes, a visitor is not told where the file lies.
    """
    try:
        yield
    except DRIVER_ERRORS as err:
        raise translate(err, path) from err


def translate(err: Exception, path: Path | None = None) -> ChatwrightError:
    """The error that says what a driver's error means, with that error as its cause."""
    meant = _meaning(err, "The conversations file" if path is None else str(path))
    meant.__cause__ = err
    return meant


def _meaning(err: Exception, file: str) -> ChatwrightError:
    if isinstance(err, UnicodeEncodeError):
        return RequestError("The text is not valid Unicode.", hint="Send it as UTF-8.", code="text_invalid")
    said = str(getattr(err, "orig", None) or err).splitlines()[0]
    for words, kind, code, message, hint in _MEANINGS:
        if words in said.lower():
            return kind(message.format(file=file), hint=hint, code=code)
    return EngineError(f"{file} failed: {said[:200]}.", hint="See the log.", code="storage_failed")
