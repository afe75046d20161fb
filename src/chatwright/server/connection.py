"""uvicorn's HTTP/1.1 connection with three more limits: headers' number and size, time to send them, and an abort.

`scope["extensions"]["chatwright.abort"]` drops the connection with whatever still waits to be sent on it.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MAX_HEADERS = 100
_MAX_HEADER_BYTES = 32 * 1024
_HEADERS_TIMEOUT_S = 10.0


class Connection(HttpToolsProtocol):
    """One client's connection."""

    _headers_timer: asyncio.TimerHandle | None = None
    _num_header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_have_come()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._num_header_bytes = 0
        if self._headers_timer is None:
            self._await_headers()
        extensions: dict[str, Any] = {"chatwright.abort": self.transport.abort}
        self.scope["extensions"] = extensions

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        self._headers_have_come()
        if not self.transport.is_closing():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.transport.is_closing():
            super().on_message_complete()

    def _count(self, num_bytes: int) -> None:
        self._num_header_bytes += num_bytes
        if len(self.headers) > _MAX_HEADERS or self._num_header_bytes > _MAX_HEADER_BYTES:
            self._refuse()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
            self.transport.close()

    def _await_headers(self) -> None:
        self._headers_timer = self.loop.call_later(_HEADERS_TIMEOUT_S, self.transport.close)

    def _headers_have_come(self) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None
