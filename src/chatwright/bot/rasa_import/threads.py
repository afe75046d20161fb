"""Reads stories and rules as threads: what is said, done and known, one after the other. In: sources. Out: Threads.

Values of every form that Rasa 2 and 3 write are taken; a step that is none of them is told and passed over.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.rasa_import.project import Source
from chatwright.bot.rasa_import.report import Report

MAX_ALTERNATIVES = 64  # of one story after its `or` steps are written out


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The visitor said something of this intent; text: of a step that has no intent, the words themselves."""

    intent: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Does:
    """The bot runs an action, says a response, or lets a form run (`is_form`)."""

    action: str
    is_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Was:
    """A slot has this value; None: it is empty. is_any: it has some value."""

    slot: str
    value: str | int | float | bool | None = None
    is_any: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """The form that is active from here on; "" for none."""

    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A checkpoint."""

    name: str


Event = Said | Does | Was | Loop | Mark
Alternatives = tuple[tuple[Event, ...], ...]  # an `or`: one of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A story or a rule. form: that must be active; "" for none may be, None for unsaid. known: slots of the condition.

    waits: the bot listens at the end. is_first: it holds only where a conversation begins.
    """

    name: str
    place: str
    is_rule: bool
    events: tuple[Event, ...] = ()
    form: str | None = None
    known: tuple[Was, ...] = ()
    waits: bool = True
    is_first: bool = False

    @property
    def kind(self) -> str:
        return "rule" if self.is_rule else "story"


@dataclass(slots=True)
class _Steps:
    """What has been read of one thread."""

    steps: list[Event | Alternatives] = field(default_factory=list)
    conditions: list[Event | Alternatives] = field(default_factory=list)
    waits: bool = True
    notes: list[str] = field(default_factory=list)


def read_threads(sources: Sequence[Source], section: str, report: Report) -> list[Thread]:
    """The threads of `stories` or `rules` of all files; one with an `or` is several."""
    threads: list[Thread] = []
    for source in sources:
        written = source.values.get(section)
        if written is None:
            continue
        if not isinstance(written, list):
            report.add("file", source.name, source.place([section]), "left", f"`{section}` is no list.")
            continue
        for i, item in enumerate(written):
            threads += _read(source, section, i, item, report)
    return threads


def _read(source: Source, section: str, i: int, item: Any, report: Report) -> Iterator[Thread]:
    kind = "rule" if section == "rules" else "story"
    place = source.place([section, i])
    name = str(item.get(kind) or f"{kind} {i + 1}") if isinstance(item, dict) else f"{kind} {i + 1}"
    if not isinstance(item, dict) or not isinstance(item.get("steps"), list):
        report.add(kind, name, place, "left", "It has no list of `steps`.")
        return
    read = _read_steps(item["steps"], is_rule=kind == "rule")
    conditions = _read_steps(_listed(item.get("condition")), is_rule=False)
    given = [event for event in [*read.conditions, *conditions.steps] if isinstance(event, Was | Loop)]
    forms = [event.form for event in given if isinstance(event, Loop)]
    notes = [*read.notes, *conditions.notes]
    alternatives = _written_out(read.steps)
    if len(alternatives) > MAX_ALTERNATIVES:
        notes.append(f"Its `or` steps make more than {MAX_ALTERNATIVES} stories; the first of them were taken.")
    report.add(kind, name, place, "approximated" if notes else "converted", " ".join(dict.fromkeys(notes)))
    for events in alternatives[:MAX_ALTERNATIVES]:
        yield Thread(
            name=name,
            place=place,
            is_rule=kind == "rule",
            events=events,
            form=forms[0] if forms else None,
            known=tuple(event for event in given if isinstance(event, Was)),
            waits=read.waits and item.get("wait_for_user_input") is not False,
            is_first=item.get("conversation_start") is True,
        )


def _read_steps(written: Sequence[Any], *, is_rule: bool) -> _Steps:
    read = _Steps()
    for i, step in enumerate(written):
        if step == "...":  # how early versions of Rasa 2 said "at any time" and "do not wait"
            if i == len(written) - 1:
                read.waits = False
            elif is_rule:
                read.conditions, read.steps = [*read.conditions, *read.steps], []
        elif isinstance(step, dict):
            read.steps += _events(step, read.notes)
        elif step is not None:
            read.notes.append(f"The step {str(step)[:40]!r} was passed over.")
    return read


def _events(step: dict[str, Any], notes: list[str]) -> Iterator[Event | Alternatives]:
    """What one step of the file says, in order."""
    if "or" in step:
        options = (
            tuple(event for event in _events(option, notes) if not isinstance(event, tuple))
            for option in _dicts(step["or"])
        )
        yield tuple(option for option in options if option)
        return
    if "checkpoint" in step:
        yield Mark(name=str(step["checkpoint"]))
    if "intent" in step:
        if step.get("entities"):
            notes.append("Which entities a message has makes no difference here, only which slots they fill.")
        written = str(step["intent"]).strip()
        yield Said(intent=written.lstrip("/").partition("{")[0].strip() or written)
    elif "user" in step:
        yield Said(text=" ".join(str(step["user"]).split()))
    if "action" in step:
        yield Does(action=str(step["action"]))
    if "bot" in step:
        yield Does(action=f"bot: {str(step['bot']).strip()}")
    for key in ("active_loop", "form"):
        if key in step:
            yield Loop(form=_form_name(step[key]))
    if "slot_was_set" in step or "slot" in step:
        yield from _slots(step)
    notes += [f"The key {key!r} of a step was passed over." for key in step if key not in _STEP_KEYS]


_STEP_KEYS = frozenset(
    """or checkpoint intent user entities action bot active_loop form slot_was_set slot value metadata
    """.split()  # noqa: SIM905 - a word list reads best as words
)


def _form_name(value: Any) -> str:
    value = value.get("name") if isinstance(value, dict) else value
    return "" if value is None else str(value)


def _slots(step: dict[str, Any]) -> Iterator[Was]:
    written = step.get("slot_was_set", {str(step["slot"]): step.get("value")} if "slot" in step else [])
    for item in _listed(written):
        if isinstance(item, str):
            yield Was(slot=item, is_any=True)
        for name, value in item.items() if isinstance(item, dict) else ():
            if value is None or isinstance(value, str | int | float | bool):
                yield Was(slot=name, value=value)
            else:
                yield Was(slot=name, is_any=True)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in _listed(value) if isinstance(item, dict)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _written_out(steps: Sequence[Event | Alternatives]) -> list[tuple[Event, ...]]:
    """Every story that the `or` steps allow, one more than is taken at most."""
    found: list[tuple[Event, ...]] = [()]
    for step in steps:
        if isinstance(step, tuple):
            found = [(*events, *option) for events in found for option in step or ((),)]
        else:
            found = [(*events, step) for events in found]
        found = found[: MAX_ALTERNATIVES + 1]
    return found


_WORDS = re.compile(r"[^0-9A-Za-z_]+")


def as_id(name: str, taken: Sequence[str] | dict[str, Any], prefix: str = "flow") -> str:
    """A flow's id from any name, Chinese ones too, that is not among `taken`."""
    stem = _WORDS.sub("_", name).strip("_")
    stem = stem if stem and not stem[0].isdigit() else f"{prefix}_{stem}".rstrip("_")
    number, found = 2, stem
    while found in taken:
        found, number = f"{stem}_{number}", number + 1
    return found
