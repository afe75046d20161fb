"""Runs the application: claims its port and its data folders, and goes down without losing what it has accepted.

A stop signal makes /ready say 503 and refuses new work at once; what is under way may finish for 25 s, then streams
end with an event they can resume from; the process is gone within 30 s. A second signal ends it at once.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import structlog
import uvicorn
from fastapi import FastAPI
from filelock import FileLock, Timeout

from chatwright.errors import ConfigError
from chatwright.server.connection import Connection
from chatwright.server.drain import Drain
from chatwright.server.server_settings import ServerSettings

__all__ = ["ServerSettings", "bind", "data_folder_locks", "run_on_fast_loop", "run_server"]

Result = TypeVar("Result")

_BACKLOG = 512
_LAST_SECONDS = 3  # between the cut of the streams and the end of every task


def run_on_fast_loop(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` on uvloop where it is installed (it is not made for Windows): a turn wakes the loop ten times."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


async def run_server(
    app: FastAPI, settings: ServerSettings, *, listener: socket.socket | None = None, log_level: str = "INFO"
) -> int | None:
    """Serves until a stop signal and returns which it was.

    listener: a socket from `bind`; without it the settings' address is bound.
    Raises ConfigError when the port is taken.
    """
    listener = listener or bind(settings.host, settings.port)
    configure_logging(log_level)
    config = uvicorn.Config(
        app,
        http=Connection,
        # Only a Socket.IO channel speaks WebSocket; pings are its own.
        ws="websockets-sansio" if app.state.socket_channels else "none",
        ws_max_size=settings.max_body_bytes,
        ws_ping_interval=None,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    with listener:
        server = DrainingServer(config, app.state.drain)
        await server.serve(sockets=[listener])
    return server.stopped_by


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError naming the address and what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as err:
        raise ConfigError(f"There is no address {host!r}.", hint="Use --host 127.0.0.1 or --host 0.0.0.0.") from err
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as err:
        listener.close()
        raise ConfigError(
            f"Cannot listen on {host}:{port}: {(err.strerror or str(err)).lower()}.",
            hint=f"Stop what uses it, or choose another: --port {port + 1 if port < 65535 else 8000}",
            code="port_unavailable",
        ) from err
    listener.setblocking(False)
    return listener


class DrainingServer(uvicorn.Server):
    """uvicorn, told to keep answering while what it has accepted is finished."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self.stopped_by: int | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not noted as captured: uvicorn would raise the signal again after a clean end, and the exit code be lost.
        if self._drain.is_draining:
            self.should_exit = self.force_exit = True
        self.stopped_by = self.stopped_by or sig
        self._drain.begin()

    async def on_tick(self, counter: int) -> bool:
        if self._drain.tick():
            self.should_exit = True
        return await super().on_tick(counter)


@contextmanager
def data_folder_locks(folders: Sequence[Path]) -> Iterator[None]:
    """Holds every folder for this process. Raises ConfigError naming the folder and the process that has it."""
    with ExitStack() as stack:
        for folder in sorted({folder.resolve() for folder in folders}):
            stack.enter_context(_data_folder_lock(folder))
        yield


@contextmanager
def _data_folder_lock(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock, pid_path = FileLock(folder / "server.lock"), folder / "server.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout as err:
        owner = pid_path.read_text().strip() if pid_path.exists() else "unknown"
        raise ConfigError(
            f"Another server uses the data folder {folder} (process {owner}).",
            hint=f"Stop it with: kill {owner}" if owner.isdigit() else "Stop it first.",
            code="data_folder_in_use",
        ) from err
    try:
        pid_path.write_text(f"{os.getpid()}\n")
        yield
    finally:
        pid_path.unlink(missing_ok=True)
        lock.release()


def configure_logging(level: str) -> None:
    """One JSON line an event on standard error, for our own log and for uvicorn's."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_traceback,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = ([handler] if name == "uvicorn" else []), name != "uvicorn"
        logger.setLevel(max(number, logging.WARNING))


def _without_traceback(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # A traceback's last line is the error's message, which may quote what a customer wrote.
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[0] is not None:
        event["error_type"] = error[0].__name__
    return event
