"""How a temperament words things: by seed always the same, and what is told arrives as it is."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.evaluation import temperament as manner
from chatwright.evaluation.scenario import TEMPERAMENTS, Temperament
from chatwright.messages import Language

LANGUAGES = st.sampled_from(["zh", "en"])
MANNERS = st.lists(st.sampled_from(sorted(TEMPERAMENTS)), max_size=3)


@given(st.integers(0, 99), MANNERS, LANGUAGES, st.sampled_from(["LM100001", "221 Baker Street", "坏了", "13800138000"]))
def test_an_answer_is_kept_whole_and_said_alike_for_one_seed(
    seed: int, temperament: list[Temperament], language: Language, fact: str
) -> None:
    said = [manner.answer(fact, temperament, language, random.Random(seed)) for _ in range(2)]
    assert fact in said[0]
    assert said[0] == said[1]


@given(st.integers(0, 99), st.sampled_from(["I want to return my order", "please track parcel LM100001"]))
def test_a_slip_of_the_fingers_swaps_two_letters_of_one_word(seed: int, text: str) -> None:
    said = manner.opening(text, ["typos"], "en", random.Random(seed))
    assert sorted(said) == sorted(text)
    assert sum(a != b for a, b in zip(said.split(), text.split(), strict=True)) <= 1
    assert re.findall(r"\d+", said) == re.findall(r"\d+", text)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("查一下订单", "zh", "查一下定单"),
        ("我要退货", "zh", "我要退货"),  # nothing in it is easily mistyped
        ("hi you", "en", "hi you"),
    ],
)
def test_slips(text: str, language: Language, said: str) -> None:
    assert manner.opening(text, ["typos"], language, random.Random(1)) == said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_manner_shows(language: Language) -> None:
    chance = random.Random(0)
    plain = manner.answer("A1", ["plain"], language, chance)
    assert plain == "A1"
    assert len(manner.answer("A1", ["chatty"], language, chance)) > 8
    assert len(manner.answer("A1", ["impatient"], language, chance)) > 4
    assert manner.yes(["brief"], language, chance) in ("是", "对", "yes", "ok")
    assert manner.everything("go.", ["a", "b"], language) == ("go，a，b" if language == "zh" else "go, a, b")
