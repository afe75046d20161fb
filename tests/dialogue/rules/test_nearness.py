"""Nearness in meaning with the real embedder: how many of the set it finds, and how seldom it is wrong."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from chatwright.dialogue.rules.nearness import NearnessIndex, is_example
from chatwright.knowledge.embedders import HashEmbedder, OpenVinoE5Embedder

SET = YAML(typ="safe").load(Path(__file__).with_name("nearness_set.yaml"))
UNDERSTANDING = Path(__file__).parents[3] / "benchmarks" / "understanding_set.yaml"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> NearnessIndex:
    cache = tmp_path_factory.mktemp("e5")
    return NearnessIndex([phrase for rule in SET for phrase in rule["says"]], OpenVinoE5Embedder(cache))


def fires(index: NearnessIndex, rule: dict[str, list[str]], text: str) -> bool:
    return bool(set(index.near(text)) & set(rule["says"]))


@pytest.mark.parametrize(("part", "least", "most"), [("chosen", 22, 6), ("judged", 9, 4)])
def test_the_set(index: NearnessIndex, part: str, least: int, most: int) -> None:
    rules = [rule for rule in SET if rule["part"] == part]
    found = sum(fires(index, rule, text) for rule in rules for text in rule["yes"])
    wrong = [text for rule in rules for text in rule["no"] if fires(index, rule, text)]
    assert found >= least
    assert len(wrong) <= most, wrong


def test_what_people_say_to_a_shop_fires_next_to_nothing(index: NearnessIndex) -> None:
    messages = YAML(typ="safe").load(UNDERSTANDING)["messages"]
    texts = list(dict.fromkeys(str(message["say"]) for message in messages))
    rules = [rule for rule in SET if rule["rule"] != "angry"]  # the set has visitors who are
    owners = {phrase: rule["rule"] for rule in rules for phrase in rule["says"]}
    wrong = [(owners[phrase], text) for text in texts for phrase in index.near(text) if phrase in owners]
    assert len(texts) > 80
    assert len(wrong) <= 3, wrong


@pytest.mark.parametrize(
    "text", ["", "?", "I will not take legal action", "我不会起诉你们", "Do you take legal action?"]
)
def test_a_denial_or_a_question_about_it_is_not_near(index: NearnessIndex, text: str) -> None:
    assert not fires(index, SET[0], text)


def test_a_clause_is_enough(index: NearnessIndex) -> None:
    text = "Hello. I ordered a charger last week and it is blue. My attorney will be contacting you."
    assert fires(index, SET[0], text)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [("lawyer", False), ("我不想活了", True), ("律师", False), ("I will sue", True), ("the a of", False)],
)
def test_a_word_is_no_example(phrase: str, expected: bool) -> None:
    assert is_example(phrase) is expected


def test_without_examples_nothing_is_near() -> None:
    assert NearnessIndex(["lawyer"], HashEmbedder()).near("my lawyer") == {}
