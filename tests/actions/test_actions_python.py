import asyncio
import threading
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Optional

import pytest
from pydantic import BaseModel
from tests.actions.conftest import call, run

from chatwright.actions import action
from chatwright.actions.python import PythonAction
from chatwright.actions.registry import ActionRegistry
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall, ActionResult, Utterance


@dataclass
class Address:
    city: str
    zip: str = ""


class Item(BaseModel):
    sku: str
    count: int = 1


@action
def order_status(order_id: str, carrier: Literal["顺丰", "ups"] = "ups") -> dict[str, Any]:
    """Where an order is.

    Not part of the description.
    """
    return {"order_status": f"{order_id} by {carrier}"}


@action(name="book_visit", writes=True, idempotent=True, description="预约", timeout_s=3)
async def book(day: date, people: int, note: Optional[str], vip: bool = False) -> ActionResult:  # noqa: UP045 - as people write it
    await asyncio.sleep(0)
    said = f"{day.isoformat()} {people} {note} {vip}"
    return ActionResult(slots={"visit": day, "people": people}, utterances=(Utterance(text=said),))


@action
def nested(address: Address, items: list[Item]) -> str:
    return f"{type(address).__name__} {address.city} {sum(item.count for item in items)} {type(items[0]).__name__}"


@action
def with_call(call: ActionCall, copy: str) -> dict[str, Any]:
    return {"who": call.user, "copy": copy, "thread": threading.current_thread().name}


def outcome(function: Any, **arguments: Any) -> ActionResult:
    registry = ActionRegistry([PythonAction(function)])
    return run(registry.run(call(registry.names[0], arguments=arguments)))


def test_the_signature_is_the_schema() -> None:
    made = PythonAction(order_status)
    assert (made.name, made.description) == ("order_status", "Where an order is.")
    assert made.parameters["properties"]["order_id"]["type"] == "string"
    assert made.parameters["properties"]["carrier"]["enum"] == ["顺丰", "ups"]
    assert made.parameters["required"] == ["order_id"]
    assert made.parameters["additionalProperties"] is False
    assert (made.is_write, made.is_idempotent) == (False, False)


def test_the_decorator_says_the_rest_and_leaves_the_function_alone() -> None:
    made = PythonAction(book)
    assert (made.name, made.description, made.timeout_s) == ("book_visit", "预约", 3)
    assert (made.is_write, made.is_idempotent) == (True, True)
    assert made.parameters["properties"]["day"]["format"] == "date"
    assert made.parameters["required"] == ["day", "people"]
    assert order_status("7") == {"order_status": "7 by ups"}


def test_values_arrive_in_the_types_of_the_signature() -> None:
    assert outcome(order_status, order_id=77, carrier="顺丰").slots == {"order_status": "77 by 顺丰"}
    booked = outcome(book, day="2027-03-01", people="4", vip="是")
    assert booked.slots == {"visit": "2027-03-01", "people": 4}
    assert booked.utterances[0].text == "2027-03-01 4 None True"
    said = outcome(nested, address={"city": "上海"}, items=[{"sku": "a", "count": 2}, {"sku": "b"}])
    assert said.utterances[0].text == "Address 上海 3 Item"


def test_a_parameter_may_be_the_call_itself_and_plain_functions_run_in_a_thread() -> None:
    assert outcome(with_call, copy="yes").slots == {"who": "u1", "copy": "yes", "thread": "action"}


@pytest.mark.parametrize(
    ("function", "arguments", "told"),
    [
        (order_status, {}, "order_id"),
        (order_status, {"order_id": "1", "carrier": "dhl"}, "carrier"),
        (order_status, {"order_id": "1", "more": 1}, "more"),
        (book, {"day": "下周三", "people": 1}, "day"),
        (book, {"day": "2027-03-01", "people": "many"}, "people"),
        (nested, {"address": {"zip": "1"}, "items": []}, "address"),
    ],
)
def test_values_that_do_not_fit_are_rejected_by_name(function: Any, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ActionError, match=told) as caught:
        outcome(function, **arguments)
    assert caught.value.code == "rejected"


