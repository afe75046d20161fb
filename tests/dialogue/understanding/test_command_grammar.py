"""The pattern lets through every command that makes sense and none that does not."""

import re

import pytest

from chatwright.dialogue.commands import parse_commands
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.command_grammar import MAX_LINES, command_regex

REASON = Slot(name="reason", type="categorical", values=("damaged", "not.wanted"))
GIFT = Slot(name="gift", type="bool")
NAME = Slot(name="name", description="name")
SLOTS = [REASON, GIFT, NAME]
MESSAGE = "my name is Anna (Berg), 我叫安娜 $5.00"
PATTERN = re.compile(command_regex(["pay", "visit", "move"], SLOTS, MESSAGE, is_flow_open=False))
IN_FLOW = re.compile(command_regex(["pay"], [REASON], MESSAGE, is_flow_open=True))


@pytest.mark.parametrize(
    "text",
    [
        "none", "search and reply", "hand over", "start flow pay", "disambiguate flows pay visit", "disambiguate flows move pay visit",
        "set slot reason damaged", "set slot gift true", "set slot name Anna", "set slot name Anna (Berg)", "set slot name 安娜",
        "set slot name $5.00", "set slot reason not.wanted\nset slot gift false\nset slot name Anna", "start flow visit\nset slot gift true",
    ],
)  # fmt: skip
def test_commands_that_may_be_written(text: str) -> None:
    assert PATTERN.fullmatch(text)
    assert text == "none" or len(parse_commands(text)) == text.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "", "start flow other", "set slot reason lost", "set slot reason notxwanted", "set slot gift maybe", "set slot name Bob",
        "set slot other x", "set slot name Anna\nset slot name Berg", "start flow pay\nstart flow visit", "cancel flow", "Hello!",
        "disambiguate flows pay", "set slot name ", "start flow pay\nhand over", "set slot name Anna\n\n",
    ],
)  # fmt: skip
def test_commands_that_may_not(text: str) -> None:
    assert not PATTERN.fullmatch(text)


@pytest.mark.parametrize(
    ("text", "fits"), [("cancel flow", True), ("skip question", True), ("disambiguate flows pay pay", False)]
)
def test_an_open_flow_can_be_left_but_not_asked_about(text: str, fits: bool) -> None:
    assert bool(IN_FLOW.fullmatch(text)) is fits


def test_a_long_message_takes_any_line_of_text_but_no_second_line() -> None:
    pattern = re.compile(command_regex([], [NAME], "word " * 500, is_flow_open=True))
    assert pattern.fullmatch("set slot name anything at all")
    assert not pattern.fullmatch("set slot name a\nb")
    assert not pattern.fullmatch("set slot name " + "x" * 200)


def test_lines_are_few_however_many_slots_there_are() -> None:
    slots = [Slot(name=f"s{number}", type="bool") for number in range(9)]
    pattern = re.compile(command_regex(["pay"], slots, "yes", is_flow_open=False))
    lines = ["start flow pay", *(f"set slot s{number} true" for number in range(9))]
    assert pattern.fullmatch("\n".join(lines[:MAX_LINES]))
    assert not pattern.fullmatch("\n".join(lines[: MAX_LINES + 1]))


@pytest.mark.parametrize("message", ["a.b*c+(d)[e]{f}|^$\\", "你好（世界）", "x" * 5000, "\t\n ", "🙂 ok"])
def test_any_message_gives_a_pattern_that_compiles(message: str) -> None:
    assert re.compile(command_regex(["pay"], SLOTS, message, is_flow_open=True)).fullmatch("none")
