"""The engine's child process: `python -m chatwright.engines.openvino_worker SOCKET_FD MODEL_DIR SETTINGS_JSON`.

In: frames from the server (generate, cancel, count, score, ping). Out: frames (ready or fatal; accepted, then delta,
result, error or cancelled; pong). One thread: reads what has arrived, computes one batch, sends what came of it. Ends
when the socket does.
"""

import os
import socket
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from chatwright.engines.frames import Frame, FrameError, FrameReader, pack
from chatwright.engines.openvino import OpenVinoModel, OpenVinoSettings
from chatwright.engines.wire import delta_to_json, error_to_json, messages_from_json, options_from_json
from chatwright.errors import EngineError, RequestError
from chatwright.messages import Delta

_READ_BYTES = 1 << 16
_MAX_KNOWN_CONSTRAINTS = 1024


class Worker:
    """Serves one model on one socket."""

    def __init__(self, connection: socket.socket, model: OpenVinoModel) -> None:
        self._connection = connection
        self._model = model
        self._reader = FrameReader()
        self._waiting: deque[Frame] = deque()
        self._is_exclusive = False
        self._on_trial: Frame | None = None
        self._known_constraints: dict[str, bool] = {}  # whether the library can build it

    def run(self) -> None:
        """Until the server closes the socket. Raises RuntimeError when the pipeline breaks."""
        while True:
            is_idle = not self._model.has_work and not self._waiting
            for frame in self._receive(block=is_idle):
                self._obey(frame)
            self._admit()
            if self._model.has_work:
                self._step()

    def _step(self) -> None:
        try:
            results = self._model.step()
        except RuntimeError:
            if self._on_trial is None:
                raise
            self._condemn(self._on_trial)
            return
        for request_id, result in results:
            self._report(request_id, result)
        if self._on_trial is not None and results:
            self._learn(self._on_trial, is_usable=True)

    def _condemn(self, frame: Frame) -> None:
        """The library cannot build this request's constraint and is broken by it, while nothing else ran."""
        self._send({"op": "error", "id": frame["id"], **error_to_json(_unusable_constraint())})
        self._learn(frame, is_usable=False)
        self._model.reload()

    def _learn(self, frame: Frame, *, is_usable: bool) -> None:
        if len(self._known_constraints) >= _MAX_KNOWN_CONSTRAINTS:
            self._known_constraints.clear()
        self._known_constraints[_constraint(frame)] = is_usable
        self._on_trial = None

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
        return list(self._reader.feed(received))

    def _send(self, frame: Frame) -> None:
        self._connection.sendall(pack(frame))

    def _obey(self, frame: Frame) -> None:
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
        if self._on_trial is not None and self._on_trial["id"] == request_id:
            self._on_trial = None
        self._send({"op": "cancelled", "id": request_id})

    def _admit(self) -> None:
        """Moves waiting requests into the batch, first come first served; some only when it is empty.

        The library has one random generator for the whole batch and seeds it anew with each request, so a seeded
        reply is repeatable only when it is computed alone. A constraint that it cannot build breaks the whole batch,
        so a constraint is used alone the first time. Scoring runs the pipeline to its end, so it is alone too.
        """
        while self._waiting:
            must_be_alone = self._must_be_alone(self._waiting[0])
            if self._model.has_work and (self._is_exclusive or must_be_alone):
                return
            frame = self._waiting.popleft()
            self._is_exclusive = must_be_alone
            if frame["op"] == "score":
                self._answer(frame, lambda: self._model.score(frame["prompt"], frame["continuation"]))  # noqa: B023
            else:
                self._submit(frame)

    def _must_be_alone(self, frame: Frame) -> bool:
        if frame["op"] == "score":
            return True
        is_seeded = frame["options"]["seed"] is not None and frame["options"]["temperature"] > 0
        return is_seeded or (_constraint(frame) not in self._known_constraints and bool(_constraint(frame)))

    def _submit(self, frame: Frame) -> None:
        self._send({"op": "accepted", "id": frame["id"]})
        try:
            if self._known_constraints.get(_constraint(frame)) is False:
                raise _unusable_constraint()
            self._model.submit(frame["id"], _messages(frame), options_from_json(frame["options"]))
        except (RequestError, EngineError) as err:
            self._send({"op": "error", "id": frame["id"], **error_to_json(err)})
            return
        if _constraint(frame) and _constraint(frame) not in self._known_constraints:
            self._on_trial = frame

    def _answer(self, frame: Frame, compute: Callable[[], float]) -> None:
        self._send({"op": "accepted", "id": frame["id"]})
        try:
            self._send({"op": "result", "id": frame["id"], "value": compute()})
        except (RequestError, EngineError) as err:
            self._send({"op": "error", "id": frame["id"], **error_to_json(err)})


def _constraint(frame: Frame) -> str:
    """What tells one output constraint from another; empty for none."""
    schema, regex = frame["options"]["json_schema"], frame["options"]["regex"]
    return f"json {schema}" if schema is not None else f"regex {regex}" if regex is not None else ""


def _unusable_constraint() -> RequestError:
    return RequestError(
        "The engine cannot use this output constraint.",
        hint="Simplify the JSON schema or the regular expression; look-around and remote references are not supported.",
        code="invalid_constraint",
        param="response_format",
    )


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
        model.warm_up()
        Worker(connection, model).run()
    except OSError:  # the server is gone
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
