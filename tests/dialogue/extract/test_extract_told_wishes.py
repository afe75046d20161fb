"""Whether somebody wants to be called, heard unasked."""

import pytest

from chatwright.dialogue.extract.told_wishes import read_told_wish
from chatwright.language.in_place import fold_in_place

CALL, MAIL = "call back 回电", "email 邮件"


@pytest.mark.parametrize(
    ("about", "text", "value"),
    [
        (CALL, "The parcel is late. You don't need to call me.", False),
        (CALL, "please ring me back", True),
        (CALL, "Could you call me please", True),
        (CALL, "包裹丢了，无需回电", False),
        (CALL, "别给我打电话", False),
        (CALL, "请尽快给我回电话", True),
        (CALL, "nobody ever called me", None),
        (CALL, "客服一直不回电话", None),
        (CALL, "do not email me", None),
        (MAIL, "don't email me", False),
        (MAIL, "请发邮件给我", True),
        ("newsletter", "please call me", None),
    ],
)  # fmt: skip
def test_wishes(about: str, text: str, value: bool | None) -> None:
    found = read_told_wish(about, fold_in_place(text))
    assert (found.value if found else None) is value
    if found:
        assert 0 <= found.start < found.end <= len(text)
