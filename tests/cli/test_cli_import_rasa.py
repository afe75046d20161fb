"""`chatwright import rasa` as a user meets it: the table, the JSON, exit codes, one line for what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from tests.bot.rasa_import.imported import write
from tests.bot.rasa_import.projects import CARDS


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chatwright", "import", "rasa", *arguments]
    environment = {**os.environ, "CHATWRIGHT_DEBUG": ""}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


def test_the_table_and_the_next_step(tmp_path: Path) -> None:
    source, target = write(tmp_path / "project", CARDS), tmp_path / "Card Bot"
    done = run(str(source), str(target))
    assert done.returncode == 0, done.stderr
    assert "converted  approximated  left" in done.stdout
    assert "data/flows/block.yml:3: flow block_card: 'collect_information' became 'collect'." in done.stdout
    assert f"chatwright ingest {target}" in done.stdout
    assert (target / "bot.yaml").read_text(encoding="utf-8").startswith("name: card-bot\n")


def test_json_has_every_part(tmp_path: Path) -> None:
    source, target = write(tmp_path / "project", CARDS), tmp_path / "bot"
    done = run(str(source), str(target), "--json", "--name", "cards")
    report = orjson.loads(done.stdout)
    assert report["counts"]["flow"] == {"converted": 1, "approximated": 3, "left": 0}
    assert report["problems"] == []
    assert {entry["outcome"] for entry in report["entries"]} == {"converted", "approximated", "left"}
    assert all(":" in entry["place"] for entry in report["entries"])
    assert "name: cards" in (target / "bot.yaml").read_text(encoding="utf-8")


def test_what_check_finds_is_told_and_ends_with_1(tmp_path: Path) -> None:
    broken = {
        "data/flows.yml": "flows:\n  a:\n    description: x\n    steps:\n    - collect: city\n      next: nowhere\n"
    }
    source, target = write(tmp_path / "project", broken), tmp_path / "bot"
    done = run(str(source), str(target))
    assert done.returncode == 1
    assert "flows/flows.yaml" in done.stdout
    assert "There is no step 'nowhere' in this flow." in done.stdout
    assert "There is no step 'nowhere'" in (target / "IMPORT.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "taken", "parts"),
    [
        ({}, False, ["error: Nothing of a Rasa project was found", "hint: Name the folder that has domain.yml."]),
        (CARDS, True, ["is not empty", "hint: Name a folder that does not exist yet."]),
    ],
)
def test_errors_are_one_line_and_a_hint(tmp_path: Path, files: dict[str, str], taken: bool, parts: list[str]) -> None:
    (tmp_path / "project").mkdir()
    source, target = write(tmp_path / "project", files), tmp_path / "bot"
    if taken:
        write(target, {"mine.txt": "mine"})
    done = run(str(source), str(target))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 2
    for part in parts:
        assert part in done.stderr
