"""Reads scenario files: `scenario:` with one simulated conversation, or `scenarios:` with a list of them.

In: a YAML file. Out: Scenario values and what is wrong in the file, a line each.
Reference: rasa.com/docs/reference/testing/evals/scenarios; `user`, `language`, `seed`, `max_turns`, `max_seconds` and
`stub_custom_actions` are ours.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast

from chatwright.errors import nearest
from chatwright.evaluation.assertion_file import read_assertions
from chatwright.evaluation.assertions import Named
from chatwright.evaluation.file_problems import FileProblems, Keys, shown
from chatwright.evaluation.scenario import (
    DEFAULT_MAX_SECONDS,
    DEFAULT_MAX_TURNS,
    TEMPERAMENTS,
    Scenario,
    SimulatedUser,
    Temperament,
)
from chatwright.evaluation.stubs import STUBS, action_of, read_stubs, stubs_for
from chatwright.language.detect import detect_language
from chatwright.messages import Language
from chatwright.yamlfile import YamlFile

SCENARIO_KEYS = ("scenario", "scenarios")
_KEYS = (
    "name", "type", "language", "simulation_context", "user", "setup", "goals", "seed", "max_turns", "max_seconds"
)  # fmt: skip
_USER_KEYS = ("by", "goal", "flow", "temperament", "facts", "at_first", "questions", "script")
MAX_TURNS = 50
MAX_SECONDS = 900.0


def read_scenario_file(file: YamlFile) -> tuple[list[Scenario], list[str]]:
    """The scenarios of one file and what is wrong in it."""
    problems = FileProblems(file)
    top = problems.mapping([], file.values, "The file")
    problems.check_keys([], top, (*SCENARIO_KEYS, STUBS), "of a scenario file")
    stubs = read_stubs(problems, [STUBS], top.get(STUBS))
    places: list[tuple[Keys, Any]] = [(["scenario"], top["scenario"])] if "scenario" in top else []
    rows = problems.rows(["scenarios"], top.get("scenarios"), "`scenarios`")
    places += [(["scenarios", index], row) for index, row in enumerate(rows)]
    return [_read_scenario(problems, keys, row, stubs) for keys, row in places], problems.lines


def _read_scenario(problems: FileProblems, keys: Keys, row: Any, stubs: Mapping[str, Mapping[str, Any]]) -> Scenario:
    given = problems.mapping(keys, row, "A scenario")
    problems.check_keys(keys, given, _KEYS, "of a scenario")
    name = problems.text([*keys, "name"], given.get("name"), "`name`")
    context = problems.text(
        [*keys, "simulation_context"], given.get("simulation_context"), "`simulation_context`", default=""
    )
    user = _read_user(problems, [*keys, "user"], given.get("user"), context)
    if not (user.goal or user.script or user.context):
        problems.add(keys, f"Nothing says what the user of {name!r} wants.", "Give `user: {goal: TEXT}`.")
    setup = problems.mapping([*keys, "setup"], given.get("setup") or {}, "`setup`")
    problems.check_keys([*keys, "setup"], setup, ("initial_slots",), "of `setup`")
    slots_place = [*keys, "setup", "initial_slots"]
    slots = problems.mapping(slots_place, setup.get("initial_slots") or {}, "`initial_slots`")
    goals = problems.mapping([*keys, "goals"], given.get("goals") or {}, "`goals`")
    problems.check_keys([*keys, "goals"], goals, ("assertions", "criteria"), "of `goals`")
    file = problems.file
    named = [Named(kind="slot", name=slot, line=file.line_of([*slots_place, slot])) for slot in slots]
    named += [Named(kind="action", name=action_of(each), line=file.line_of([STUBS, each])) for each in stubs]
    named += [Named(kind="flow", name=user.flow, line=file.line_of([*keys, "user", "flow"]))] if user.flow else []
    seed = given.get("seed")
    return Scenario(
        name=name,
        path=file.path,
        line=file.line_of(keys),
        user=user,
        language=_language(problems, [*keys, "language"], given.get("language"), user),
        slots=slots,
        stubs=stubs_for(stubs, name, file.path.name),
        assertions=read_assertions(problems, [*keys, "goals", "assertions"], goals.get("assertions")),
        criteria=_texts(problems, [*keys, "goals", "criteria"], goals.get("criteria"), "`criteria`"),
        seed=None if seed is None else int(_number(problems, [*keys, "seed"], seed, 0, 0, 2**31 - 1)),
        max_turns=int(_number(problems, [*keys, "max_turns"], given.get("max_turns"), DEFAULT_MAX_TURNS, 1, MAX_TURNS)),
        max_seconds=_number(
            problems, [*keys, "max_seconds"], given.get("max_seconds"), DEFAULT_MAX_SECONDS, 1, MAX_SECONDS
        ),
        named=tuple(named),
    )


def _read_user(problems: FileProblems, keys: Keys, value: Any, context: str) -> SimulatedUser:
    given = problems.mapping(keys, value or {}, "`user`")
    problems.check_keys(keys, given, _USER_KEYS, "of `user`")
    by = given.get("by", "script" if given else "model")
    if by not in ("script", "model"):
        problems.add([*keys, "by"], f"`by` is {by!r}.", "Choose one of: model, script.")
    who: Literal["script", "model"] = "model" if by == "model" else "script"
    user = SimulatedUser(
        by=who,
        goal=_texts(problems, [*keys, "goal"], given.get("goal"), "`goal`"),
        flow=problems.text([*keys, "flow"], given.get("flow"), "`flow`", default=""),
        temperament=_temperament(problems, [*keys, "temperament"], given.get("temperament")),
        facts=_facts(problems, [*keys, "facts"], given.get("facts"), "`facts`"),
        at_first=_facts(problems, [*keys, "at_first"], given.get("at_first"), "`at_first`"),
        questions=_texts(problems, [*keys, "questions"], given.get("questions"), "`questions`"),
        script=_texts(problems, [*keys, "script"], given.get("script"), "`script`"),
        context=context.strip(),
    )
    _check_means(problems, keys, user)
    return user


def _check_means(problems: FileProblems, keys: Keys, user: SimulatedUser) -> None:
    """A temperament needs something to show itself by."""
    if "changes_mind" in user.temperament and not user.at_first:
        problems.add(keys, "A user who changes their mind needs `at_first`.", "Write `at_first: {SLOT: VALUE}`.")
    if "digresses" in user.temperament and not user.questions:
        problems.add(keys, "A user who digresses needs `questions`.", "Write `questions: [TEXT]`.")
    for slot in user.at_first:
        if slot not in user.facts:
            problems.add([*keys, "at_first", slot], f"`facts` does not say what {slot!r} is changed to.")


def _temperament(problems: FileProblems, keys: Keys, value: Any) -> tuple[Temperament, ...]:
    chosen = _texts(problems, keys, value, "`temperament`") or ("plain",)
    for each in chosen:
        if each not in TEMPERAMENTS:
            problems.add(keys, f"There is no temperament {each!r}.", nearest(each, list(TEMPERAMENTS)))
    return cast("tuple[Temperament, ...]", tuple(each for each in chosen if each in TEMPERAMENTS))


def _texts(problems: FileProblems, keys: Keys, value: Any, what: str) -> tuple[str, ...]:
    """A text or a list of texts."""
    if isinstance(value, str):
        return (value.strip(),)
    rows = problems.rows(keys, value, what)
    return tuple(problems.text([*keys, index], row, f"Each of {what}").strip() for index, row in enumerate(rows))


def _facts(problems: FileProblems, keys: Keys, value: Any, what: str) -> Mapping[str, str]:
    given = problems.mapping(keys, value or {}, what)
    return {name: _fact(problems, [*keys, name], each, f"{what}: {name!r}") for name, each in given.items()}


def _fact(problems: FileProblems, keys: Keys, value: Any, what: str) -> str:
    """What is said: yes and no for true and false."""
    return str(value).lower() if isinstance(value, bool) else problems.text(keys, value, what)


def _number(problems: FileProblems, keys: Keys, value: Any, default: float, least: float, most: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        problems.add(keys, f"`{keys[-1]}` is a number from {least:g} to {most:g}, not {shown(value)}.")
        return default
    return value


def _language(problems: FileProblems, keys: Keys, value: Any, user: SimulatedUser) -> Language:
    """As written, else that of what the user says."""
    if value not in (None, "zh", "en"):
        problems.add(keys, f"`language` is {shown(value)}.", "Choose one of: en, zh.")
    words = " ".join([*user.goal, *user.script]) or user.context
    return "zh" if value == "zh" else "en" if value == "en" else detect_language(words, "en")
