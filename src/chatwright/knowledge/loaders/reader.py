"""Reads documents in a child process that is killed when a parser loops or explodes; the next file is still read.

In: paths. Out: DocumentText. One child reads many files, since starting it costs more than most files do. A crash
in a child that had read other files before is tried once more in a fresh one, so that no file pays for another.
"""

import json
import os
import select
import stat
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from chatwright.errors import ConfigError, EngineError
from chatwright.knowledge.loaders.child import MEMORY_EXIT_CODE
from chatwright.knowledge.loaders.kinds import SUPPORTED_SUFFIXES
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.messages import DocumentText

__all__ = ["SUPPORTED_SUFFIXES", "DocumentReader", "load_document"]

_START_TIMEOUT_S = 60.0
_READ_BYTES = 1 << 16
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "TZ")  # no secrets for parsers
_DEFAULT_LIMITS = LoadLimits()


class _ChildEndedError(Exception):
    """The child died, with this exit code (negative: the signal)."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class DocumentReader:
    """Reads files one after another; use it in a `with`. Not for several threads at once."""

    def __init__(self, limits: LoadLimits = _DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._num_read = 0

    def __enter__(self) -> "DocumentReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def child_pid(self) -> int | None:
        """The process that parses, None before the first file and after a kill."""
        return self._child.pid if self._child else None

    def read(self, path: Path, source: str) -> DocumentText:
        """The document at `path`, called `source`. Takes at most `limits.timeout_s` after the child has started.

        Raises ConfigError naming the file, the reason and the next step.
        """
        try:
            self._check(path)
            answer = self._ask(path, source)
            if "reason" in answer:
                raise Unreadable(answer["reason"], answer["hint"])
        except Unreadable as refusal:
            raise ConfigError(f"{source} {refusal.reason}.", hint=refusal.hint, code="unreadable") from refusal
        return DocumentText(
            source=source,
            title=answer["title"],
            text=answer["text"],
            headings=tuple((start, level, text) for start, level, text in answer["headings"]),
            rows=tuple((start, end) for start, end in answer["rows"]),
        )

    def _check(self, path: Path) -> None:
        suffix = path.suffix.lower()
        if suffix not in SUPPORTED_SUFFIXES:
            raise Unreadable(
                f"is of kind {suffix!r}, which is not read", f"Use {' '.join(sorted(SUPPORTED_SUFFIXES))}."
            )
        try:
            state = path.stat()
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror}", "Check the path and its permissions.") from error
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("is not a file", "Remove it.")
        if state.st_size > self.limits.max_file_bytes:
            size, limit = state.st_size / 2**20, self.limits.max_file_bytes / 2**20
            raise Unreadable(f"is too large: {size:.1f} MiB, at most {limit:.4g} are read", "Split it.")

    def _ask(self, path: Path, source: str) -> dict[str, Any]:
        for is_last_try in (False, True):
            is_fresh = self._child is None or self._num_read == 0
            try:
                return self._ask_child(path, source)
            except _ChildEndedError as error:
                self._stop()
                if is_fresh or is_last_try:
                    raise Unreadable(*self._verdict_on(error.exit_code)) from error
        raise AssertionError("unreachable: the second try is always of a fresh child")

    def _verdict_on(self, exit_code: int) -> tuple[str, str]:
        if exit_code == MEMORY_EXIT_CODE:
            limit = self.limits.max_memory_bytes // 2**20
            return f"needs more than {limit} MiB of memory to read", "Split it, or save it again more simply."
        return f"ended its parser (exit code {exit_code})", "Open it in its program and save it again."

    def _ask_child(self, path: Path, source: str) -> dict[str, Any]:
        child = self._child or self._start()
        assert child.stdin is not None, "the child was started with pipes"
        request = json.dumps({"path": str(path.absolute()), "source": source}) + "\n"
        deadline = time.monotonic() + self.limits.timeout_s
        try:
            child.stdin.write(request.encode("ascii"))
        except BrokenPipeError as error:
            raise _ChildEndedError(_exit_code(child)) from error
        answer = self._receive(child, deadline)
        self._num_read += 1
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        child = subprocess.Popen(
            [sys.executable, "-B", "-m", "chatwright.knowledge.loaders.child", json.dumps(asdict(self.limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment | {"PYTHONUTF8": "1", "PYTHONSAFEPATH": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self._child, self._num_read = child, 0
        try:
            self._receive(child, time.monotonic() + _START_TIMEOUT_S)
        except (_ChildEndedError, Unreadable) as error:
            self._stop()
            raise EngineError(
                "The process that reads documents does not start.", hint="Run: chatwright doctor"
            ) from error
        return child

    def _receive(self, child: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
        """The child's next line. Raises Unreadable at the deadline, _ChildEndedError."""
        assert child.stdout is not None, "the child was started with pipes"
        max_bytes = 32 * self.limits.max_text_chars + 2**20  # escapes, and two offsets for the shortest rows
        received = bytearray()
        while not received.endswith(b"\n"):
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([child.stdout], [], [], left_s)[0]:
                self._stop()
                raise Unreadable(
                    f"takes longer than {self.limits.timeout_s:g} s to read", "Split it, or save it again."
                )
            piece = os.read(child.stdout.fileno(), _READ_BYTES)
            if not piece:
                raise _ChildEndedError(_exit_code(child))
            received += piece
            if len(received) > max_bytes:
                self._stop()
                raise Unreadable("holds too much text", "Split it into several smaller files.")
        answer: dict[str, Any] = json.loads(received)
        return answer

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _exit_code(child: subprocess.Popen[bytes]) -> int:
    """Of a child that has closed its pipes; it is killed if it does not end by itself."""
    try:
        return child.wait(timeout=1)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def load_document(path: Path, source: str, limits: LoadLimits = _DEFAULT_LIMITS) -> DocumentText:
    """One document, in a child of its own; for many use DocumentReader. Raises ConfigError as its `read` does."""
    with DocumentReader(limits) as reader:
        return reader.read(path, source)
