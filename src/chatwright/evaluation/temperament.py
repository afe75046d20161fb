"""Words what a scripted user says by their temperament, in both languages; the same seed gives the same words.

In: what is to be said, temperaments, a seeded source of chance. Out: text. What is said is changed only by `typos`, and
only in openings: an order number must arrive as it is.
"""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Final

from chatwright.evaluation.scenario import Temperament
from chatwright.messages import Language

Phrases = Mapping[Language, Sequence[str]]
_CHATTY: Final[Phrases] = {
    "zh": ("嗯，让我看看，{}，谢谢啦", "哎呀不好意思，{}，麻烦您了", "好的好的，{}，辛苦啦"),
    "en": ("Sure, one moment... {}. Thanks for helping!", "Oh, right, {}. Sorry to be a bother.", "Of course, {}."),
}  # fmt: skip
_CHATTY_OPENING: Final[Phrases] = {
    "zh": ("您好呀，打扰一下，{}，谢谢！", "哈喽，想麻烦您一下，{}"),
    "en": ("Hi there, hope you are well. {}. Thank you!", "Hello! Sorry to bother you. {}, please."),
}
_IMPATIENT: Final[Phrases] = {
    "zh": ("{}，快点", "{}，能不能快一点"),
    "en": ("{}, and please be quick", "{}. Come on, hurry up"),
}
_BRIEF_YES: Final[Phrases] = {"zh": ("是", "对"), "en": ("yes", "ok")}
_YES: Final[Phrases] = {"zh": ("是的", "对，没问题", "确认"), "en": ("yes", "yes, that is right", "yes please")}
_NO: Final[Phrases] = {"zh": ("不用了，谢谢",), "en": ("no, thank you",)}
_UNKNOWN: Final[Phrases] = {"zh": ("我不知道",), "en": ("I don't know",)}
_PERSON: Final[Phrases] = {"zh": ("转人工",), "en": ("I want to talk to a person",)}
_CHANGE: Final[Phrases] = {
    "zh": ("等等，我说错了，应该是{}", "不对，应该是{}"),
    "en": ("wait, I got that wrong, it should be {}", "no, sorry, it should be {}"),
}
# Characters that are mistaken for each other when typed by sound or shape.
_MISTYPED: Final[Mapping[str, str]] = {
    "订单": "定单", "地址": "地只", "预约": "预约约", "吗": "嘛", "在": "再", "的": "得", "投诉": "投诉诉",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{5,}")


def opening(text: str, temperament: Sequence[Temperament], language: Language, chance: random.Random) -> str:
    """The first words."""
    said = _mistyped(text, language, chance) if "typos" in temperament else text
    return chance.choice(list(_CHATTY_OPENING[language])).format(said) if "chatty" in temperament else said


def answer(text: str, temperament: Sequence[Temperament], language: Language, chance: random.Random) -> str:
    """The answer to a question."""
    if "chatty" in temperament:
        return chance.choice(list(_CHATTY[language])).format(text)
    if "impatient" in temperament:
        return chance.choice(list(_IMPATIENT[language])).format(text)
    return text


def yes(temperament: Sequence[Temperament], language: Language, chance: random.Random) -> str:
    phrases = _BRIEF_YES if {"brief", "impatient"} & set(temperament) else _YES
    return chance.choice(list(phrases[language]))


def no(language: Language, chance: random.Random) -> str:
    return chance.choice(list(_NO[language]))


def unknown(language: Language, chance: random.Random) -> str:
    return chance.choice(list(_UNKNOWN[language]))


def person(language: Language, chance: random.Random) -> str:
    return chance.choice(list(_PERSON[language]))


def change(text: str, language: Language, chance: random.Random) -> str:
    """A value corrected."""
    return chance.choice(list(_CHANGE[language])).format(text)


def everything(goal: str, facts: Sequence[str], language: Language) -> str:
    """The goal and all that is known, in one breath."""
    joint = "，" if language == "zh" else ", "
    return joint.join([goal.rstrip("。.!！?？"), *facts])


def _mistyped(text: str, language: Language, chance: random.Random) -> str:
    """One slip of the fingers; the text itself where there is no place for one."""
    if language == "zh":
        known = [right for right in _MISTYPED if right in text]
        return text.replace(chosen := chance.choice(known), _MISTYPED[chosen], 1) if known else text
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = chance.choice(words)
    place = word.start() + chance.randrange(1, len(word[0]) - 2)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
