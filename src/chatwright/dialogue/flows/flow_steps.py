"""Reads the steps of a flow, nested ones made flat. In: the YAML of `steps:`. Out: Steps by id, in the order written.

A step without an id gets Rasa's: its number, counted from 0 through nested steps as well, and what it does
(`2_collect_amount`). A step without `next` goes on to the following one; the last ends the flow. The last step of a
branch must say where it goes on. Problems go to the Findings.
"""

from collections.abc import Mapping
from typing import Any

from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow import (
    END,
    ActionStep,
    Branch,
    CallStep,
    CollectStep,
    LinkStep,
    NoopStep,
    Rejection,
    SetSlotsStep,
    Step,
)
from chatwright.dialogue.flows.folder_yaml import Findings, Keys, as_text
from chatwright.errors import ConfigError, nearest
from chatwright.yamlfile import YamlFile

MAX_STEPS = 500
MAX_NESTING = 12
_OLD_KEYS: Mapping[str, str] = {"collect_information": "collect", "question": "collect"}
_OLD_UNUSED = frozenset({"entry_prompt", "generation_prompt", "scope"})
_UNUSED = frozenset({"force_slot_filling", "silence_timeout", "entities", "exit_if", "mapping"})
_KINDS = ("action", "collect", "set_slots", "link", "call", "noop")
_SHARED = frozenset({"id", "next", "metadata", "description", *_UNUSED, *_OLD_UNUSED})
_OF_KIND: Mapping[str, frozenset[str]] = {
    "collect": frozenset({"utter", "ask_before_filling", "reset_after_flow_ends", "rejections"}),
}


def read_steps(file: YamlFile, keys: Keys, flow_id: str, value: Any, findings: Findings) -> dict[str, Step]:
    """The steps of one flow; empty when none could be read."""
    if not value:
        findings.add(file, keys, f"Flow {flow_id!r} has no `steps`.", "Give it at least one.")
        return {}
    if isinstance(value, list) and _num_nested({"next": [{"else": value}]}) > MAX_STEPS:
        findings.add(file, keys, f"Flow {flow_id!r} has more than {MAX_STEPS} steps.", "Split it with call.")
        return {}
    reader = _Reader(file, findings)
    reader.sequence(keys, value, after=END, depth=0)
    reader.check_targets()
    return dict(sorted(reader.steps.items(), key=lambda item: reader.order[item[0]]))


