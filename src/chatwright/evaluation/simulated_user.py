"""A user who talks to the bot by script: knows facts, has a temperament, and says the same for the same seed.

In: the turns so far. Out: what the user says next, None when they have nothing more to say. It sees what the bot waits
for (a slot, a yes, a choice), as a person sees it from the question; it never sees how the bot decided.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chatwright.evaluation import temperament as manner
from chatwright.evaluation.scenario import SimulatedUser
from chatwright.evaluation.turn_trace import TurnTrace
from chatwright.language.fold import fold
from chatwright.messages import Language

PATIENCE = 3  # times that the same is asked before the user wants a person, or goes


class UserSimulator(Protocol):
    """Whoever plays the user."""

    async def speak(self, turns: Sequence[TurnTrace]) -> str | None: ...


@dataclass(slots=True)
class ScriptedUser:
    """One conversation's user."""

    user: SimulatedUser
    language: Language
    chance: random.Random
    num_said: int = 0  # of script lines, or of goal wordings
    asked: list[str] = field(default_factory=list)  # slots, in the order in which the bot asked
    changes: dict[str, str] = field(default_factory=dict)  # said wrongly at first, still to be corrected
    given: set[str] = field(default_factory=set)
    num_questions: int = 0
    is_leaving: bool = False

    async def speak(self, turns: Sequence[TurnTrace]) -> str | None:
        """The next message."""
        if self.user.script:
            return self._next_of(self.user.script)
        spoken = [turn for turn in turns if turn.said]
        if not spoken:
            return self._open()
        return self._reply(spoken)

    def _next_of(self, lines: Sequence[str]) -> str | None:
        self.num_said += 1
        return lines[self.num_said - 1] if self.num_said <= len(lines) else None

    def _open(self) -> str | None:
        goal = self._next_of(self.user.goal)
        if goal is None:
            return None
        if "all_at_once" in self.user.temperament and self.num_said == 1:
            facts = [self.user.at_first.get(name, fact) for name, fact in self.user.facts.items()]
            self.given |= set(self.user.facts)
            self.changes |= {name: self.user.facts[name] for name in self.user.at_first}
            goal = manner.everything(goal, facts, self.language)
        return manner.opening(goal, self.user.temperament, self.language, self.chance)

    def _reply(self, turns: Sequence[TurnTrace]) -> str | None:
        last = turns[-1]
        if self.is_leaving or last.outcome == "handed_over":
            return None
        if last.asking in ("slot", "confirmation") and (changed := self._change(last)):
            return changed
        match last.asking:
            case "slot":
                return self._answer(last)
            case "confirmation":
                return manner.yes(self.user.temperament, self.language, self.chance)
            case "choice":
                return self._choose(last)
            case "person":
                return self._after_offer(turns)
        return None if self._is_done(turns) else self._open()

    def _change(self, last: TurnTrace) -> str:
        """The correction of what was said at first, once the bot has taken it and goes on."""
        for name, right in list(self.changes.items()):
            if last.asked != name:
                del self.changes[name]
                return manner.change(right, self.language, self.chance)
        return ""

    def _answer(self, last: TurnTrace) -> str | None:
        self.asked.append(last.asked)
        if self.asked.count(last.asked) > PATIENCE:
            return self._leave()
        if "digresses" in self.user.temperament and self.num_questions < len(self.user.questions):
            self.num_questions += 1
            self.asked.pop()
            return self.user.questions[self.num_questions - 1]
        fact = self._fact(last)
        if fact is None:
            return manner.unknown(self.language, self.chance) if self.asked.count(last.asked) == 1 else self._leave()
        return manner.answer(fact, self.user.temperament, self.language, self.chance)

    def _fact(self, last: TurnTrace) -> str | None:
        """What is known of the slot that is asked, or of something that the question names."""
        name = last.asked if last.asked in self.user.facts else self._named_in(last.answer)
        if name is None:
            return None
        first = self.user.at_first.get(name)
        if first is not None and name not in self.given:
            self.given.add(name)
            self.changes[name] = self.user.facts[name]
            return first
        self.given.add(name)
        self.changes.pop(name, None)  # asked again before it was corrected: now it is said rightly
        return self.user.facts[name]

    def _named_in(self, question: str) -> str | None:
        folded = fold(question)
        return next((name for name in self.user.facts if fold(name) in folded), None)

    def _choose(self, last: TurnTrace) -> str | None:
        """Presses the button of the process that is meant; says the goal in other words when it is not offered."""
        wanted = [button for button in last.buttons if self.user.flow and f"={self.user.flow})" in button.payload]
        chosen = wanted or ([] if self.user.flow else list(last.buttons))
        return chosen[0].payload if chosen else self._open()

    def _after_offer(self, turns: Sequence[TurnTrace]) -> str | None:
        if self.num_said < len(self.user.goal) and not self._is_done(turns):
            return self._open()
        if "impatient" in self.user.temperament:
            return self._leave()
        self.is_leaving = True
        return manner.no(self.language, self.chance)

    def _leave(self) -> str:
        self.is_leaving = True
        return manner.person(self.language, self.chance)

    def _is_done(self, turns: Sequence[TurnTrace]) -> bool:
        """The process that was meant has come to an end; without one, the bot has answered."""
        ended = [
            event.get("flow")
            for turn in turns
            for event in turn.events
            if event.get("event") in ("flow_completed", "flow_cancelled")
        ]
        return self.user.flow in ended if self.user.flow else turns[-1].outcome in ("answered", "flow")


def scripted_user(user: SimulatedUser, language: Language, seed: int) -> ScriptedUser:
    """A user whose choices of words follow from `seed`."""
    return ScriptedUser(user=user, language=language, chance=random.Random(seed))  # noqa: S311 - words, not secrets
