"""What training data list is found in messages, and fills the slots that ask for it."""

import asyncio
from typing import Any

import pytest
from tests.dialogue.parcels import context, make_flow

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.domain import Domain, Slot
from chatwright.dialogue.flows.annotated_text import read_annotated
from chatwright.dialogue.training_data import Example, TrainingData
from chatwright.dialogue.understanding.entities import EntityReader
from chatwright.dialogue.understanding.mapped_slots import from_entities, from_intent
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.dialogue.understanding.understood import Ranked, Understood

WRITTEN = (
    'fly from [Berlin]{"entity": "city", "role": "from"} to [Rome]{"entity": "city", "role": "to"}',
    '从[北京]{"entity": "city", "role": "from"}飞到[上海]{"entity": "city", "role": "to"}',
    "a seat in [first class](cabin)",
)
DATA = TrainingData(
    examples=tuple(
        Example(text=text, intent="book", entities=marks) for text, marks in (read_annotated(each) for each in WRITTEN)
    ),
    synonyms={"nyc": "New York", "big apple": "New York"},
    regexes={"booking_id": (r"[A-Z]{2}\d{4}",)},
    lookups={"city": ("New York", "York", "巴黎")},
)
READER = EntityReader(DATA)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I live in york", [("city", "York", "")]),
        ("New York, please", [("city", "New York", "")]),
        ("the Big Apple", [("city", "New York", "")]),
        ("from NYC to rome", [("city", "New York", "from"), ("city", "Rome", "to")]),
        ("我想从上海飞到巴黎", [("city", "上海", "from"), ("city", "巴黎", "to")]),
        ("yorkshire pudding", []),
        ("booking ab1234", [("booking_id", "ab1234", "")]),
        ("First Class to Berlin", [("cabin", "first class", ""), ("city", "Berlin", "to")]),
        ("", []),
        ("ROME" * 1000, []),
    ],
)
def test_what_is_listed_is_read(text: str, found: list[tuple[str, str, str]]) -> None:
    read = READER.read(text)
    assert [(each.entity, each.value, each.role) for each in read] == found
    assert all(0 <= each.start < each.end <= len(text) for each in read)


ORIGIN = Slot(name="origin", mappings=({"type": "from_entity", "entity": "city", "role": "from"},))
TARGET = Slot(name="target", mappings=({"type": "from_entity", "entity": "city", "role": "to"},))
CITIES = Slot(name="cities", type="list", mappings=({"type": "from_entity", "entity": "city"},))
WAY = Slot(name="way", mappings=({"type": "from_intent", "intent": "by_train", "value": "train"}, {"type": "from_text", "not_intent": "chat"}))  # fmt: skip


def test_mappings_choose_by_role() -> None:
    entities = READER.read("from NYC to Rome")
    assert from_entities([ORIGIN, TARGET, CITIES], entities, {"target": "Rome"}) == [
        SetSlot(slot="origin", value="New York"),
        SetSlot(slot="cities", value=["New York", "Rome"]),
    ]


@pytest.mark.parametrize(
    ("intent", "in_scope", "value"),
    [("by_train", 1.0, "train"), ("other", 1.0, "said so"), ("chat", 1.0, None), ("by_train", 0.4, None)],
)
def test_mappings_by_intent(intent: str, in_scope: float, value: str | None) -> None:
    commands = from_intent(WAY, Ranked(intents=((intent, 0.9),), in_scope=in_scope), (), "said so")
    assert [command.value for command in commands] == ([value] if value else [])


def understand(text: str, **standing: Any) -> Understood:
    flows = {"book_flight": make_flow("book_flight", ["origin", "target"])}
    domain = Domain(slots={"origin": ORIGIN, "target": TARGET})
    understanding = Understanding(flows=flows, domain=domain, entities=READER)
    return asyncio.run(understanding.understand(text, context("en", open_flow="book_flight", **standing)))


@pytest.mark.parametrize(
    ("text", "standing", "values"),
    [
        ("from Berlin to NYC", {"asked": "origin"}, {"origin": "Berlin", "target": "New York"}),
        ("to Rome", {"asked": "target", "slots": {"origin": "Berlin"}}, {"target": "Rome"}),
        (
            "NYC",
            {"asked": "target"},
            {"target": "New York"},
        ),  # no word tells its role: it has the one that was asked for
        ("from NYC", {"asked": "target"}, {"origin": "New York"}),
        ("Atlantis", {"asked": "target"}, {"target": "Atlantis"}),
        ("is it far from Rome?", {"asked": "target", "slots": {"origin": "Berlin"}}, {}),
    ],
)
def test_entities_fill_slots_in_a_flow(text: str, standing: dict[str, Any], values: dict[str, str]) -> None:
    commands = understand(text, **standing).commands
    assert {each.slot: each.value for each in commands if isinstance(each, SetSlot)} == values