class _Reader:
    """Walks nested steps depth first, numbering them."""

    def __init__(self, file: YamlFile, findings: Findings) -> None:
        self.steps: dict[str, Step] = {}
        self.order: dict[str, int] = {}
        self._file = file
        self._findings = findings
        self._num_steps = 0
        self._targets: list[tuple[Keys, str]] = []

    def sequence(self, keys: Keys, value: Any, after: str | None, depth: int) -> str:
        """Reads steps that follow each other; the id of the first. after: where the last goes on, None when unsaid."""
        if not self._findings.expect(self._file, keys, value, list, "Steps must be a list") or depth > MAX_NESTING:
            return END
        written = [(i, item) for i, item in enumerate(value) if self._is_step([*keys, i], item)]
        # The ids of a sequence are needed by the steps before them, so each step is numbered, with its nested ones,
        # before it is read.
        numbered = [(i, item, self._number(item)) for i, item in written]
        for place, (i, item, step_id) in enumerate(numbered):
            following = numbered[place + 1][2] if place + 1 < len(numbered) else after
            self._step([*keys, i], item, step_id, following, depth)
        return numbered[0][2] if numbered else END

    def _is_step(self, keys: Keys, item: Any) -> bool:
        expected = "A step must be a mapping with one of action, collect, set_slots, link, call, noop"
        return self._findings.expect(self._file, keys, item, dict, expected)

    def _number(self, item: dict[str, Any]) -> str:
        """The id of a step; counts it and what is nested in it."""
        number = self._num_steps
        self._num_steps += 1 + _num_nested(item)
        step_id = as_text(item.get("id")) or f"{number}_{_postfix(item)}"
        self.order.setdefault(step_id, number)
        return step_id

    def _step(self, keys: Keys, item: dict[str, Any], step_id: str, following: str | None, depth: int) -> None:
        item = self._renamed(keys, item)
        kinds = [kind for kind in _KINDS if kind in item]
        if step_id in self.steps or step_id == END:
            hint = "Ids are unique within a flow." if step_id != END else "END is the end of the flow."
            self._findings.add(self._file, [*keys, "id"], f"Two steps are called {step_id!r}.", hint)
            return
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            self._findings.add(
                self._file, keys, f"A step must have exactly one of {', '.join(_KINDS)}; this one has {found}."
            )
            kinds = kinds[:1] or ["noop"]
        kind = kinds[0]
        known = _SHARED | {kind} | _OF_KIND.get(kind, frozenset()) | set(kinds)
        self._findings.check_keys(self._file, keys, item, known, f"of a {kind} step")
        # Kept before its nested steps are read, so that the order and twins come out right.
        self.steps[step_id] = NoopStep(id=step_id, next=())
        resume = self._num_steps
        self._num_steps = self.order[step_id] + 1
        branches = self._next(keys, item, kind, following, depth)
        self._num_steps = max(resume, self._num_steps)
        metadata = item.get("metadata")
        shared: dict[str, Any] = {
            "id": step_id,
            "next": branches,
            "metadata": metadata if isinstance(metadata, dict) else {},
            "line": self._file.line_of(keys),
        }
        self.steps[step_id] = self._made(keys, item, kind, shared)

    def _renamed(self, keys: Keys, item: dict[str, Any]) -> dict[str, Any]:
        """The step with today's names for old keys."""
        for key in item:
            if key in _OLD_KEYS:
                self._findings.warn(self._file, [*keys, key], f"{key!r} is an old key.", f"Write {_OLD_KEYS[key]!r}.")
            elif key in _OLD_UNUSED | _UNUSED:
                self._findings.warn(self._file, [*keys, key], f"{key!r} has no effect here.", "Leave it out.")
        return {_OLD_KEYS.get(key, key): value for key, value in item.items()}

    def _made(self, keys: Keys, item: dict[str, Any], kind: str, shared: dict[str, Any]) -> Step:
        match kind:
            case "action":
                return ActionStep(action=self._name(keys, item, kind), **shared)
            case "collect":
                return self._collect(keys, item, shared)
            case "set_slots":
                return SetSlotsStep(values=self._values([*keys, kind], item[kind]), **shared)
            case "link":
                return LinkStep(flow=self._name(keys, item, kind), **shared)
            case "call":
                return CallStep(flow=self._name(keys, item, kind), **shared)
            case _:
                return NoopStep(**shared)

    def _name(self, keys: Keys, item: dict[str, Any], kind: str) -> str:
        value = item[kind]
        if not isinstance(value, str) or not value.strip():
            self._findings.add(self._file, [*keys, kind], f"`{kind}` must name one, not {value!r}.")
            return ""
        return value.strip()

    def _collect(self, keys: Keys, item: dict[str, Any], shared: dict[str, Any]) -> CollectStep:
        flags = {"ask_before_filling": False, "reset_after_flow_ends": True}
        for key in flags:
            written = item.get(key, flags[key])
            if self._findings.expect(self._file, [*keys, key], written, bool, f"`{key}` must be true or false"):
                flags[key] = written
        return CollectStep(
            slot=self._name(keys, item, "collect"),
            description=as_text(item.get("description")),
            utter=as_text(item.get("utter")),
            rejections=self._rejections([*keys, "rejections"], item.get("rejections")),
            ask_before_filling=flags["ask_before_filling"],
            reset_after_flow_ends=flags["reset_after_flow_ends"],
            **shared,
        )

    def _rejections(self, keys: Keys, value: Any) -> tuple[Rejection, ...]:
        if value is None or not self._findings.expect(self._file, keys, value, list, "`rejections` must be a list"):
            return ()
        read: list[Rejection] = []
        for i, item in enumerate(value):
            place = [*keys, i]
            if not self._findings.expect(self._file, place, item, dict, "A rejection must have `if` and `utter`"):
                continue
            self._findings.check_keys(self._file, place, item, ("if", "utter"), "of a rejection")
            if "if" not in item:
                self._findings.add(self._file, place, "A rejection has no `if`.")
                continue
            condition = self._condition([*place, "if"], item["if"])
            read.append(Rejection(condition=condition, utter=as_text(item.get("utter"))))
        return tuple(read)

    def _values(self, keys: Keys, value: Any) -> tuple[tuple[str, Any], ...]:
        items = value if isinstance(value, list) else [value]
        read: list[tuple[str, Any]] = []
        for i, item in enumerate(items):
            if self._findings.expect(self._file, [*keys, i], item, dict, "`set_slots` must be a list of `slot: value`"):
                read.extend(item.items())
        return tuple(read)

    def _next(
        self, keys: Keys, item: dict[str, Any], kind: str, following: str | None, depth: int
    ) -> tuple[Branch, ...]:
        """Where the step goes on."""
        place = [*keys, "next"]
        written = item.get("next")
        if kind == "link":
            if written is not None:
                self._findings.add(self._file, place, "A link ends its flow: it has no `next`.", "Use call to return.")
            return (Branch(condition=None, target=END),)
        if written is None:
            if kind == "noop" or following is None:
                why = "A noop step needs a `next`." if kind == "noop" else "The last step of a branch needs a `next`."
                self._findings.add(self._file, keys, why, "Name the step it goes on with, or END.")
            return (Branch(condition=None, target=following or END),)
        if isinstance(written, list):
            return self._branches(place, written, depth)
        return (Branch(condition=None, target=self._target(place, written)),)

    def _branches(self, keys: Keys, written: list[Any], depth: int) -> tuple[Branch, ...]:
        branches: list[Branch] = []
        for i, item in enumerate(written):
            place = [*keys, i]
            if branches and branches[-1].condition is None:
                self._findings.add(self._file, place, "Nothing may follow `else`.", "Move `else` to the end.")
                break
            if not self._findings.expect(
                self._file, place, item, dict, "A branch must have `if` and `then`, or `else`"
            ):
                continue
            self._findings.check_keys(self._file, place, item, ("if", "then", "else"), "of a branch")
            if "else" in item:
                branches.append(Branch(condition=None, target=self._goal([*place, "else"], item["else"], depth)))
            elif "if" in item and "then" in item:
                condition = self._condition([*place, "if"], item["if"])
                branches.append(Branch(condition=condition, target=self._goal([*place, "then"], item["then"], depth)))
            else:
                self._findings.add(self._file, place, "A branch must have `if` and `then`, or `else`.")
        if not branches or branches[-1].condition is not None:
            self._findings.add(self._file, keys, "The branches do not end with `else`.", "Add `- else: END`.")
            branches.append(Branch(condition=None, target=END))
        return tuple(branches)

    def _goal(self, keys: Keys, value: Any, depth: int) -> str:
        """A step id, or the first of the steps that stand there."""
        if isinstance(value, list):
            if depth + 1 > MAX_NESTING:
                self._findings.add(self._file, keys, f"Steps are nested more than {MAX_NESTING} deep.", "Use call.")
                return END
            return self.sequence(keys, value, after=None, depth=depth + 1)
        return self._target(keys, value)

    def _target(self, keys: Keys, value: Any) -> str:
        target = as_text(value)
        self._targets.append((keys, target))
        return target

    def _condition(self, keys: Keys, value: Any) -> str:
        condition = as_text(value)
        try:
            parse_condition(condition)
        except ConfigError as err:
            self._findings.add(self._file, keys, err.message, err.hint)
        return condition

    def check_targets(self) -> None:
        """Every step that is gone on with must exist."""
        for keys, target in self._targets:
            if target != END and target not in self.steps:
                hint = nearest(target, [*self.steps, END])
                self._findings.add(self._file, keys, f"There is no step {target!r} in this flow.", hint)


def _postfix(item: Mapping[str, Any]) -> str:
    """What Rasa puts behind the number of a step without an id."""
    item = {_OLD_KEYS.get(key, key): value for key, value in item.items()}
    for kind in ("collect", "link", "call"):
        if kind in item:
            return f"{kind}_{as_text(item[kind])}"
    return as_text(item["action"]) if "action" in item else "set_slots" if "set_slots" in item else "noop"


def _num_nested(item: Mapping[str, Any], depth: int = 0) -> int:
    branches = item.get("next")
    if not isinstance(branches, list) or depth > MAX_NESTING:
        return 0
    goals = [branch.get("then", branch.get("else")) for branch in branches if isinstance(branch, dict)]
    nested = [step for goal in goals if isinstance(goal, list) for step in goal if isinstance(step, dict)]
    return len(nested) + sum(_num_nested(step, depth + 1) for step in nested)
