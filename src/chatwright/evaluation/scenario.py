"""A simulated user with a goal and a temperament, and what must come of the conversation, as values.

The shape is Rasa's scenario (`simulation_context`, `setup`, `goals`) with `user`, which is ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from chatwright.evaluation.assertions import Assertion, Named, names_in
from chatwright.messages import Language

Temperament = Literal[
    "plain", "brief", "chatty", "impatient", "changes_mind", "digresses", "all_at_once", "typos"
]  # fmt: skip
TEMPERAMENTS: Final[Mapping[str, str]] = {
    "plain": "answers what is asked",
    "brief": "says as little as possible",
    "chatty": "talks around every answer",
    "impatient": "urges, and takes the offer of a person",
    "changes_mind": "gives `at_first` values first and corrects them afterwards",
    "digresses": "asks one of `questions` instead of answering, then answers",
    "all_at_once": "opens with everything it knows",
    "typos": "mistypes its opening",
}
DEFAULT_MAX_TURNS = 15
DEFAULT_MAX_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedUser:
    """Who talks to the bot. goal: ways of saying what is wanted, tried in order. flow: the process that is meant.

    facts: slot, or words of the bot's question → what the user says to it. at_first: what they say first where they
    will change it. script: lines to say in order instead of all this. context: a briefing for a model that plays them.
    """

    by: Literal["script", "model"] = "script"
    goal: tuple[str, ...] = ()
    flow: str = ""
    temperament: tuple[Temperament, ...] = ("plain",)
    facts: Mapping[str, str] = field(default_factory=dict)
    at_first: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One simulated conversation. criteria: sentences for a judging model. seed None: that of the run."""

    name: str
    path: Path
    line: int
    user: SimulatedUser
    language: Language = "en"
    slots: Mapping[str, Any] = field(default_factory=dict)
    stubs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    assertions: tuple[Assertion, ...] = ()
    criteria: tuple[str, ...] = ()
    seed: int | None = None
    max_turns: int = DEFAULT_MAX_TURNS
    max_seconds: float = DEFAULT_MAX_SECONDS
    named: tuple[Named, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.path}::{self.name}"


def scenario_names(scenario: Scenario) -> Iterator[Named]:
    """Everything of the bot folder that the scenario speaks of."""
    yield from scenario.named
    for assertion in scenario.assertions:
        yield from names_in(assertion)
