"""Values of a message go into slots: which are taken, which clash, which come too early."""

from pathlib import Path
from typing import Any

import pytest
from tests.dialogue.shop import FLOWS, YES, Shop, open_shop, put, start

from chatwright.dialogue.commands import Command, SetSlot, SkipQuestion
from chatwright.messages import Language


@pytest.fixture(params=["zh", "en"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    language: Language = request.param
    return open_shop(tmp_path, language=language)


def by(extractor: Any, slot: str, value: Any) -> SetSlot:
    return SetSlot(slot=slot, value=value, extractor=extractor)


@pytest.mark.parametrize(
    ("commands", "slots"),
    [
        ([put("order_id", "ab 1234")], {"order_id": "AB1234"}),
        ([put("order_id", "AB1234"), put("order_id", "AB1234")], {"order_id": "AB1234"}),
        ([put("order_id", "AB1234"), put("order_id", "ab1234")], {"order_id": "AB1234"}),
        ([put("order_id", "AB1234"), put("order_id", "CD5678")], {}),
        ([put("order_id", "AB1234"), put("order_id", "rubbish")], {"order_id": "AB1234"}),
        ([put("order_id", "rubbish")], {}),
        ([put("reason", "商品损坏")], {"reason": "broken"}),
        ([put("reason", "It is broken")], {"reason": "broken"}),
        ([put("guests", 3)], {}),
        ([put("nowhere", 3)], {}),
        ([put("newsletter", True)], {}),
        ([by("caller", "newsletter", True)], {"newsletter": True}),
        ([by("button", "newsletter", True)], {"newsletter": True}),
        ([by("model", "newsletter", True)], {}),
        ([put("order_id", None)], {}),
        ([put("order_id", ["AB1234"])], {}),
        ([put("order_id", {"a": 1})], {}),
        ([put("order_id", float("nan"))], {}),
    ],
    ids=range(18),
)  # fmt: skip
def test_what_is_taken(shop: Shop, commands: list[Command], slots: dict[str, Any]) -> None:
    shop.say(start("return_parcel"), *commands)
    assert dict(shop.state.slots) == {"is_member": False, **slots}


def test_a_clash_is_asked_about_and_settled_by_a_button(shop: Shop) -> None:
    said = shop.say(
        start("return_parcel"), put("order_id", "AB1234"), put("reason", "broken"), put("reason", "unwanted")
    )
    assert len(said.splitlines()) == 1
    assert (shop.state.asked, shop.state.alternatives) == ("reason", ("broken", "unwanted"))
    button = list(shop.button.values())[1]
    assert button.value == "unwanted"
    shop.say(button)
    assert shop.state.slots["reason"] == "unwanted"
    assert shop.state.alternatives == ()
    assert shop.state.asked == "confirmed_action"


def test_a_clashing_correction_changes_nothing(shop: Shop) -> None:
    shop.say(start("return_parcel"), put("order_id", "AB1234"), put("reason", "wrong_item"))
    shop.say(put("reason", "broken"), put("reason", "unwanted"))
    assert shop.state.slots["reason"] == "wrong_item"
    shop.say(YES)
    assert shop.calls == []


def test_an_emptied_slot_is_asked_again(shop: Shop) -> None:
    shop.say(start("return_parcel"), put("order_id", "AB1234"), put("reason", "wrong_item"))
    shop.say(put("order_id", None))
    assert shop.state.asked == "order_id"
    assert "reason" not in shop.state.slots
    shop.say(put("order_id", "CD5678"))
    assert shop.state.asked == "confirmed_action"  # the reason was said, and is taken again
    assert shop.state.slots["reason"] == "wrong_item"


def test_an_optional_question_may_be_left_out(tmp_path: Path) -> None:
    flows = (
        FLOWS
        + "  optional:\n    description: d\n    steps: [{collect: note, metadata: {optional: true}}, {collect: guests}, {action: utter_noted}]\n"
    )
    shop = open_shop(tmp_path, flows=flows)
    shop.say(start("optional"))
    shop.say(SkipQuestion())
    assert shop.state.asked == "guests"
    shop.say(put("note", "after all"))
    assert (shop.state.asked, shop.state.slots["note"]) == ("guests", "after all")
    shop.say(put("guests", 2))
    assert shop.names("flow_completed") == ["optional"]


def test_other_answers_change_nothing_while_a_value_is_asked(shop: Shop) -> None:
    shop.say(start("leave_notes"))
    shop.say(put("again", True))  # asked later, and only then filled
    assert "again" not in shop.state.slots
    assert shop.state.asked == "note"
