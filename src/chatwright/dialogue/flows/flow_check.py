"""Finds what is wrong with flows and domain together, before a visitor does: every problem at once, with its line.

In: loaded flows and domain, the bot's languages, the actions that can be run, and how conditions are read. Out:
Problems, errors first. What one file alone can tell (unknown keys, two steps of one name) its reader has already told.
Never runs anything.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chatwright.dialogue.domain import Domain, Slot, Variant
from chatwright.dialogue.flows.flow import ActionStep, CallStep, CollectStep, Flow, LinkStep, SetSlotsStep, Step
from chatwright.dialogue.flows.flow_paths import endless_loops, missing_targets, unreachable_steps
from chatwright.dialogue.flows.problem import Problem
from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language

_PLACE = re.compile(r"\{(\w+)\}")
_LANGUAGE_NAMES: Mapping[Language, str] = {"zh": "Chinese (zh)", "en": "English (en)"}
_PATTERN = "pattern_"
# Actions that every bot has: Rasa's own names, which its default patterns and projects that move here use.
BUILT_IN_ACTIONS = frozenset(
    """action_listen action_restart action_session_start action_default_fallback action_unlikely_intent action_back
    action_deactivate_loop action_cancel_flow action_correct_flow_slot action_clarify_flows action_run_slot_rejections
    action_clean_stack action_trigger_search action_trigger_chitchat action_trigger_flow action_repeat_bot_messages
    action_hangup action_human_handoff action_extract_slots action_send_text action_reset_routing
    action_block_digressions action_continue_digression action_handle_digressions
    action_metadata""".split()  # noqa: SIM905 - a word list reads best as words
)


class ParsedCondition(Protocol):
    """What a condition looks at."""

    @property
    def slots(self) -> Sequence[str]: ...


ParseCondition = Callable[[str], ParsedCondition]  # raises ConfigError for what is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What flows may refer to beside themselves and the domain.

    actions: names that can be run; None when an action server nobody has asked runs them. intents: those of the
    training data. responses: names that the bot has of its own (repair texts). domain_path: for problems of the domain.
    """

    languages: Sequence[Language]
    parse_condition: ParseCondition
    actions: Collection[str] | None = None
    intents: Collection[str] = ()
    responses: Collection[str] = ()
    domain_path: str = "domain.yaml"


@dataclass(slots=True)
class _Check:
    """What has been found so far, and what flows have been seen to use."""

    flows: Mapping[str, Flow]
    domain: Domain
    around: Surroundings
    problems: list[Problem] = field(default_factory=list)
    used_slots: set[str] = field(default_factory=set)
    used_responses: set[str] = field(default_factory=set)

    def error(self, flow: Flow, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(path=flow.path, line=line or flow.line, message=message, hint=hint))

    def warn(self, flow: Flow, line: int, message: str, hint: str = "") -> None:
        self.problems.append(
            Problem(path=flow.path, line=line or flow.line, message=message, hint=hint, severity="warning")
        )


def check_flows(flows: Mapping[str, Flow], domain: Domain, around: Surroundings) -> list[Problem]:
    """Every problem of the flows, then of the domain; errors before warnings."""
    check = _Check(flows, domain, around)
    for flow in flows.values():
        _check_paths(check, flow)
        _check_head(check, flow)
        for step in flow.steps.values():
            _check_step(check, flow, step)
    for name, step_ids in endless_loops(flows):
        first = flows[name].steps[step_ids[0]]
        round_trip = " → ".join([*step_ids, step_ids[0]])
        message = f"Flow {name!r} can go round for ever without waiting for the visitor: {round_trip}."
        check.error(flows[name], first.line, message, "Let it collect something that is emptied on the way, or end.")
    _check_slots(check)
    _check_responses(check)
    return sorted(check.problems, key=lambda problem: (problem.severity == "warning", problem.path, problem.line))