@pytest.mark.parametrize(
    ("returned", "result"),
    [
        (None, ActionResult()),
        ("", ActionResult()),
        ("好", ActionResult(utterances=(Utterance(text="好"),))),
        ({"a": 1}, ActionResult(slots={"a": 1})),
        (Utterance(response="utter_x"), ActionResult(utterances=(Utterance(response="utter_x"),))),
    ],
)
def test_results_of_every_kind(returned: Any, result: ActionResult) -> None:
    @action
    def act() -> Any:
        return returned

    assert outcome(act) == result


@pytest.mark.parametrize(
    "returned", [3, [1], object(), {"x": object()}, {1: 2}], ids=["int", "list", "object", "value", "key"]
)
def test_results_of_no_kind_are_a_bad_reply(returned: Any) -> None:
    @action
    def act() -> Any:
        return returned

    with pytest.raises(ActionError) as caught:
        outcome(act)
    assert caught.value.code == "bad_reply"


@pytest.mark.parametrize(
    "raised", [ValueError("token=abc"), StopIteration(), SystemExit(3), KeyError("客户"), RecursionError()], ids=repr
)
def test_a_function_that_raises_fails_with_its_line_and_without_its_words(raised: BaseException) -> None:
    @action
    def act() -> None:
        raise raised

    with pytest.raises(ActionError, match=r"test_actions_python\.py:\d+|SystemExit|StopIteration") as caught:
        outcome(act)
    assert caught.value.code == "failed"
    assert "token=abc" not in str(caught.value)
    assert "客户" not in str(caught.value)


def test_a_function_may_decline() -> None:
    @action
    def act() -> None:
        raise ActionError("没有库存", code="rejected")

    with pytest.raises(ActionError, match="没有库存") as caught:
        outcome(act)
    assert caught.value.code == "rejected"


def test_a_hanging_function_does_not_hold_the_bot() -> None:
    release = threading.Event()

    @action(timeout_s=0.05)
    def act() -> None:
        release.wait(30)

    with pytest.raises(ActionError) as caught:
        outcome(act)
    release.set()
    assert caught.value.code == "timeout"


def test_threads_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    @action(timeout_s=5)
    def act() -> None:
        release.wait(30)

    monkeypatch.setattr("chatwright.actions.threads._free", threading.BoundedSemaphore(1))
    registry = ActionRegistry([PythonAction(act)])

    async def two() -> list[Any]:
        first = asyncio.create_task(registry.run(call("act")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        try:
            await registry.run(call("act"))
        except ActionError as err:
            release.set()
            return [err.code, await first]
        raise AssertionError("the second had a thread")

    assert run(two()) == ["failed", ActionResult()]


def untyped(order) -> None:  # type: ignore[no-untyped-def]
    """No type."""


def many(*orders: str) -> None:
    """Has no names."""


def keywords(**orders: str) -> None:
    """Has no names."""


def positional(order: str, /) -> None:
    """Has no name."""


def strange(lock: threading.Thread) -> None:
    """Takes what no JSON value becomes."""


def unknown(order: "Ordr") -> None:  # type: ignore[name-defined]  # noqa: F821
    """Names a type that is not there."""


@pytest.mark.parametrize("function", [untyped, many, keywords, positional, strange, unknown], ids=lambda f: f.__name__)
def test_signatures_that_say_too_little_are_refused_with_their_line(function: Any) -> None:
    with pytest.raises(ConfigError, match=r"test_actions_python\.py:\d+") as caught:
        PythonAction(action(function))
    assert function.__name__ in caught.value.message


def test_the_decorator_stands_before_functions_only() -> None:
    with pytest.raises(ConfigError, match="not a function"):
        action(Address)
