from typing import Any

import pytest

from chatwright.actions.arguments import ArgumentCheck, arguments_from_slots, coerced
from chatwright.errors import ActionError, ConfigError


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@pytest.mark.parametrize(
    ("kind", "value", "made"),
    [
        ({"type": "integer"}, "3", 3),
        ({"type": "integer"}, " -3 ", -3),
        ({"type": "integer"}, 3.0, 3),
        ({"type": "integer"}, "3.5", "3.5"),
        ({"type": "integer"}, "9" * 40, "9" * 40),
        ({"type": "integer"}, True, True),
        ({"type": "number"}, "3.5", 3.5),
        ({"type": "number"}, "nan", "nan"),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "boolean"}, "是", True),
        ({"type": "boolean"}, "No", False),
        ({"type": "boolean"}, "maybe", "maybe"),
        ({"type": "string"}, 12345.0, "12345"),
        ({"type": "string"}, 1.5, "1.5"),
        ({"type": "string"}, True, True),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "7", 7),
        ({"type": ["null", "number"]}, "7", 7.0),
        ({"type": ["string", "integer"]}, "7", "7"),
        ({"enum": ["a"]}, "a", "a"),
        ({}, "7", "7"),
    ],
)
def test_values_become_what_the_schema_asks_for(kind: dict[str, Any], value: Any, made: Any) -> None:
    found = coerced(schema(x=kind), {"x": value})["x"]
    assert found == made
    assert type(found) is type(made)


def test_arguments_come_from_the_slots_that_have_a_value() -> None:
    slots = {"order": 42.0, "email": None, "unrelated": 1}
    assert arguments_from_slots(schema(order={"type": "string"}, email={}), slots) == {"order": "42"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, '"n" is a required'),
        ({"n": "x"}, "argument 'n'"),
        ({"n": 1, "extra": 1}, "extra"),
        ({"n": "long " * 1000}, "…"),
    ],
)
def test_what_does_not_fit_is_rejected_by_name(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ActionError, match="was not run") as caught:
        ArgumentCheck("act", schema(n={"type": "integer"})).check(arguments)
    assert caught.value.code == "rejected"
    assert told in caught.value.message
    assert len(caught.value.message) < 400


def test_dates_are_checked() -> None:
    check = ArgumentCheck("act", schema(day={"type": "string", "format": "date"}))
    check.check({"day": "2027-02-28"})
    with pytest.raises(ActionError, match="day"):
        check.check({"day": "2027-02-30"})


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "objekt"},
        {"$ref": "http://127.0.0.1:9/schema"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"x": {"pattern": "(a+)+(?=b)"}}},
    ],
    ids=["type", "remote", "file", "lookahead"],
)
def test_schemas_that_cannot_be_used_are_the_owners_error(broken: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="'act'"):
        ArgumentCheck("act", broken)
