from typing import Any

import pytest

from chatwright.actions.json_pointer import slots_from, value_at

ORDER = {"order": {"items": [{"name": "茶"}, {"name": "cup"}], "a/b": 1, "m~n": 2, "": 3}, "0": "zero"}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", ORDER),
        ("/order/items/0/name", "茶"),
        ("/order/items/1/name", "cup"),
        ("/order/items/2/name", None),
        ("/order/items/-", None),
        ("/order/items/一", None),
        ("/order/items/name", None),
        ("/order/items/99999999999999999999", None),
        ("/order/a~1b", 1),
        ("/order/m~0n", 2),
        ("/order/", 3),
        ("/0", "zero"),
        ("/order/items/0/name/x", None),
    ],
)
def test_pointers_find_what_rfc_6901_says(pointer: str, value: Any) -> None:
    assert value_at(ORDER, pointer) == value


def test_slots_from_nothing_are_empty() -> None:
    assert slots_from(None, {"a": "/x", "b": ""}) == {"a": None, "b": None}
