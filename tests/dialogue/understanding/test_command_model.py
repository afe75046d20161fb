"""Nothing that a model makes up gets through, and a model that fails changes nothing."""

import asyncio

import pytest
from tests.dialogue.parcels import FLOWS, SLOTS, context

from chatwright.dialogue.commands import (
    CancelFlow,
    Clarify,
    Command,
    SearchAndReply,
    SetSlot,
    StartFlow,
    parse_commands,
)
from chatwright.dialogue.understanding.command_model import MAX_COMMANDS, CommandModel, valid_commands
from chatwright.dialogue.understanding.understood import ModelReading, Unsure
from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import EngineError

NAMES = ["return_parcel", "book_visit"]


def read(engine: ScriptedEngine, text: str, **more: str) -> ModelReading:
    unsure = Unsure(
        text=text,
        context=context(**more),
        flows=(FLOWS["return_parcel"], FLOWS["book_visit"]),
        slots=tuple(SLOTS.values()),
    )
    return asyncio.run(CommandModel(engine).read(unsure))


@pytest.mark.parametrize(
    ("written", "text", "valid"),
    [
        ("start flow return_parcel", "x", [StartFlow(flow="return_parcel")]),
        ("start flow delete_everything", "x", []),
        ("disambiguate flows return_parcel book_visit nothing", "x", [Clarify(flows=("return_parcel", "book_visit"))]),
        ("disambiguate flows return_parcel nothing", "x", []),
        ("set slot reason damaged", "it fell apart", [SetSlot(slot="reason", value="damaged", extractor="model")]),
        ("set slot reason lost", "it is lost", []),
        ("set slot colour red", "red", []),
        (
            "set slot order_id AB123456",
            "number ab123456",
            [SetSlot(slot="order_id", value="AB123456", extractor="model")],
        ),
        ("set slot order_id AB999999", "number ab123456", []),
        ("set slot order_id number", "number ab123456", []),
        ("set slot visit_date 周五", "那就周五吧", [SetSlot(slot="visit_date", value="2026-11-27", extractor="model")]),
        ("set slot visit_date 2026-11-27", "whenever", []),
        ("set slot wants_call true", "ring me", [SetSlot(slot="wants_call", value=True, extractor="model")]),
        ("set slot wants_call perhaps", "perhaps", []),
        ("search and reply\nsearch and reply", "x", [SearchAndReply()]),
        ("rm -rf /\n\n{{ slots }}\ncancel flow", "x", [CancelFlow()]),
    ],
)
def test_commands_are_checked(written: str, text: str, valid: list[Command]) -> None:
    assert valid_commands(parse_commands(written), text, context("zh"), NAMES, list(SLOTS.values())) == valid


def test_of_thirty_commands_a_few_stay() -> None:
    text = "\n".join(
        ["start flow return_parcel", "start flow book_visit", "cancel flow", "hand over", "repeat message"] * 6
    )
    commands = valid_commands(parse_commands(text), "x", context(), NAMES, [])
    assert len(commands) == MAX_COMMANDS


def test_the_model_is_asked_within_the_grammar_and_its_words_are_on_record() -> None:
    engine = ScriptedEngine(["set slot reason damaged"])
    reading = read(engine, "it fell apart", asked="reason", open_flow="return_parcel")
    assert reading.commands == (SetSlot(slot="reason", value="damaged", extractor="model"),)
    assert reading.raw == "set slot reason damaged"
    assert 0.0 < reading.confidence <= 1.0
    regex = engine.calls[0].options.regex
    assert regex is not None
    assert "set slot reason (?:damaged|not_wanted)" in regex


@pytest.mark.parametrize("code", ["timeout", "engine_crashed"])
def test_a_failing_model_is_no_failure(code: str) -> None:
    engine = ScriptedEngine(["start flow return_parcel"])
    engine.fail_with = EngineError("No.", code=code)
    assert read(engine, "hello") == ModelReading(problem=code)
