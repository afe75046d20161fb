"""What is wrong with what a user gives, as the user meets it: the real command line and a really started server.

Each gets one line that names the thing, one line with the next step and an exit code, or the documented behaviour.
"""

import contextlib
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from reportlab.lib import pdfencrypt
from reportlab.pdfgen.canvas import Canvas

from chatwright.server.run import bind, data_folder_locks
from chatwright.settings import Settings

CHATWRIGHT = [sys.executable, "-m", "chatwright"]
MODEL = "qwen2.5-coder-0.5b"
CAN_MOUNT = not subprocess.run(
    ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
).returncode


def run(*arguments: str | bytes | Path, models_dir: Path, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*CHATWRIGHT, *arguments],
        input=given,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "CHATWRIGHT__MODELS_DIR": str(models_dir)},
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_named(done: subprocess.CompletedProcess[str], exit_code: int, *parts: str) -> None:
    """One line with what is wrong, one with the next step, nothing else."""
    assert done.returncode == exit_code, done.stderr
    error, hint = done.stderr.splitlines()
    assert (error[:7], hint[:6]) == ("error: ", "hint: "), done.stderr
    for part in parts:
        assert part in done.stderr


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new bot whose knowledge has been read; there is no language model in `models` beside it."""
    folder = tmp_path_factory.mktemp("bots") / "shop"
    assert run("new", folder, models_dir=folder.parent / "models").returncode == 0
    assert run("ingest", folder, models_dir=folder.parent / "models").returncode == 0
    return folder


@pytest.fixture
def bot(ingested: Path, tmp_path: Path) -> Path:
    """A bot folder to spoil."""
    return Path(shutil.copytree(ingested, tmp_path / "shop"))


def misspell(bot: Path) -> None:
    (bot / "bot.yaml").write_text("name: shop\nlangages: [en]\n", encoding="utf-8")


def spoil_encoding(bot: Path) -> None:
    (bot / "bot.yaml").write_bytes(b'name: "\xff"\n')


def name_unknown_model(bot: Path) -> None:
    (bot / "bot.yaml").write_text("name: shop\nmodel: {name: qwen2.5-coder-05b}\n", encoding="utf-8")


def forget_index(bot: Path) -> None:
    shutil.rmtree(bot / ".chatwright")


def change_model(bot: Path) -> None:
    """A model file of which one byte is not what it was when it was had."""
    folder = bot.parent / "models" / MODEL
    folder.mkdir(parents=True)
    content = bytearray(b"GGUF" + bytes(2**20))
    facts = {"sha256": hashlib.sha256(content).hexdigest()}
    content[2**19] ^= 1
    (folder / "model.gguf").write_bytes(content)
    (folder / "source.json").write_bytes(orjson.dumps(facts))


def leave_whole(bot: Path) -> None:
    """Nothing is wrong with the folder; only its model is not there."""


@pytest.mark.parametrize("command", ["ask", "chat", "serve"])
@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (misspell, ["bot.yaml:2: unknown key 'langages'", "Did you mean 'languages'?"]),
        (spoil_encoding, ["bot.yaml is not UTF-8 at byte 7", "Save it as UTF-8"]),
        (forget_index, ["has not been read yet", "chatwright ingest "]),
        (name_unknown_model, ["'qwen2.5-coder-05b'", f"Did you mean '{MODEL}'", "chatwright models list"]),
        (leave_whole, [f"{MODEL!r} is not on this machine", f"chatwright models pull {MODEL}"]),
        (change_model, [f"{MODEL!r} was changed", "model.gguf", f"chatwright models remove {MODEL} && "]),
    ],
)
def test_a_bot_that_cannot_start(bot: Path, command: str, spoil: Callable[[Path], None], parts: list[str]) -> None:
    spoil(bot)
    more = {"ask": ["hi"], "chat": [], "serve": ["--port", str(free_port())]}[command]
    done = run(command, bot, *more, models_dir=bot.parent / "models")
    assert_named(done, 2, *parts)
    assert done.stdout == ""


def test_a_taken_port_is_said_before_a_model_is_read(bot: Path) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = run("serve", bot, "--port", str(port), models_dir=bot.parent / "models")
    assert_named(done, 2, f"127.0.0.1:{port}: address already in use", f"--port {port + 1}")


def test_a_data_folder_in_use_names_its_process(bot: Path) -> None:
    with data_folder_locks([bot / ".chatwright"]):
        done = run("serve", bot, "--port", str(free_port()), models_dir=bot.parent / "models")
    assert_named(done, 2, str(bot / ".chatwright"), f"kill {os.getpid()}")


@pytest.mark.parametrize("is_json", [False, True])
def test_empty_knowledge(bot: Path, is_json: bool) -> None:
    shutil.rmtree(bot / "flows")  # a bot with processes may do without documents
    shutil.rmtree(bot / "knowledge")
    assert_named(run("ingest", bot, models_dir=bot.parent), 2, f"There is no {bot / 'knowledge'}", "put your documents")
    (bot / "knowledge").mkdir()
    done = run("ingest", bot, *["--json"] * is_json, models_dir=bot.parent)
    assert_named(done, 2, f"nothing to answer from in {bot / 'knowledge'}", f"chatwright ingest {bot}")
    assert not is_json or orjson.loads(done.stdout)["num_passages"] == 0


def book(num_pages: int, **options: Any) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, **options)
    for page in range(num_pages):
        canvas.drawString(72, 700, f"Article {page + 1} is delivered within {page + 2} days of the order.")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * 60_000_000)
    return target.getvalue()


UNREADABLE = {
    "locked.pdf": (book(1, encrypt=pdfencrypt.StandardEncryption("pass")), "is encrypted"),
    "cut.pdf": (book(1)[:-200], "damaged or truncated"),
    "bomb.docx": (bomb(), "zip bomb"),
    "noise.txt": (b"\x00\xff\xfe\x81" * 50, "is binary, not text"),
}


def test_documents_that_cannot_be_read_do_not_stop_the_others(bot: Path) -> None:
    for name, (content, _) in UNREADABLE.items():
        (bot / "knowledge" / name).write_bytes(content)
    (bot / "knowledge" / "book.pdf").write_bytes(book(500))
    done = run("ingest", bot, "--json", models_dir=bot.parent)
    report = orjson.loads(done.stdout)
    failed = dict(report["failed"])
    assert (done.returncode, done.stderr, report["added"]) == (1, "", 1)
    assert {name: reason in failed[name] for name, (_, reason) in UNREADABLE.items()} == dict.fromkeys(UNREADABLE, True)
    said = run("ingest", bot, models_dir=bot.parent)
    assert (said.returncode, said.stderr) == (1, "")
    assert sum(line.startswith("not read: ") for line in said.stdout.splitlines()) == len(UNREADABLE)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "BOT"],
        ["ingest", "BOT"],
        ["conversations", "BOT"],
        ["keys", "list", "BOT"],
        ["models", "list"],
        ["doctor"],
    ],
)
def test_json_parses_and_no_escape_code_goes_into_a_pipe(bot: Path, arguments: list[str]) -> None:
    command = [str(bot) if word == "BOT" else word for word in arguments]
    shown = run(*command, models_dir=bot.parent / "models")
    parsed = run(*command, "--json", models_dir=bot.parent / "models")
    orjson.loads(parsed.stdout)
    assert parsed.returncode == shown.returncode
    assert "\x1b" not in shown.stdout + shown.stderr + parsed.stdout + parsed.stderr


INTERRUPTED = """
import asyncio, contextlib, signal, sys
import chatwright.bot.assemble as assemble, chatwright.cli.main as main, chatwright.models as models

