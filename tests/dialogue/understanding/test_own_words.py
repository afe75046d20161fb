"""The owner's own words: an example begins its flow, small talk the flow that is for it; in both languages."""

import pytest

from chatwright.dialogue.flows.flow import END, ActionStep, Branch, Flow
from chatwright.dialogue.understanding.own_words import OwnWords


def flow(name: str, *examples: str) -> Flow:
    step = ActionStep(id="1", next=(Branch(condition=None, target=END),), action="utter_x")
    return Flow(id=name, description=name, steps={"1": step}, first="1", examples=examples)


OWN = OwnWords(
    [
        flow("greet", "hi", "hello there", "你好", "good morning"),
        flow("book", "book a table", "我要订位", "hello, book a table for two"),
        flow("other", "shared words"),
        flow("another", "Shared words!"),
    ]
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Book a table!", "book"),
        ("我要订位。", "book"),
        ("shared words", ""),
        ("book a table tomorrow", ""),
        ("", ""),
        ("?!", ""),
    ],
)
def test_an_example_begins_its_flow(text: str, name: str) -> None:
    assert OWN.flow_of_example(text) == name


def test_a_flow_is_called_what_it_is_for() -> None:
    own = OwnWords([flow("goodbye_flow"), flow("human_handoff"), flow("转人工"), flow("greet", "book a table")])
    said = {text: own.flow_of_smalltalk(text) for text in ("bye", "再见", "talk to a human", "转人工", "hello")}
    person = "human_handoff"
    assert said == {
        "bye": "goodbye_flow",
        "再见": "goodbye_flow",
        "talk to a human": person,
        "转人工": person,
        "hello": "",
    }


@pytest.mark.parametrize(
    ("text", "name"), [("hey", "greet"), ("您好", "greet"), ("thank you", ""), ("bye", ""), ("book a table", "")]
)
def test_small_talk_begins_the_flow_that_is_for_it(text: str, name: str) -> None:
    assert OWN.flow_of_smalltalk(text) == name
