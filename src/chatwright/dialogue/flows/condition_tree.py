"""The tree that a condition is read into, and what each part of it is worth for given slots and context.

In: slots and context. Out: true or false; nothing here raises: what is missing is null, values of different types are
neither equal nor ordered. `condition.py` builds the trees.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_MATCHED_CHARS = 4000


class Empty:
    """The constant `empty`: null, "", [] and {} equal it."""


EMPTY = Empty()


@dataclass(frozen=True, slots=True)
class Value:
    """A constant."""

    value: Any

    def read(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    """A slot or a place in the context; what is not there is null."""

    is_context: bool
    path: tuple[str, ...]

    def read(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        value: Any = context if self.is_context else slots
        for key in self.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


@dataclass(frozen=True, slots=True)
class Together:
    """Several values written together."""

    items: tuple["Operand", ...]

    def read(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        return [item.read(slots, context) for item in self.items]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The right side of `matches`, compiled when the condition was read."""

    validator: Any

    def found_in(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return False
        text = str(value)
        return len(text) <= MAX_MATCHED_CHARS and bool(self.validator.is_valid(text))


Operand = Value | Name | Together


@dataclass(frozen=True, slots=True)
class Truth:
    """A value by itself: true when it is neither null, false, zero nor empty."""

    operand: Operand

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        return bool(self.operand.read(slots, context))


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: Operand
    right: Operand | Pattern

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        left = self.left.read(slots, context)
        if isinstance(self.right, Pattern):
            return self.right.found_in(left)
        right = self.right.read(slots, context)
        match self.operator:
            case "=":
                return _equal(left, right)
            case "!=":
                return not _equal(left, right)
            case "contains":
                return _contains(left, right)
            case "in":
                return _contains(right, left)
            case _:
                return _ordered(self.operator, left, right)


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Node"

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        return not self.inner.holds(slots, context)


@dataclass(frozen=True, slots=True)
class Either:
    """`and` of all, or `or` of any."""

    is_all: bool
    items: tuple["Node", ...]

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        held = (item.holds(slots, context) for item in self.items)
        return all(held) if self.is_all else any(held)


Node = Truth | Compare | Not | Either


def _equal(left: Any, right: Any) -> bool:
    if left is EMPTY or right is EMPTY:
        other = right if left is EMPTY else left
        return other is EMPTY or other is None or (isinstance(other, str | list | tuple | Mapping) and len(other) == 0)
    first, second = _comparable(left), _comparable(right)
    if isinstance(first, bool) != isinstance(second, bool):
        return False
    return bool(first == second)


def _ordered(operator: str, left: Any, right: Any) -> bool:
    first, second = _comparable(left), _comparable(right)
    if isinstance(first, bool) or isinstance(second, bool):
        return False
    is_number = isinstance(first, int | float) and isinstance(second, int | float)
    if not is_number and not (isinstance(first, str) and isinstance(second, str)):
        return False
    if operator in ("<", "<="):
        return bool(first < second or (operator == "<=" and first == second))
    return bool(first > second or (operator == ">=" and first == second))


def _comparable(value: Any) -> Any:
    """An amount of money counts as its number, so that `slots.refund > 500` means what it says."""
    if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
        try:
            return float(value["amount"])
        except (TypeError, ValueError):
            return None
    return list(value) if isinstance(value, tuple) else value


def _contains(container: Any, item: Any) -> bool:
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple | Mapping):
        return any(_equal(one, item) for one in container)
    return False
