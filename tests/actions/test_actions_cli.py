"""`chatwright actions`, as its own small program until and after it is registered."""

import json
import os
import signal
import sys
from pathlib import Path

import httpx2
import pytest
from tests.actions.conftest import free_port, process
from typer.testing import CliRunner

from chatwright.cli.actions import app
from chatwright.errors import ConfigError

CODE = "from chatwright.actions import action\n\n@action(writes=True)\ndef 退款(order: str) -> str:\n    '退钱'\n    return order\n"


def test_list_names_what_flows_can_call(folder: Path) -> None:
    (folder / "actions.py").write_text(CODE, encoding="utf-8")
    shown = CliRunner().invoke(app, ["list", str(folder)])
    assert (shown.exit_code, "退款" in shown.output, "order" in shown.output) == (0, True, True)
    listed = json.loads(CliRunner().invoke(app, ["list", str(folder), "--json"]).output)
    assert [(each["name"], each["writes"], each["description"]) for each in listed] == [("退款", True, "退钱")]


def test_serve_answers_until_it_is_stopped(folder: Path, tmp_path: Path) -> None:
    (folder / "actions.py").write_text(CODE, encoding="utf-8")
    port, log = free_port(), tmp_path / "log"
    start = "import sys; from chatwright.cli.actions import app; app(sys.argv[1:])"
    arguments = [sys.executable, "-c", start, "serve", str(folder), "--port", str(port)]
    with process(arguments, f"http://127.0.0.1:{port}/health", log, env=os.environ | {"PYTHONPATH": "src"}) as child:
        body = {
            "next_action": "退款",
            "sender_id": "s",
            "tracker": {"sender_id": "s", "slots": {"order": "7"}},
            "domain": {},
        }
        reply = httpx2.post(f"http://127.0.0.1:{port}/webhook", json=body, trust_env=False)
        assert reply.json()["responses"][0]["text"] == "7"
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=15) in (0, -signal.SIGTERM)
    assert "退款" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(("make", "told"), [(True, "no actions"), (False, "no folder")])
def test_serve_refuses_what_it_cannot_serve(tmp_path: Path, make: bool, told: str) -> None:
    folder = tmp_path / "bot"
    if make:
        folder.mkdir()
    failed = CliRunner().invoke(app, ["serve", str(folder), "--port", str(free_port())])
    assert isinstance(failed.exception, ConfigError)
    assert told in failed.exception.message