def wait(*arguments, **options):
    print("waiting", flush=True)
    signal.pause()

@contextlib.asynccontextmanager
async def wait_in_loop(*arguments):
    print("waiting", flush=True)
    await asyncio.Event().wait()
    yield

models.ModelStore.pull = assemble.ingest_bot = wait
assemble.opened_bot = assemble.opened_house = wait_in_loop
sys.argv = ["chatwright", *sys.argv[1:]]
main.run()
"""


@pytest.mark.parametrize("command", [["ask", "BOT", "hi"], ["chat", "BOT"], ["serve", "BOT"], ["ingest", "BOT"], []])
def test_an_interrupt_is_quiet(bot: Path, command: list[str]) -> None:
    words = [str(bot) if word == "BOT" else word for word in command] or ["models", "pull", "smollm2-135m"]
    words += ["--port", str(free_port())] * (words[0] == "serve")
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in errors


def free_port() -> int:
    with bind("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def models_dir(live_model_dir: Path) -> Path:
    """The user's own models: `live_model_dir` has pulled and prepared the default there."""
    models_dir = Settings().models_dir
    if not (models_dir / MODEL / "openvino").is_dir():
        pytest.skip(f"CHATWRIGHT_TEST_MODEL_DIR is set and {MODEL} is not in {models_dir}")
    return models_dir


