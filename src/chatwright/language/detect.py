"""Says which of the two first languages a text is in, by its script. In: text. Out: "zh", "en" or None.

Chinese text is full of Latin product names, so one Han character weighs as much as one Latin word.
"""

import re

from chatwright.messages import Language

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
_CODE = re.compile(r"(?<![^\W_])[A-Za-z]{0,6}[-_]?\d[\w.:@/+-]{0,60}|[\w.+-]{1,64}@[\w.-]{1,190}", re.ASCII)
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-z]+)*")


def has_han(text: str) -> bool:
    """True if there is at least one Chinese character."""
    return _HAN.search(text) is not None


def detect_language(text: str, default: Language = "en") -> Language:
    """ "zh" when at least a third of the words are Chinese (one character, one word); `default` without letters."""
    han = len(_HAN.findall(text))
    words = len(_LATIN_WORD.findall(text))
    if han + words == 0:
        return default
    return "zh" if han * 3 >= han + words else "en"


def without_codes(text: str) -> str:
    """`text` without order numbers, phone numbers, e-mail addresses and the like, which say nothing of its language."""
    return _CODE.sub(" ", text)
