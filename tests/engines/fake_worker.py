"""A stand-in for the engine's child process that speaks its protocol and misbehaves on request.

It does what the last message says: "crash", "hang", "spin", "garbage", "giant", "endless", or else it
repeats the message.
A model folder named "refuses" cannot be loaded, "dies" ends the process.
"""

import os
import signal
import socket
import sys
from pathlib import Path

from chatwright.engines.frames import FrameReader, pack

USAGE = {"prompt_tokens": 3, "completion_tokens": 1, "cached_tokens": 0}


def delta(request_id, text, finish_reason=None):
    usage = USAGE if finish_reason else None
    return {
        "op": "delta",
        "id": request_id,
        "text": text,
        "logprobs": [],
        "finish_reason": finish_reason,
        "usage": usage,
    }


class FakeWorker:
    def __init__(self, connection):
        self.connection = connection
        self.endless = set()

    def send(self, frame):
        self.connection.sendall(pack(frame))

    def serve(self):
        reader = FrameReader()
        while received := self.connection.recv(65536):
            for frame in reader.feed(received):
                self.obey(frame)

    def obey(self, frame):
        match frame["op"]:
            case "ping":
                self.send({"op": "pong", "n": frame["n"]})
            case "cancel":
                self.send({"op": "cancelled", "id": frame["id"]})
            case "count":
                self.send({"op": "accepted", "id": frame["id"]})
                self.send({"op": "result", "id": frame["id"], "value": len(frame["messages"])})
            case "generate":
                self.generate(frame["id"], frame["messages"][-1]["content"])

    def generate(self, request_id, text):
        if text == "hang before reading":
            os.kill(os.getpid(), signal.SIGSTOP)
        self.send({"op": "accepted", "id": request_id})
        self.send(delta(request_id, "begun "))
        match text:
            case "crash":
                os._exit(3)
            case "hang":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "spin":
                while True:
                    pass
            case "garbage":
                self.connection.sendall(b"\x00\x00\x00\x04nope")
            case "giant":
                self.connection.sendall(b"\xff\xff\xff\xff")
            case "endless":
                pass
            case _:
                self.send(delta(request_id, text, "stop"))


def main(socket_fd, model_dir):
    connection = socket.socket(fileno=socket_fd)
    if model_dir.name == "refuses":
        connection.sendall(pack({"op": "fatal", "message": "no such file"}))
        return
    if model_dir.name == "dies":
        print("out of luck", file=sys.stderr, flush=True)
        os._exit(3)
    connection.sendall(pack({"op": "ready", "pid": os.getpid()}))
    FakeWorker(connection).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
