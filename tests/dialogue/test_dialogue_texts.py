"""Every fixed sentence exists in both languages, and an owner's words are only words."""

import pytest

from chatwright.dialogue.texts import TEXT_NAMES, text
from chatwright.errors import ConfigError
from chatwright.language.detect import detect_language

NEEDED = {
    "greeting", "abstain", "quoted_other_language", "person", "accept", "decline", "ok", "thanks", "bye", "is_bot", "no_words",
    "empty", "too_long", "refused", "internal_error",
}  # fmt: skip


def test_the_names_are_those_the_bot_says() -> None:
    assert TEXT_NAMES == NEEDED


@pytest.mark.parametrize("name", sorted(NEEDED))
@pytest.mark.parametrize("contact", ["", "400-000-5217"])
def test_each_is_whole_and_in_its_language(name: str, contact: str) -> None:
    for language in ("zh", "en"):
        said = text(name, language, contact=contact, limit="4000")
        assert detect_language(said) == language
        assert not set("{}[]") & set(said), said
        assert said == said.strip()
        assert said[-1] in "。！？：.!?:"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_contact_is_named_where_there_is_one(language: str) -> None:
    assert "400-000-5217" in text("abstain", language, contact="400-000-5217")
    assert text("abstain", language, contact="") == text("abstain", language)


@pytest.mark.parametrize(("language", "word"), [("zh", "AI"), ("en", "AI")])
def test_the_greeting_says_that_an_ai_speaks(language: str, word: str) -> None:
    assert word in text("greeting", language)
    assert word in text("is_bot", language)


def test_an_owner_overrides_one_language() -> None:
    overrides = {"bye": {"en": "Ciao, {name}! {0.__class__} {unknown}"}}
    assert text("bye", "en", overrides, name="Ann") == "Ciao, Ann! {0.__class__} {unknown}"
    assert text("bye", "zh", overrides) == text("bye", "zh")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="abstain"):
        text("abstian", "en")