def _check_paths(check: _Check, flow: Flow) -> None:
    for step, target in missing_targets(flow):
        message = f"Step {step.id!r} of flow {flow.id!r} goes on to {target!r}, which is no step of it."
        check.error(flow, step.line, message, nearest(target, [*flow.steps, "END"]))
    for step in unreachable_steps(flow):
        message = f"Step {step.id!r} of flow {flow.id!r} can never be reached."
        check.warn(flow, step.line, message, "Let a step before it go on to it, or take it out.")


def _check_head(check: _Check, flow: Flow) -> None:
    """Guard, persisted slots and triggers."""
    if flow.guard:
        _check_condition(check, flow, flow.line, flow.guard)
    for name in flow.persisted_slots:
        _check_slot(check, flow, flow.line, name, "keeps")
    known = {*check.domain.intents, *check.around.intents}
    for trigger in flow.nlu_trigger:
        if trigger.intent not in known:
            message = f"Flow {flow.id!r} is triggered by intent {trigger.intent!r}, of which there are no examples."
            check.warn(flow, flow.line, message, nearest(trigger.intent, sorted(known)))


def _check_step(check: _Check, flow: Flow, step: Step) -> None:
    for branch in step.next:
        if branch.condition is not None:
            _check_condition(check, flow, step.line, branch.condition)
    match step:
        case CollectStep():
            _check_collect(check, flow, step)
        case ActionStep():
            _check_action(check, flow, step)
        case SetSlotsStep():
            for name, _ in step.values:
                _check_slot(check, flow, step.line, name, "sets")
        case LinkStep() | CallStep():
            if step.flow not in check.flows:
                verb = "links to" if isinstance(step, LinkStep) else "calls"
                message = f"Step {step.id!r} of flow {flow.id!r} {verb} flow {step.flow!r}, which does not exist."
                check.error(flow, step.line, message, nearest(step.flow, sorted(check.flows)))


def _check_condition(check: _Check, flow: Flow, line: int, condition: str) -> None:
    if condition.strip().lower() in ("true", "false"):
        return
    try:
        parsed = check.around.parse_condition(condition)
    except ConfigError as err:
        check.error(flow, line, err.message, err.hint)
        return
    for name in parsed.slots:
        _check_slot(check, flow, line, name, "has a condition on")


def _check_slot(check: _Check, flow: Flow, line: int, name: str, verb: str) -> None:
    check.used_slots.add(name)
    if name not in check.domain.slots and not flow.id.startswith(_PATTERN):
        message = f"Flow {flow.id!r} {verb} slot {name!r}, which the domain does not have."
        check.error(flow, line, message, nearest(name, sorted(check.domain.slots)) or "Add it under `slots:`.")


def _check_collect(check: _Check, flow: Flow, step: CollectStep) -> None:
    _check_slot(check, flow, step.line, step.slot, "collects")
    own = f"utter_ask_{flow.id}_{step.slot}"
    asking = step.utter or (own if own in check.domain.responses else f"utter_ask_{step.slot}")
    asking_actions = {f"action_ask_{step.slot}", f"action_ask_{flow.id}_{step.slot}"}
    is_asked_by_action = bool(asking_actions & _actions(check)) or step.metadata.get("silent") is True
    is_slot_at_fault = not step.utter and step.slot not in check.domain.slots
    if asking in check.domain.responses or not (is_asked_by_action or is_slot_at_fault):
        _check_response(check, flow, step.line, asking, f"asks for {step.slot!r} with")
    for rejection in step.rejections:
        _check_condition(check, flow, step.line, rejection.condition)
        _check_response(check, flow, step.line, rejection.utter, f"rejects a value of {step.slot!r} with")


def _check_action(check: _Check, flow: Flow, step: ActionStep) -> None:
    if step.action.startswith("utter_"):
        _check_response(check, flow, step.line, step.action, "says")
    elif step.action not in _actions(check):
        message = f"Flow {flow.id!r} runs action {step.action!r}, which does not exist."
        hint = nearest(step.action, sorted(_actions(check) - BUILT_IN_ACTIONS)) or "Write it in actions.py."
        check.error(flow, step.line, message, hint)


