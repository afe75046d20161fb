"""Slips of the keyboard in the words of flows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.understanding.slips import Slips

SLIPS = Slips(["book an appointment", "renew my subscription", "续订"])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("bokk an apointment", "bokk an appointment"),
        ("rneew it", "renew it"),
        ("my subscripton", "my subscription"),
        ("Subscripption", "subscription"),
        ("boot an appointment", "boot an appointment"),
        ("renews", "renews"),
        ("renew@home.example", "renew@home.example"),
        ("续订 subscirption", "续订 subscription"),
    ],
)
def test_slips(text: str, meant: str) -> None:
    assert SLIPS.mend(text) == meant


@given(st.text(max_size=200))
def test_mending_twice_mends_no_more(text: str) -> None:
    assert SLIPS.mend(SLIPS.mend(text)) == SLIPS.mend(text)
