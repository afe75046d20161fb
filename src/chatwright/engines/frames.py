"""Frames between the server and an engine's child process: 4 bytes of length (big endian), then one JSON object.

In: dictionaries of JSON values. Out: bytes, and back. Never pickles, and never holds more than `MAX_FRAME_BYTES`.
"""

from collections.abc import Iterator
from typing import Any

import orjson

MAX_FRAME_BYTES = 16 * 1024 * 1024
_LENGTH_BYTES = 4

Frame = dict[str, Any]


class FrameError(ValueError):
    """What arrived is not a frame: the other side is broken and must be given up."""


def pack(frame: Frame) -> bytes:
    """One frame as bytes. Raises FrameError when it is longer than MAX_FRAME_BYTES."""
    body = orjson.dumps(frame)
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"A frame of {len(body)} bytes is longer than {MAX_FRAME_BYTES}.")
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


class FrameReader:
    """Cuts a byte stream into frames, however it was chopped on the way."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Frame]:
        """The frames completed by `received`, one by one: what came before nonsense is given before it is refused, so
        that a request that kills its child counts as read and is not sent to the next.

        Raises FrameError on a length out of range or a body that is not JSON.
        """
        self._buffer += received
        while (body := self._take()) is not None:
            yield _parse(body)

    def _take(self) -> bytes | None:
        if len(self._buffer) < _LENGTH_BYTES:
            return None
        length = int.from_bytes(self._buffer[:_LENGTH_BYTES], "big")
        if length > MAX_FRAME_BYTES:
            raise FrameError(f"A frame announces {length} bytes, more than {MAX_FRAME_BYTES}.")
        end = _LENGTH_BYTES + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH_BYTES:end])
        del self._buffer[:end]
        return body


def _parse(body: bytes) -> Frame:
    try:
        frame = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise FrameError(f"A frame is not JSON: {err}.") from err
    if not isinstance(frame, dict) or not isinstance(frame.get("op"), str):
        raise FrameError("A frame must be an object with an 'op'.")
    return frame
