"""What `chatwright check` says of a folder's processes: each problem with its place, and nothing of a sound folder."""

import shutil
from pathlib import Path

import pytest

from chatwright.bot.check import check_bot_folder

SHOP = Path(__file__).parents[2] / "examples" / "support"


def folder_with(tmp_path: Path, name: str, old: str, new: str) -> Path:
    folder = tmp_path / "support"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(".chatwright", "__pycache__"))
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_example_is_sound() -> None:
    assert check_bot_folder(SHOP) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("flows/orders.yaml", "else: ask_reason", "else: ask_raeson", "ask_raeson"),
        ("flows/orders.yaml", "action: register_return", "action: register_retrun", "register_retrun"),
        ("flows/service.yaml", "collect: repair_device", "collect: repair_devise", "repair_devise"),
        ("flows/orders.yaml", 'slots.order_state = "unknown"', "slots.order_state = = 1", "orders.yaml"),
        ("domain.yaml", "format: phone", "format: fone", "fone"),
        ("actions.py", "def book_visit(", "def book_visit((", "actions.py"),
    ],
    ids=["step", "action", "slot", "condition", "format", "code"],
)  # fmt: skip
def test_problems_have_their_place(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    problems = check_bot_folder(folder_with(tmp_path, name, old, new))
    assert any(said in problem and (".yaml:" in problem or ".py:" in problem) for problem in problems), problems


def test_training_data_are_checked_too(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "bot.yaml", "name:", "name:")
    (folder / "nlu.yaml").write_text("nlu:\n- intent: a\n  exmples: |\n    - x\n", encoding="utf-8")
    problems = check_bot_folder(folder)
    assert any(problem.startswith(f"{folder / 'nlu.yaml'}:3: Unknown key 'exmples'") for problem in problems)
