"""A user played by a model: what it is told, and how what it says becomes a message or an end."""

import asyncio
from dataclasses import replace

import pytest

from chatwright.engines.scripted import ScriptedEngine
from chatwright.evaluation.model_user import MAX_CHARS, ModelUser
from chatwright.evaluation.scenario import SimulatedUser
from chatwright.evaluation.turn_trace import TurnTrace
from chatwright.messages import Language

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


@pytest.mark.parametrize(
    ("language", "parts", "end"),
    [("en", ("CUSTOMER", "The customer wants"), "Customer:"), ("zh", ("【顾客】", "顾客想要"), "顾客:")],
)
def test_what_it_is_told(language: Language, parts: tuple[str, str], end: str) -> None:
    told = ModelUser(user=USER, language=language, engine=ScriptedEngine(["x"]), seed=1).prompt(HEARD[1:]).content
    for part in (*parts, "You are Bob.", "return a parcel", "urges", "order: A1"):
        assert part in told
    said, answered = told.index("I want to return"), told.index("Which order?")
    assert said < answered
    assert told.endswith(end)


@pytest.mark.parametrize(
    "turn",
    [TurnTrace(said="a", answer="Which order is it?"), TurnTrace(said="a", answer="Of course.", outcome="handed_over")],
)
def test_it_does_not_speak_for_the_bot_nor_after_it(turn: TurnTrace) -> None:
    user = ModelUser(user=USER, language="en", engine=ScriptedEngine(["Which order is it?"]), seed=1)
    assert asyncio.run(user.speak([turn])) is None


def test_each_turn_has_a_seed_of_its_own() -> None:
    engine = ScriptedEngine(["a", "b"])
    user = ModelUser(user=replace(USER, goal=()), language="en", engine=engine, seed=5)
    asyncio.run(user.speak([]))
    asyncio.run(user.speak(HEARD))
    assert [call.options.seed for call in engine.calls] == [5, 6]


def test_the_goal_is_what_it_opens_with() -> None:
    engine = ScriptedEngine(["x"])
    assert asyncio.run(ModelUser(user=USER, language="en", engine=engine, seed=5).speak([])) == "return a parcel"
    assert engine.calls == []
