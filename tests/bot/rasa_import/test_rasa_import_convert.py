"""Whole projects of each generation, imported, checked and talked to; their actions on the published rasa-sdk."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.bot.rasa_import.conftest import action_server, free_port
from tests.bot.rasa_import.imported import imported, talk
from tests.bot.rasa_import.projects import CARDS, PARCELS, clinic, pizza, restaurant

from chatwright.bot.check import check_bot_folder
from chatwright.dialogue.flows.flow import CollectStep
from chatwright.dialogue.flows.flow_file import load_flows

PROJECTS: dict[str, Mapping[str, str]] = {
    "restaurant": restaurant(), "clinic": clinic(), "pizza": pizza(), "cards": CARDS, "parcels": PARCELS,
}  # fmt: skip
BUTTON = '/inform{"cuisine": "italian"}'


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_becomes_a_folder_without_a_problem(tmp_path: Path, name: str) -> None:
    folder, report = imported(tmp_path, PROJECTS[name])
    assert report.problems == []
    assert check_bot_folder(folder) == []
    assert (folder / "IMPORT.md").read_text(encoding="utf-8").startswith("# Import from Rasa")


@pytest.mark.parametrize("name", PROJECTS)
def test_the_project_stays_as_it_was(tmp_path: Path, name: str) -> None:
    imported(tmp_path, PROJECTS[name])
    root = tmp_path / "project"
    found = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*.*")}
    assert found == PROJECTS[name]


@pytest.mark.parametrize(
    ("make", "turns"),
    [
        pytest.param(
            restaurant,
            [
                ("hi", "Welcome to the table desk!"),
                ("I need a table", "Which kitchen do you like?"),
                ("french", "We have no french kitchen.\n\nWhich kitchen do you like?"),
                ("Italian", "For how many people?"),
                ("what do you need this for", "I need it to find you a table.\n\nFor how many people?"),
                ("three people", "Would you like to sit outside?"),
                ("yes", "Looking for a italian table for 3.\n\nYour table is out-italian-3."),
                ("thanks a lot", "Any time."),
            ],
            id="a form with its checks, an interruption and what follows its end",
        ),
        pytest.param(
            restaurant,
            [
                ("book a table please", "Which kitchen do you like?"),
                (BUTTON, "For how many people?"),
                ("leave it", "Shall we go on with your table?"),
                ("yes", "For how many people?"),
                ("stop asking", "Shall we go on with your table?"),
                ("no", "No table then."),
                ("hello", "Welcome to the table desk!"),
            ],
            id="stories that stop a form, and go on or not",
        ),
        pytest.param(
            clinic,
            [
                ("您好呀", "您好，今天感觉怎么样？"),
                ("/心情差", "别担心，需要帮您挂号吗？"),
                ("不用了", "好的，再见。"),
                ("我要挂号", "请问挂哪个科？"),
                ("内科", "请问您的姓名？"),
                ("王芳", "王芳，内科已约好。"),
                ("我的报告出来了吗", "报告还没有出来。"),
                ("医院可以停车吗", "医院地下车库可以停车，每小时五元。"),
                ("医院在哪里", "人民路一号。\nhttps://example.com/map.png"),
            ],
            id="stories joined by a checkpoint, slots that decide, retrieval intents, in Chinese",
        ),
        pytest.param(
            pizza,
            [
                ("I want a pizza", "Small or large?"),
                ("small", "Which street?"),
                ("Main Road 5", "A small pizza is on its way to Main Road 5."),
            ],
            id="the action leaves a question out and adds one",
        ),
        pytest.param(
            pizza,
            [
                ("I want a pizza", "Small or large?"),
                ("large", "Cheese or ham?"),
                ("ham", "Which street?"),
                ("Main Road 5", "A large pizza is on its way to Main Road 5."),
            ],
            id="the action asks everything",
        ),
    ],
)
def test_a_conversation_goes_as_in_rasa_with_its_own_actions(
    tmp_path: Path, rasa_sdk_python: str, make: Callable[[int], dict[str, str]], turns: list[tuple[str, str]]
) -> None:
    port = free_port()
    folder, _ = imported(tmp_path, make(port))
    with action_server(rasa_sdk_python, folder, port):
        replies = talk(folder, [said for said, _ in turns])
    assert [reply.answer for reply in replies] == [answer for _, answer in turns]


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        pytest.param(
            "clinic",
            [
                ("您好呀", "您好，今天感觉怎么样？"),
                ("很好", "太好了，祝您健康。"),
                ("您好呀", "您好，今天感觉怎么样？"),
            ],
            id="a story",
        ),
        pytest.param(
            "clinic",
            [
                ("我要挂号", "请问挂哪个科？"),
                ("您好呀", "您好，今天感觉怎么样？"),
                ("很好", "太好了，祝您健康。\n\n请问挂哪个科？"),
            ],
            id="a story inside of a form leads back to it without a word",
        ),
        pytest.param(
            "clinic",
            [("您好呀", "您好，今天感觉怎么样？"), ("我要挂号", "请问挂哪个科？")],
            id="what no story foresees leaves the story",
        ),
        pytest.param(
            "cards",
            [
                ("change how much can be spent with a card", "Which card is it, debit or credit?"),
                ("credit", "What should the new limit be?"),
                ("9000", "The limit cannot be above 5000.\n\nWhat should the new limit be?"),
                ("800", "Set your credit card to 800?"),
                ("yes", "Done, the limit is set.\n\nIs there anything else I can help you with?"),
            ],
            id="CALM: a called flow, a slot's own rule, a confirmation",
        ),
        pytest.param(
            "parcels",
            [
                ("修改快递的配送方式", "请告诉我快递单号。"),
                ("SF123456", "您想自提还是派送？"),
                ("自提", "SF123456已改为自提。\n\n请问还有其他可以帮您的吗？"),
            ],
            id="CALM in Chinese",
        ),
    ],
)
def test_a_conversation_without_actions(tmp_path: Path, name: str, turns: list[tuple[str, str]]) -> None:
    folder, _ = imported(tmp_path, PROJECTS[name])
    replies = talk(folder, [said for said, _ in turns])
    assert [reply.answer for reply in replies] == [answer for _, answer in turns]


def test_what_nobody_understands_is_answered_in_the_projects_words(tmp_path: Path) -> None:
    folder, _ = imported(tmp_path, PROJECTS["restaurant"])
    reply = talk(folder, ["qwzx vbnm"])[0]
    assert reply.answer.startswith("Sorry, I did not get that.")
    assert reply.offers_person


def test_a_forms_values_outlive_it_as_in_rasa(tmp_path: Path) -> None:
    folder, _ = imported(tmp_path, PROJECTS["clinic"])
    form = load_flows(folder)["visit_form"]
    assert [step.slot for step in form.steps.values() if isinstance(step, CollectStep)] == ["kind", "科室", "姓名"]
    assert set(form.persisted_slots) == {"kind", "科室", "姓名"}
    assert form.guard == "false"  # begun only by its triggers, which say of which kind it is


@pytest.mark.parametrize(
    ("name", "source", "copy"),
    [
        ("restaurant", "data/nlu.yml", "nlu.yaml"),
        ("clinic", "data/nlu/talk.yml", "nlu/nlu_talk.yaml"),
        ("restaurant", "actions/actions.py", "actions/actions.py"),
        ("parcels", "data/flows.yml", "flows/flows.yaml"),
        ("cards", "e2e_tests/limit.yml", "tests/limit.yml"),
        ("cards", "docs/fees.txt", "knowledge/fees.txt"),
    ],
)
def test_what_needs_no_change_is_copied_to_the_letter(tmp_path: Path, name: str, source: str, copy: str) -> None:
    folder, _ = imported(tmp_path, PROJECTS[name])
    assert (folder / copy).read_text(encoding="utf-8") == PROJECTS[name][source]


def test_test_stories_become_end_to_end_tests(tmp_path: Path) -> None:
    folder, report = imported(tmp_path, PROJECTS["restaurant"])
    text = (folder / "tests" / "test_stories.yml").read_text(encoding="utf-8")
    assert "- user: a table at an italian place\n      - slot_was_set:\n          - cuisine: italian\n" in text
    assert "- user: hi\n      - utter: utter_greet\n" in text
    assert report.counts()["test story"] == {"converted": 1, "approximated": 1, "left": 0}


def test_secrets_of_channels_are_not_copied(tmp_path: Path) -> None:
    folder, _ = imported(tmp_path, PROJECTS["restaurant"])
    assert all("xoxb" not in path.read_text(encoding="utf-8") for path in folder.rglob("*.*"))
