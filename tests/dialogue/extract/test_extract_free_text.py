"""Free text, as it was said: without its lead-in, with the marks that belong to it."""

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.free_text import read_free_text
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("@MaryLu", "@MaryLu"),
        ("it's @foo", "@foo"),
        ("It is LM12.", "LM12."),
        ("是LM12", "LM12"),
        ("$5 off", "$5 off"),
        ("it's not broken at all", "it's not broken at all"),
        ("- it is because of rain", "rain"),
        ("因为下雨了", "下雨了"),
        ("是我妈妈送的", "是我妈妈送的"),
    ],
)
def test_the_lead_in_is_left_out(text: str, value: str) -> None:
    found = read_free_text(Slot(name="handle"), text, fold_in_place(text), is_asked=True)
    assert found is not None
    assert found.value == value
    assert text[found.start : found.end] == value
