"""What check says of a folder's tests: names that the bot does not have, with line and nearest; and broken files."""

import shutil
from pathlib import Path

import pytest
from tests.bot.test_bot_process import SHOP

from chatwright.bot.check import check_bot_folder
from chatwright.bot.check_tests import check_tests


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example without its knowledge and tests."""
    folder = tmp_path_factory.mktemp("shops") / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(".chatwright", "tests", "knowledge"))
    return folder


CASE = "test_cases:\n- test_case: a\n  steps:\n  - user: hi\n    assertions:\n    - {assertion}\n"


@pytest.mark.parametrize(
    ("assertion", "told"),
    [
        ("flow_started: retrn_parcel", "6: There is no flow 'retrn_parcel'. Did you mean 'return_parcel'?"),
        ("flow_completed: {flow_id: complaint, flow_step_id: fiel}", "6: Flow 'complaint' has no step 'fiel'. Did you mean 'file'?"),
        ("action_executed: book_vist", "6: There is no action 'book_vist'. Did you mean 'book_visit'?"),
        ("action_executed: utter_ask_phon", "6: There is no response 'utter_ask_phon'. Did you mean 'utter_ask_phone'?"),
        ("slot_was_set: [{name: phon}]", "6: There is no slot 'phon'. Did you mean 'phone'?"),
        ("bot_uttered: {utter_name: utter_visit_boked}", "6: There is no response 'utter_visit_boked'. Did you mean 'utter_visit_booked'?"),
    ],
)  # fmt: skip
def test_unknown_names(shop: Path, assertion: str, told: str) -> None:
    path = shop / "tests" / "t.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CASE.replace("{assertion}", assertion), encoding="utf-8")
    assert check_tests(shop) == [f"{path}:{told}"]


@pytest.mark.parametrize(
    "assertion",
    [
        "flow_started: pattern_completed", "action_executed: action_listen", "action_executed: look_up_order",
        "bot_uttered: {utter_name: utter_can_do_something_else}", "bot_uttered: {utter_name: utter_greeting}",
        "bot_uttered: {utter_name: utter_corrected}", "slot_was_set: [{name: confirmed_action}]",
    ],
)  # fmt: skip
def test_names_that_every_bot_has(shop: Path, assertion: str) -> None:
    path = shop / "tests" / "t.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CASE.replace("{assertion}", assertion), encoding="utf-8")
    assert check_tests(shop) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scenario:\n  name: a\n  user: {goal: hi, flow: x}\n", ["3: There is no flow 'x'."]),
        ("stub_custom_actions:\n  regster_return: {}\n", []),  # nothing is tested with it
        ("stub_custom_actions:\n  regster_return: {}\ntest_cases:\n- {test_case: a, steps: [{user: hi}]}\n", ["2: There is no action 'regster_return'. Did you mean 'register_return'?"]),
        ("fixtures:\n- f:\n  - phon: 1\ntest_cases:\n- {test_case: a, steps: [{user: hi}]}\n", ["2: There is no slot 'phon'. Did you mean 'phone'?"]),
        ("test_cases:\n- {test_case: a, steps: [{user: hi}, {utter: utter_x}, {slot_was_set: [phon]}]}\n", ["2: There is no response 'utter_x'.", "2: There is no slot 'phon'. Did you mean 'phone'?"]),
        ("fixtures:\n- f: [{order_state: lost}, {phone: '13800138000'}]\ntest_cases:\n- {test_case: a, fixtures: [f], steps: [{user: hi}]}\n", ["4: Slot 'order_state' (categorical) of 'a' cannot be 'lost'."]),
        ("scenario:\n  name: a\n  setup: {initial_slots: {visit_date: soonish}}\n  user: {goal: hi}\n", ["1: Slot 'visit_date' (date) of 'a' cannot be 'soonish'."]),
        ("questions:\n- {question: hi}\n", ["2: 'language' must be zh or en."]),
        ("qestions: []\n", ["1: no key tells what this file holds."]),
        ("a: [\n", ["2: expected the node content, but found '<stream end>'."]),
    ],
)  # fmt: skip
def test_files(shop: Path, text: str, told: list[str]) -> None:
    path = shop / "tests" / "t.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    found = check_tests(shop)
    assert len(found) == len(told)
    for line, start in zip(found, told, strict=True):
        assert line.startswith(f"{path}:{start}")
    assert set(found) <= set(check_bot_folder(shop))


def test_the_examples_own_tests_are_right() -> None:
    assert check_tests(SHOP) == []
