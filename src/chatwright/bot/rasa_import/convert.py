"""Imports a Rasa project: reads all of it, makes the bot folder in memory, writes it, and checks what was written.

In: the project's folder, and a folder that does not exist or is empty. Out: the folder, its IMPORT.md, and the Report.
Nothing of the project is run or changed; nothing is written before everything was read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatwright.bot.check import check_bot_folder
from chatwright.bot.rasa_import.calm_flows import CalmFlows, read_calm_flows
from chatwright.bot.rasa_import.code import ActionCode, read_action_code
from chatwright.bot.rasa_import.domain import Draft, read_domain_files
from chatwright.bot.rasa_import.e2e import read_tests
from chatwright.bot.rasa_import.loops import mended as mended_flow
from chatwright.bot.rasa_import.nlu import Training, read_training
from chatwright.bot.rasa_import.plan import Plan, make_plan
from chatwright.bot.rasa_import.project import Project, read_project
from chatwright.bot.rasa_import.report import Report
from chatwright.bot.rasa_import.retrieval import retrieval_parts
from chatwright.bot.rasa_import.steps import Workshop
from chatwright.bot.rasa_import.story_flows import Flows, story_flows
from chatwright.bot.rasa_import.surroundings import DEFAULT_SERVER, Surroundings, read_surroundings
from chatwright.bot.rasa_import.threads import read_threads
from chatwright.bot.rasa_import.writing import Content, write_folder
from chatwright.dialogue.flows.flow_file import read_flows
from chatwright.dialogue.flows.flow_paths import endless_loops
from chatwright.errors import ConfigError
from chatwright.language.detect import has_han
from chatwright.messages import Language

# What nobody understood ends with the offer of a person, so the text must put it.
_OFFERS: dict[Language, str] = {
    "zh": "需要我为您转接人工客服吗？",
    "en": " Would you like me to pass you to a colleague?",
}
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class _Reading:
    """Everything that was read of the project."""

    project: Project
    draft: Draft
    training: Training
    surroundings: Surroundings
    code: ActionCode
    content: Content = field(default_factory=Content)


def import_rasa(source: Path, target: Path, *, name: str = "") -> Report:
    """Writes the bot folder `target`. name: of the bot; by default made from the target folder's.

    Raises ConfigError when `source` has nothing of a Rasa project, or `target` is not empty or cannot be written.
    """
    _refuse_full(target)
    report = Report(source=str(source), target=str(target))
    project = read_project(source, report)
    draft = read_domain_files(project, report)
    training = read_training(project, report)
    calm = read_calm_flows(project, draft, report)
    threads = read_threads(project.conversations, "rules", report) + read_threads(
        project.conversations, "stories", report
    )
    plan = make_plan(threads, draft.forms, report)
    reading = _Reading(
        project=project,
        draft=draft,
        training=training,
        surroundings=read_surroundings(project, report),
        code=ActionCode(),
    )
    reading.code = read_action_code(project, draft, report)
    shop = Workshop(draft=draft, training=training, plan=plan, report=report)
    _put_flows(reading, shop, dict.fromkeys(calm.flows))
    reading.content.files |= calm.files
    _complete(reading, report)
    _put_rest(reading, plan, report, _bot_name(name or target.resolve().name))
    write_folder(target, reading.content)
    if mended := _mend_loops(target, calm, report):
        write_folder(target, Content(files={name: calm.files[name] for name in mended}))
    report.problems = check_bot_folder(target)
    (target / "IMPORT.md").write_text(report.to_markdown(), encoding="utf-8")
    return report


def _mend_loops(target: Path, calm: CalmFlows, report: Report) -> list[str]:
    """Gives CALM flows that would go round for ever a way out; the files that changed."""
    flows, _ = read_flows(target)
    changed: dict[str, None] = {}
    for flow_id, circle in endless_loops(flows):
        if flow_id in calm.homes:
            calm.replace(flow_id, mended_flow(calm.flows[flow_id], flows[flow_id], circle))
            file, place = calm.homes[flow_id]
            changed[file] = None
            note = "Where it comes back to a question, the slot is emptied first; otherwise it would go round for ever."
            report.add("flow", flow_id, place, "approximated", note)
    return list(changed)


def _refuse_full(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ConfigError(f"{target} is no folder.", hint="Name a folder that does not exist yet.", code="target_taken")
    if target.is_dir() and any(target.iterdir()):
        raise ConfigError(f"{target} is not empty.", hint="Name a folder that does not exist yet.", code="target_taken")


def _put_flows(reading: _Reading, shop: Workshop, taken: dict[str, None]) -> None:
    entries, retrieved = retrieval_parts(shop, taken)
    files: Flows = {"flows/replies.yaml": retrieved} if retrieved else {}
    if shop.plan.begins or shop.plan.submits or shop.draft.forms or shop.plan.fallback or shop.plan.session:
        made = story_flows(shop, taken, dynamic_forms=reading.code.dynamic_forms)
        for file, flows in made.items():
            files.setdefault(file, {}).update(flows)
    for file, flows in files.items():
        path = file if file not in reading.content.files else file.replace(".yaml", "_of_stories.yaml")
        reading.content.files[path] = {"flows": flows}
    if entries:
        reading.content.files["knowledge/faq.yaml"] = {"faq": entries}


def _complete(reading: _Reading, report: Report) -> None:
    """What flows say may have places for slots that the domain does not have: only actions fill them."""
    draft = reading.draft
    for name, variants in draft.responses.items():
        for variant in variants:
            is_jinja = isinstance(variant.get("metadata"), dict) and variant["metadata"].get("template") == "jinja"
            for slot in () if is_jinja else _places(variant.get("text")):
                if slot not in draft.slots and slot != "context":
                    draft.slots[slot] = {"type": "any", "mappings": [{"type": "custom"}]}
                    note = f"It has a place for {slot!r}, which was no slot; one was added, for actions to fill."
                    report.add("response", name, _response_place(reading, name), "approximated", note)
    for intent in reading.training.examples:
        draft.intents.setdefault(intent.partition("/")[0], None)


def _places(text: Any) -> Iterator[str]:
    for part in text.values() if isinstance(text, dict) else [text]:
        if isinstance(part, str):
            yield from _PLACE.findall(part)


def _response_place(reading: _Reading, name: str) -> str:
    for source in reading.project.domain:
        for section in ("responses", "templates"):
            written = source.values.get(section)
            if isinstance(written, dict) and name in written:
                return source.place([section, name])
    return "domain:1"


def _put_rest(reading: _Reading, plan: Plan, report: Report, name: str) -> None:
    files = reading.content.files
    files["bot.yaml"] = _bot_yaml(reading, plan, name)
    files["domain.yaml"] = reading.draft.to_yaml()
    files.update(reading.training.files)
    files.update(read_tests(reading.project, report))
    reading.content.copies.update(reading.code.copies)
    for path in reading.project.documents:
        inner = "/".join(reading.project.name(path).split("/")[1:])
        reading.content.copies[f"knowledge/{inner}"] = path
        report.add(
            "document", reading.project.name(path), f"{reading.project.name(path)}:1", "converted", f"knowledge/{inner}"
        )


def _bot_yaml(reading: _Reading, plan: Plan, name: str) -> dict[str, Any]:
    languages = reading.surroundings.languages or [_language_of(reading)]
    bot: dict[str, Any] = {"name": name, "scenario": "support", "languages": languages}
    if reading.draft.actions or reading.code.copies:
        url = reading.surroundings.server or DEFAULT_SERVER
        # The project's Python runs beside the bot, never in it: its dependencies are not the bot's.
        bot["actions"] = {"python": False, "server": {"url": url}}
    if reading.surroundings.channels:
        bot["channels"] = {"rasa": reading.surroundings.channels}
    texts = _texts(reading.draft, plan, languages)
    return bot | ({"texts": texts} if texts else {})


def _texts(draft: Draft, plan: Plan, languages: list[Language]) -> dict[str, dict[Language, str]]:
    """The bot's own sentences where the project says the same in its words."""
    found: dict[str, dict[Language, str]] = {}
    fallback = plan.fallback.does.action if plan.fallback and plan.fallback.does else ""
    fallback = "utter_default" if fallback == "action_default_fallback" else fallback
    for text, response in (("abstain", fallback), ("restarted", "utter_restart")):
        variants = draft.responses.get(response, [])
        said = variants[0].get("text") if variants else None
        if isinstance(said, str) and "{" not in said:
            found[text] = {
                language: f"{said}{_OFFERS[language]}" if text == "abstain" else said for language in languages
            }
    return found


def _language_of(reading: _Reading) -> Language:
    """The language that most responses, or else most examples, are in."""
    texts = [str(variant.get("text", "")) for variants in reading.draft.responses.values() for variant in variants]
    texts = [text for text in texts if text.strip()] or [
        text for some in reading.training.examples.values() for text in some
    ]
    return "zh" if sum(map(has_han, texts)) * 2 > len(texts) else "en"


def _bot_name(name: str) -> str:
    kept = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:60]
    return kept or "bot"
