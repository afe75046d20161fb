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


RULES = """
rules:
  - id: lawyer
    when: {says: [lawyer, 律师]}
    then: {hand_over: true}
    priority: 10
  - id: second
    when: {says: [court]}
    then: {say: {zh: 好, en: ok}}
"""


def test_rules_of_a_sound_folder(tmp_path: Path) -> None:
    assert check_bot_folder(folder_with(tmp_path, "bot.yaml", "name: support\n", f"name: support\n{RULES}")) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("{says: [court]}", "{flow: retrun_order}", 8, "flow 'retrun_order', which is not there. Did you mean 'return_parcel'"),
        ("{say: {zh: 好, en: ok}}", "{start_flow: nowhere}", 9, "starts flow 'nowhere'"),
        ("{says: [court]}", "{slots: slots.order_idd}", 8, "slot 'order_idd', which is not there"),
        ("{say: {zh: 好, en: ok}}", "{set_slots: {nothing: 1}}", 9, "sets slot 'nothing'"),
        ("{say: {zh: 好, en: ok}}", "{set_slots: {return_reason: often}}", 9, "to 'often', which it cannot be"),
        ("{says: [court]}", "{intent: rage}", 8, "intent 'rage', of which there are no examples"),
        ("{say: {zh: 好, en: ok}}", "{say: {zh: 好}}", 9, "says nothing in en"),
        ("{says: [court]}", "{says: [lawyer], language: en}", 7, None),
        ("    then: {say: {zh: 好, en: ok}}", "    then: {refuse: true}\n    priority: 1", 9, None),
        ("when: {says: [court]}\n    then: {say: {zh: 好, en: ok}}", "when: {says: [lawyer], language: en}\n    then: {refuse: true}", 7, "can never have an effect: 'lawyer' comes first"),
        ("priority: 10", "excludes: [secnd]", 3, "excludes 'secnd', which is not there. Did you mean 'second'"),
        ("priority: 10", "excludes: [lawyer]", 3, "in a circle: lawyer → lawyer"),
        ("id: second", "id: lawyer", 7, "two rules are called 'lawyer'"),
        ("says: [court]", "syas: [court]", 8, "unknown key 'rules.1.when.syas'. Did you mean 'says'"),
        ("says: [court]", "matches: '(?=a)'", 8, "not a pattern that can be matched in linear time"),
        ("says: [court]", "slots: 'slots.a = = 1'", 8, "slots.a = = 1"),
        ("{says: [court]}", "{}", 8, "at least one condition"),
        ("{say: {zh: 好, en: ok}}", "{}", 9, "needs an effect"),
        ("{say: {zh: 好, en: ok}}", "{refuse: true, hand_over: true}", 9, "cannot both be"),
        ("{say: {zh: 好, en: ok}}", "{refuse: true, start_flow: return_order}", 9, "leaves flows as they are"),
        ("id: second", "id: 2nd!", 7, "id"),
        ("says: [court]", "outcome: lost", 8, "outcome"),
    ],
)  # fmt: skip
def test_problems_of_rules_have_their_place(tmp_path: Path, old: str, new: str, line: int, said: str | None) -> None:
    rules = RULES.lstrip("\n")
    assert old in rules
    folder = folder_with(tmp_path, "bot.yaml", "name: support\n", f"name: support\n{rules.replace(old, new, 1)}")
    problems = check_bot_folder(folder)
    if said is None:
        assert problems == []
    else:
        assert len(problems) == 1
        assert any(f"bot.yaml:{line}: " in problem and said in problem for problem in problems), problems


def test_training_data_are_checked_too(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "bot.yaml", "name:", "name:")
    (folder / "nlu.yaml").write_text("nlu:\n- intent: a\n  exmples: |\n    - x\n", encoding="utf-8")
    problems = check_bot_folder(folder)
    assert any(problem.startswith(f"{folder / 'nlu.yaml'}:3: Unknown key 'exmples'") for problem in problems)
