"""Reads `stub_custom_actions`: what actions are said to have returned, so that they need not run.

In: the mapping of a test file. Out: action → `{events, responses}`, in the action server's shape, for one test.
`NAME::action` is for the test or the file of that name only and goes before plain `action`, as with Rasa.
"""

from collections.abc import Mapping
from typing import Any

from chatwright.evaluation.file_problems import FileProblems, Keys

STUBS = "stub_custom_actions"
_SEPARATOR = "::"


def read_stubs(problems: FileProblems, keys: Keys, value: Any) -> Mapping[str, Mapping[str, Any]]:
    """Every stub under the name it is written by."""
    if value is None:
        return {}
    read: dict[str, Mapping[str, Any]] = {}
    for name, given in problems.mapping(keys, value, f"`{STUBS}`").items():
        place = [*keys, name]
        stub = {} if given is None else problems.mapping(place, given, f"The stub of {name!r}")
        problems.check_keys(place, stub, ("events", "responses"), f"of the stub of {name!r}")
        lists = {key: list(problems.rows([*place, key], stub.get(key), f"`{key}`")) for key in ("events", "responses")}
        _check_events(problems, [*place, "events"], lists["events"])
        read[name] = lists
    return read


def _check_events(problems: FileProblems, keys: Keys, events: list[Any]) -> None:
    for index, event in enumerate(events):
        known = problems.mapping([*keys, index], event, "An event")
        if known and not isinstance(known.get("event"), str):
            problems.add([*keys, index], "An event needs `event:`, such as `event: slot`.")
        elif known.get("event") == "slot" and not isinstance(known.get("name"), str):
            problems.add([*keys, index], "A slot event needs `name:` and `value:`.")


def action_of(name: str) -> str:
    """The action that a stub stands for."""
    return name.rpartition(_SEPARATOR)[2]


def stubs_for(
    stubs: Mapping[str, Mapping[str, Any]], test_name: str, file_name: str
) -> Mapping[str, Mapping[str, Any]]:
    """The stubs that hold in one test, by action."""
    names = {test_name: 2, test_name.replace(" ", "_"): 2, file_name: 1, "": 0}
    chosen: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for name, stub in stubs.items():
        owner, _, action = name.rpartition(_SEPARATOR)
        rank = names.get(owner)
        if rank is not None and rank >= chosen.get(action, (-1, stub))[0]:
            chosen[action] = (rank, stub)
    return {action: stub for action, (_, stub) in chosen.items()}
