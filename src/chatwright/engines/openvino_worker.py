"""The engine's child process: `python -m chatwright.engines.openvino_worker SOCKET_FD MODEL_DIR SETTINGS_JSON`.

In: frames from the server (generate, cancel, count, score, ping). Out: frames (ready or fatal; accepted, then delta,
result, error or cancelled; pong). One thread: reads what has arrived, computes one batch, sends what came of it. Ends
when the socket does.
"""

import os
import socket
import sys
from collections import deque
from pathlib import Path
from typing import Any

import orjson

from chatwright.engines.frames import Frame, FrameError, FrameReader, pack
from chatwright.engines.openvino import OpenVinoModel, OpenVinoSettings
from chatwright.engines.wire import delta_to_json, error_to_json, messages_from_json, options_from_json
from chatwright.errors import EngineError, RequestError
from chatwright.messages import Delta, GenerateOptions

_READ_BYTES = 1 << 16


class Worker:
    """Serves one model on one socket."""

    def __init__(self, connection: socket.socket, model: OpenVinoModel) -> None:
        self._connection = connection
        self._model = model
        self._reader = FrameReader()
        self._waiting: deque[Frame] = deque()
        self._is_exclusive = False

    def run(self) -> None:
        """Until the server closes the socket. Raises RuntimeError when the pipeline breaks."""
        while True:
            is_idle = not self._model.has_work and not self._waiting
            for frame in self._receive(block=is_idle):
                self._obey(frame)
            self._admit()
            if self._model.has_work:
                for request_id, result in self._model.step():
                    self._report(request_id, result)

    def _report(self, request_id: int, result: Delta | EngineError) -> None:
        if isinstance(result, EngineError):
            self._send({"op": "error", "id": request_id, **error_to_json(result)})
        else:
            self._send({"op": "delta", "id": request_id, **delta_to_json(result)})

    def _receive(self, *, block: bool) -> list[Frame]:
        self._connection.setblocking(block)
        try:
            received = self._connection.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        finally:
            self._connection.setblocking(True)
        if not received:
            raise SystemExit(0)
        return self._reader.feed(received)

    def _send(self, frame: Frame) -> None:
        self._connection.sendall(pack(frame))

    def _obey(self, frame: Frame) -> None:
        if frame["op"] in ("generate", "count", "score"):
            self._send({"op": "accepted", "id": frame["id"]})
        match frame["op"]:
            case "ping":
                self._send({"op": "pong", "n": frame["n"]})
            case "cancel":
                self._cancel(frame["id"])
            case "count":
                self._answer(frame, lambda: len(self._model.encode(self._model.render(_messages(frame)))))
            case "generate" | "score":
                self._waiting.append(frame)
            case unknown:
                raise FrameError(f"Unknown op {unknown!r}.")

    def _cancel(self, request_id: int) -> None:
        self._waiting = deque(frame for frame in self._waiting if frame["id"] != request_id)
        self._model.cancel(request_id)
        self._send({"op": "cancelled", "id": request_id})

    def _admit(self) -> None:
        """Moves waiting requests into the batch, first come first served.

        The library has one random generator for the whole batch and seeds it anew with each request, so a seeded
        reply is repeatable only when it is computed alone; scoring runs the pipeline to its end, so it is alone too.
        """
        while self._waiting:
            if self._model.has_work and (self._is_exclusive or _must_be_alone(self._waiting[0])):
                return
            frame = self._waiting.popleft()
            self._is_exclusive = _must_be_alone(frame)
            if frame["op"] == "score":
                self._answer(frame, lambda: self._model.score(frame["prompt"], frame["continuation"]))  # noqa: B023
            else:
                self._submit(frame)

    def _submit(self, frame: Frame) -> None:
        try:
            self._model.submit(frame["id"], _messages(frame), options_from_json(frame["options"]))
        except (RequestError, EngineError) as err:
            self._send({"op": "error", "id": frame["id"], **error_to_json(err)})

    def _answer(self, frame: Frame, compute: Any) -> None:
        try:
            self._send({"op": "result", "id": frame["id"], "value": compute()})
        except (RequestError, EngineError) as err:
            self._send({"op": "error", "id": frame["id"], **error_to_json(err)})


def _must_be_alone(frame: Frame) -> bool:
    if frame["op"] == "score":
        return True
    options: GenerateOptions = options_from_json(frame["options"])
    return options.seed is not None and options.temperature > 0


def _messages(frame: Frame) -> Any:
    return messages_from_json(frame["messages"])


def main(socket_fd: int, model_dir: Path, settings_json: str) -> None:
    """Loads the model, says so (`ready`, or `fatal` with the reason), and serves."""
    connection = socket.socket(fileno=socket_fd)
    try:
        fields = orjson.loads(settings_json)
        properties = tuple((name, value) for name, value in fields.pop("properties", []))
        model = OpenVinoModel(model_dir, OpenVinoSettings(**fields, properties=properties))
    except RuntimeError as err:
        connection.sendall(pack({"op": "fatal", "message": str(err)[:500]}))
        os._exit(1)
    connection.sendall(pack({"op": "ready", "pid": os.getpid()}))
    try:
        Worker(connection, model).run()
    except OSError:  # the server is gone
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