@pytest.mark.live
@pytest.mark.parametrize(
    ("text", "exit_code", "said"),
    [
        (b"", 0, "empty"),
        ("😀🎉".encode(), 0, "in a few words"),
        (b"word " * 1000, 0, "up to 4000 characters"),
        (b"a\xff\xfeb", 1, "error: The message is not UTF-8 at character 2.\nhint: Set the terminal to UTF-8"),
    ],
)
def test_messages_that_are_no_questions(bot: Path, models_dir: Path, text: bytes, exit_code: int, said: str) -> None:
    done = run("ask", bot, text, models_dir=models_dir)
    assert (done.returncode, said in done.stdout + done.stderr) == (exit_code, True), done.stderr
    talked = run("chat", bot, models_dir=models_dir, given=(text or b" ") + b"\n\nnot read")
    assert (talked.returncode, talked.stderr) == (0, "")


@pytest.mark.live
def test_an_interrupt_ends_a_chat_that_waits_for_a_line(bot: Path, models_dir: Path) -> None:
    environment = {**os.environ, "CHATWRIGHT__MODELS_DIR": str(models_dir)}
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([*CHATWRIGHT, "chat", bot], env=environment, **pipes) as child:
        assert child.stdout is not None
        assert b"AI" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=30) == 130
        assert child.stderr is not None
        assert child.stderr.read() == b""