def _actions(check: _Check) -> frozenset[str]:
    """What can be run; where a server that nobody has asked runs them, what the domain says that it runs."""
    known = check.domain.actions if check.around.actions is None else check.around.actions
    return BUILT_IN_ACTIONS | frozenset(known)


def _check_response(check: _Check, flow: Flow, line: int, name: str, verb: str) -> None:
    check.used_responses.add(name)
    known = {*check.domain.responses, *check.around.responses}
    if name not in known and not (flow.id.startswith(_PATTERN) and name.endswith("_rasa")):
        message = f"Flow {flow.id!r} {verb} response {name!r}, which the domain does not have."
        check.error(flow, line, message, nearest(name, sorted(known)) or "Add it under `responses:`.")


def _check_slots(check: _Check) -> None:
    for slot in check.domain.slots.values():
        if slot.type == "categorical" and not slot.values:
            message = f"Slot {slot.name!r} is categorical and has no values."
            _in_domain(check, slot.line, message, "List them under `values:`.", is_error=True)
        if slot.name not in check.used_slots and not _is_used_elsewhere(check, slot):
            _in_domain(check, slot.line, f"No flow uses slot {slot.name!r}.", "Take it out if no action needs it.")


def _is_used_elsewhere(check: _Check, slot: Slot) -> bool:
    return any(slot.name in _slots_of(variant) for _, variant in _variants(check.domain))


def _check_responses(check: _Check) -> None:
    for name, variants in check.domain.responses.items():
        missing = [
            language for language in check.around.languages if not any(_says(each, language) for each in variants)
        ]
        for language in missing:
            message = f"Response {name!r} says nothing in {_LANGUAGE_NAMES[language]}."
            _in_domain(check, 0, message, f"Write its `text:` with `{language}:` too.")
        undefined = {slot for each in variants for slot in _slots_of(each)} - set(check.domain.slots)
        for slot in sorted(undefined - {"context"}):
            message = f"Response {name!r} has a place for slot {slot!r}, which the domain does not have."
            _in_domain(check, 0, message, nearest(slot, sorted(check.domain.slots)), is_error=True)
        if name not in check.used_responses and name not in check.around.responses and not _is_by_name(check, name):
            _in_domain(check, 0, f"No flow says response {name!r}.", "Take it out if no action says it.")


def _is_by_name(check: _Check, name: str) -> bool:
    """Responses that are found by their names: questions for slots, confirmations of actions."""
    prefixes = ("utter_ask_", "utter_confirm_", "utter_invalid_")
    found = next((name.removeprefix(prefix) for prefix in prefixes if name.startswith(prefix)), "")
    return found in check.domain.slots or found in _actions(check)


def _says(variant: Variant, language: Language) -> bool:
    """True when the variant has something to say in the language: a text, or something without words."""
    is_wordless = not variant.text and bool(variant.image or variant.custom or variant.attachment or variant.buttons)
    return bool(variant.text.get(language, "").strip()) or is_wordless


def _slots_of(variant: Variant) -> set[str]:
    """The slots that a wording and its condition look at; a template of Jinja tells nothing."""
    texts: Iterable[str] = () if variant.is_jinja else variant.text.values()
    conditions = {
        str(each["name"]) for each in variant.condition if each.get("type", "slot") == "slot" and "name" in each
    }
    return {name for text in texts for name in _PLACE.findall(text)} | conditions


def _variants(domain: Domain) -> Iterator[tuple[str, Variant]]:
    for name, variants in domain.responses.items():
        for variant in variants:
            yield name, variant


def _in_domain(check: _Check, line: int, message: str, hint: str, *, is_error: bool = False) -> None:
    found = Problem(
        path=check.around.domain_path,
        line=line or 1,
        message=message,
        hint=hint,
        severity="error" if is_error else "warning",
    )
    check.problems.append(found)
