"""Brings tests into the bot folder: end-to-end tests as they are, test stories as end-to-end tests.

In: sources. Out: files below `tests/`. Of a test story, what visitors say, what the bot says and which slots are set
can be tested; that an action without words ran cannot be written in that format and is told.
"""

import re
from collections.abc import Iterator
from typing import Any

from chatwright.bot.rasa_import.nlu import plain_text
from chatwright.bot.rasa_import.project import Project, Source
from chatwright.bot.rasa_import.report import Report


def read_tests(project: Project, report: Report) -> dict[str, str | dict[str, Any]]:
    """path below the bot folder → text as it was, or values."""
    files: dict[str, str | dict[str, Any]] = {}
    for source in project.tests:
        files[_path(source, files)] = source.path.read_text(encoding="utf-8")
        cases = source.values["test_cases"]
        for i, case in enumerate(cases if isinstance(cases, list) else []):
            name = str(case.get("test_case") if isinstance(case, dict) else i + 1)
            report.add("test", name, source.place(["test_cases", i]), "converted", "copied")
    for source in project.test_stories:
        made = [case for case in _cases(source, report) if case]
        if made:
            files[_path(source, files)] = {"test_cases": made}
    return files


def _path(source: Source, files: dict[str, Any]) -> str:
    """A name of its own; `.yml`, as `.yaml` there is for questions to the knowledge folder."""
    stem = re.sub(r"[^\w/-]+", "_", source.name.rsplit(".", 1)[0])
    for folder in ("tests/", "e2e_tests/"):
        stem = stem.removeprefix(folder)
    names = (f"tests/{stem}{end}.yml" for end in ["", *(f"_{number}" for number in range(2, 1000))])
    return next(name for name in names if name not in files)


def _cases(source: Source, report: Report) -> Iterator[dict[str, Any] | None]:
    written = source.values["stories"]
    for i, story in enumerate(written if isinstance(written, list) else []):
        place = source.place(["stories", i])
        name = str(story.get("story") or f"story {i + 1}") if isinstance(story, dict) else f"story {i + 1}"
        steps = story.get("steps") if isinstance(story, dict) else None
        notes: list[str] = []
        made = (
            [step for item in steps if isinstance(item, dict) for step in _steps(item, notes)]
            if isinstance(steps, list)
            else []
        )
        if not any("user" in step for step in made):
            report.add("test story", name, place, "left", "It does not say what the visitor says (`user:`).")
            yield None
            continue
        report.add_changed("test story", name, place, notes)
        yield {"test_case": name, "steps": made}


def _steps(step: dict[str, Any], notes: list[str]) -> Iterator[dict[str, Any]]:
    if "user" in step:
        yield {"user": plain_text(" ".join(str(step["user"]).split()))}
    elif "intent" in step:
        notes.append("A step has an intent and no words; it was left out.")
    action = str(step.get("action") or "")
    if action.startswith("utter_"):
        yield {"utter": action}
    elif action and action not in ("action_listen",):
        notes.append(f"That {action!r} runs is not tested.")
    if "bot" in step:
        yield {"bot": str(step["bot"]).strip()}
    if "slot_was_set" in step:
        written = step["slot_was_set"]
        items = written if isinstance(written, list) else [written]
        kept = [item for item in items if "requested_slot" not in (item if isinstance(item, dict) else [item])]
        if kept:
            yield {"slot_was_set": kept}
