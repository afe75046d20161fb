"""What a visitor does not want: the flow that it names is refused, and only by a clause that says nothing else."""

import pytest
from tests.dialogue.parcels import FLOWS

from chatwright.dialogue.understanding.refusals import read_refusals, words_of_flow

WORDS = {name: words_of_flow(FLOWS[name]) for name in ("return_parcel", "book_visit")}


@pytest.mark.parametrize(
    ("text", "refused", "rest"),
    [
        ("no need to return the order then", {"return_parcel"}, ""),
        ("I don't want to return anything", {"return_parcel"}, ""),
        ("actually leave the refund, where are you?", set(), "actually leave the refund, where are you?"),
        ("forget the visit, I want to return my order", {"book_visit"}, "i want to return my order"),
        ("不用退款了，我想预约参观", {"return_parcel"}, "我想预约参观"),
        ("我不想退货了", {"return_parcel"}, ""),
        ("I don't want it, please take this parcel back", set(), "i don't want it, please take this parcel back"),
        ("I don't want the purple lamp", set(), "i don't want the purple lamp"),
        ("forget the address I gave you", set(), "forget the address i gave you"),
        ("不想要了，我要退货", set(), "不想要了, 我要退货"),
        ("I want to return my order", set(), "i want to return my order"),
    ],
)
def test_refusals(text: str, refused: set[str], rest: str) -> None:
    assert read_refusals(text, WORDS) == (frozenset(refused), rest)