@dataclass
class Serving:
    """A started `chatwright serve`."""

    process: subprocess.Popen[str]
    url: str
    key: str = ""

    def ask(self, **changes: Any) -> httpx2.Response:
        body = {"model": "shop", "messages": [{"role": "user", "content": "Can I return it?"}], **changes}
        return self.post(orjson.dumps(body))

    def post(self, body: bytes, key: str | None = None) -> httpx2.Response:
        headers = {"Content-Type": "application/json"}
        if key or self.key:
            headers["Authorization"] = f"Bearer {key or self.key}"
        return httpx2.post(f"{self.url}/v1/chat/completions", content=body, headers=headers, timeout=120)

    def kill(self) -> None:
        """Ends it and what it has started, when a test has failed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until_ready(self) -> None:
        deadline_s = time.monotonic() + 120
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.process.communicate()
            try:
                if httpx2.get(f"{self.url}/ready", timeout=10).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
        pytest.fail("the server did not get ready")


def started(command: list[str | Path], port: int, models_dir: Path) -> Serving:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env={**os.environ, "CHATWRIGHT__MODELS_DIR": str(models_dir)},
    )
    return Serving(process, f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def serving(ingested: Path, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    bot = Path(shutil.copytree(ingested, tmp_path_factory.mktemp("served") / "shop"))
    port = free_port()
    key = run("keys", "create", bot, models_dir=models_dir).stdout.strip()
    server = started([*CHATWRIGHT, "serve", bot, "--port", str(port)], port, models_dir)
    server.key = key
    try:
        server.wait_until_ready()
        yield server
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=40) == 0
    finally:
        server.kill()


def message(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


@pytest.mark.live
@pytest.mark.parametrize(
    ("change", "status", "code", "parts"),
    [
        ({"model": "shpo"}, 404, "model_not_found", ["'shpo'", "Did you mean 'shop'?"]),
        ({"n": 2}, 400, "unsupported_value", ["n must be 1"]),
        ({"tools": [{"type": "function", "function": {"name": "a"}}]}, 400, "unsupported_parameter", ["tools"]),
        (message(""), 400, "empty_message", ["Write a question"]),
        (message("x" * 40_000), 400, "message_too_long", ["32,000", "shorter"]),
        (message("x" * 10_000_000), 413, "request_too_large", ["1,048,576 bytes", "shorter"]),
        ({"model": MODEL, **message("word " * 6390), "max_tokens": 2048}, 400, "context_length_exceeded", ["8192"]),
    ],
)
def test_requests_that_are_refused(
    serving: Serving, change: dict[str, Any], status: int, code: str, parts: list[str]
) -> None:
    response = serving.ask(**change)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert all(part in error["message"] for part in parts), error["message"]


@pytest.mark.live
def test_bytes_and_keys_that_are_refused(serving: Serving) -> None:
    response = serving.post(b'{"model":"shop","messages":[{"role":"user","content":"\xff"}]}')
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_utf8")
    response = serving.post(b"{}", key="cw_" + "A" * 43)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.live
@pytest.mark.parametrize("model", ["shop", MODEL])
def test_only_the_oldest_turns_go_when_the_window_is_full(serving: Serving, model: str) -> None:
    turns = [{"role": role, "content": "word " * 2500} for _ in range(3) for role in ("user", "assistant")]
    asked = {"role": "user", "content": "Can I return it?"}
    response = serving.ask(model=model, messages=[*turns, asked], max_tokens=16)
    assert response.status_code == 200, response.text
    assert response.json()["usage"]["prompt_tokens"] < 8192


@pytest.mark.live
def test_only_emoji_is_answered(serving: Serving) -> None:
    response = serving.ask(**message("😀🎉"))
    assert "in a few words" in response.json()["choices"][0]["message"]["content"]


@pytest.mark.live
def test_an_interrupt_ends_a_server_with_130(bot: Path, models_dir: Path) -> None:
    port = free_port()
    server = started([*CHATWRIGHT, "serve", bot, "--port", str(port)], port, models_dir)
    try:
        server.wait_until_ready()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=40) == 130
    finally:
        server.kill()


ON_A_SMALL_DISK = """
bot=$1 disk=$2 results=$3 python=$4 port=$5
mount -t tmpfs -o size=4m tmpfs "$disk"
cp -r "$bot/.chatwright/." "$disk"
mount --bind "$disk" "$bot/.chatwright"
"$python" -m chatwright serve "$bot" --port "$port"
echo $? > "$results/exit_code"
"$python" -m chatwright export-user "$bot" local > "$results/kept.json"
"""


@pytest.mark.live
@pytest.mark.skipif(not CAN_MOUNT, reason="no mounting here")
def test_a_full_disk_is_503_and_loses_nothing(bot: Path, models_dir: Path, tmp_path: Path) -> None:
    port, disk = free_port(), tmp_path / "disk"
    disk.mkdir()
    command: list[str | Path] = ["unshare", "--map-root-user", "--mount", "sh", "-c", ON_A_SMALL_DISK, "sh"]
    server = started([*command, bot, disk, tmp_path, sys.executable, str(port)], port, models_dir)
    inside = Path(f"/proc/{server.process.pid}/root{disk}")
    try:
        server.wait_until_ready()
        num_answered = fill_until_refused(server, inside / "filling")
        (inside / "filling").unlink()
        assert server.ask().status_code == 200
        os.kill(int((inside / "server.pid").read_text()), signal.SIGTERM)
        server.process.wait(timeout=60)
    finally:
        server.kill()
    kept = orjson.loads((tmp_path / "kept.json").read_bytes())
    answers = [event for talk in kept["conversations"] for event in talk["events"] if event["kind"] == "bot"]
    assert (tmp_path / "exit_code").read_text() == "0\n"
    assert len(answers) == num_answered + 1


def fill_until_refused(server: Serving, filling: Path) -> int:
    """How many were answered on the disk's last bytes before the first 503."""
    with filling.open("wb", buffering=0) as file:
        for block in (b"x" * 4096, b"x"):
            try:
                while file.write(block):
                    pass
            except OSError:
                continue
    for num_answered in range(200):
        response = server.ask()
        if response.status_code != 200:
            assert (response.status_code, response.json()["error"]["code"]) == (503, "storage_full")
            return num_answered
    pytest.fail("a full disk was never noticed")
