"""A scripted test of a conversation, as values: what the user says and what must come of it (Rasa's shape)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatwright.evaluation.assertions import Assertion, Named, SlotExpectation, names_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """line: where it is written."""

    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStep(Step):
    """The user says something. is_ordered: each assertion must be met after the one before it."""

    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    assertions: tuple[Assertion, ...] = ()
    is_ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStep(Step):
    """The bot said this text in the turn."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UtterStep(Step):
    """The bot said this response in the turn."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotStep(Step):
    """These slots were, or were not, set in the turn."""

    slots: tuple[SlotExpectation, ...]
    is_set: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTest:
    """One conversation. slots: what it begins with. stubs: action → `{events, responses}`, never run."""

    name: str
    path: Path
    line: int
    steps: tuple[Step, ...]
    slots: Mapping[str, Any] = field(default_factory=dict)
    stubs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    named: tuple[Named, ...] = ()  # by fixtures and stubs

    @property
    def id(self) -> str:
        """`path::name`, by which one test is chosen."""
        return f"{self.path}::{self.name}"


def case_names(case: ConversationTest) -> Iterator[Named]:
    """Everything of the bot folder that the case speaks of."""
    yield from case.named
    for step in case.steps:
        if isinstance(step, UserStep):
            for assertion in step.assertions:
                yield from names_in(assertion)
        elif isinstance(step, UtterStep):
            yield Named(kind="response", name=step.name, line=step.line)
        elif isinstance(step, SlotStep):
            yield from (Named(kind="slot", name=slot.name, line=slot.line) for slot in step.slots)
