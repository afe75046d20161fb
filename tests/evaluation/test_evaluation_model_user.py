"""A user played by a model: what it is told, and how what it says becomes a message or an end."""

import asyncio

import pytest

from chatwright.engines.scripted import ScriptedEngine
from chatwright.evaluation.model_user import MAX_CHARS, ModelUser
from chatwright.evaluation.scenario import SimulatedUser
from chatwright.evaluation.turn_trace import TurnTrace

USER = SimulatedUser(
    by="model", goal=("return a parcel",), temperament=("impatient",), facts={"order": "A1"}, context="You are Bob."
)
HEARD = [TurnTrace(said="", answer=""), TurnTrace(said="I want to return", answer="Which order?")]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("My order is A1", "My order is A1"),
        ("Customer: “My order is A1”\nAssistant: fine", "My order is A1"),
        ("DONE", None),
        ("Thanks. DONE", None),
        ("  ", None),
        ("x" * 999, "x" * MAX_CHARS),
    ],
)
def test_what_it_says(said: str, line: str | None) -> None:
    user = ModelUser(user=USER, language="en", engine=ScriptedEngine([said]), seed=1)
    assert asyncio.run(user.speak(HEARD)) == line


def test_it_goes_when_it_repeats_itself() -> None:
    user = ModelUser(user=USER, language="en", engine=ScriptedEngine(["Hello"]), seed=1)
    assert asyncio.run(user.speak([TurnTrace(said="Hello")])) == "Hello"
    assert asyncio.run(user.speak([TurnTrace(said="Hello"), TurnTrace(said="Hello")])) is None


@pytest.mark.parametrize(("language", "parts"), [("en", ("customer", "What you want")), ("zh", ("顾客", "你想要"))])
def test_what_it_is_told(language: str, parts: tuple[str, str]) -> None:
    user = ModelUser(user=USER, language="zh" if language == "zh" else "en", engine=ScriptedEngine(["x"]), seed=1)
    prompt = user.prompt(HEARD[1:])
    assert [message.role for message in prompt] == ["system", "user", "assistant", "user"]
    for part in (*parts, "You are Bob.", "return a parcel", "urges", "order: A1"):
        assert part in prompt[0].content
    assert prompt[2].content == "I want to return"
    assert prompt[3].content == "Which order?"


def test_each_turn_has_a_seed_of_its_own() -> None:
    engine = ScriptedEngine(["a", "b"])
    user = ModelUser(user=USER, language="en", engine=engine, seed=5)
    asyncio.run(user.speak([]))
    asyncio.run(user.speak(HEARD))
    assert [call.options.seed for call in engine.calls] == [5, 6]
