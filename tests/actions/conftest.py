"""What this room's tests share: calls, a scripted HTTP server, an application on a loopback port, and rasa-sdk's own server."""

import asyncio
import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
import uvicorn
from filelock import FileLock

from chatwright.messages import ActionCall, ConversationId, UserId

T = TypeVar("T")
RASA_SDK = "rasa-sdk==3.21.1"
SDK_ACTIONS = Path(__file__).parent / "sdk_project"


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def call(name: str = "order_status", **fields: Any) -> ActionCall:
    values: dict[str, Any] = {
        "conversation": ConversationId("c1"), "user": UserId("u1"), "call_id": "call-1",
    }  # fmt: skip
    return ActionCall(name=name, **(values | fields))


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client: str


@dataclass
class ScriptedHttp:
    """A real HTTP server that says, request by request, what it was told to; the last answer is repeated.

    An answer is (status, headers, body), or "cut": the connection is closed without an answer.
    """

    port: int
    answers: list[Any] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, *answers: Any) -> None:
        self.answers[:] = answers


def json_answer(values: Any, status: int = 200, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(values).encode()


@pytest.fixture
def http() -> Iterator[ScriptedHttp]:
    with scripted_http() as server:
        yield server


@contextmanager
def scripted_http(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedHttp]:
    script = ScriptedHttp(port=0)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.seen.append(Seen(self.command, self.path, headers, body, self.client_address[0]))
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if callable(answer):
                answer = answer()
            if answer == "cut":
                self.close_connection = True
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The URL of an ASGI application on a loopback port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def wait_until(is_so: Callable[[], bool], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        threading.Event().wait(0.02)


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2.0, trust_env=False).status_code < 500
    except httpx2.HTTPError:
        return False


@contextmanager
def process(arguments: Sequence[str], ready_url: str, log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A child process, once `ready_url` answers."""
    with log.open("wb") as output:
        child = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT, **options)
        try:
            wait_until(lambda: answers(ready_url) or child.poll() is not None, within_s=60.0)
            assert child.poll() is None, log.read_text(errors="replace")
            yield child
        finally:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@pytest.fixture(scope="session")
def rasa_sdk_python() -> str:
    """A Python with the published rasa-sdk, in an environment of its own: its pins (pydantic < 2.14) are not ours.

    Made once a machine; CHATWRIGHT_RASA_SDK_PYTHON names one that is there already.
    """
    named = os.environ.get("CHATWRIGHT_RASA_SDK_PYTHON")
    if named:
        return named
    directory = Path(tempfile.gettempdir()) / "rasa-sdk-venv"
    python, made = directory / "bin" / "python", directory / f"has-{RASA_SDK}"
    with FileLock(f"{directory}.lock"):
        if not made.exists():
            if not python.exists():
                venv.create(directory, with_pip=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", RASA_SDK], check=True)
            made.touch()
    return str(python)


@pytest.fixture(scope="session")
def rasa_sdk_server(rasa_sdk_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of `python -m rasa_sdk` over the actions of sdk_project/."""
    port, log = free_port(), tmp_path_factory.mktemp("rasa-sdk") / "log"
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"SANIC_HOST": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
    arguments = [rasa_sdk_python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port), "--quiet"]
    with process(arguments, f"{url}/health", log, cwd=SDK_ACTIONS, env=environment):
        yield url


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty bot folder; what loading its code leaves behind in this process goes with it."""
    modules, path = set(sys.modules), list(sys.path)
    (tmp_path / "bot").mkdir()
    yield tmp_path / "bot"
    for name in set(sys.modules) - modules:
        if "actions" in name and not name.startswith("chatwright."):
            del sys.modules[name]
    sys.path[:] = path
