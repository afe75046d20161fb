"""Reads what a Rasa project says of its surroundings: language, pipeline, endpoints, channels. Nothing of it is called.

In: config, endpoints and credentials files. Out: Surroundings, and the report of what has no counterpart. Secrets of
the credentials are never copied.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.rasa_import.channels import read_channels
from chatwright.bot.rasa_import.project import Project
from chatwright.bot.rasa_import.report import Report
from chatwright.messages import Language

DEFAULT_SERVER = "http://127.0.0.1:5055/webhook"
_SPOKEN: dict[str, Language] = {"zh": "zh", "en": "en", "cn": "zh"}
_URL = re.compile(r"https?://[^/?#{}@\\\s]+[^\s\\]*")
_NOT_NEEDED = {
    "tracker_store": "Conversations are kept in the bot folder's own store.",
    "lock_store": "Turns of one conversation are put in order without a lock store.",
    "event_broker": "Events are not sent to a broker; `chatwright conversations` and the server's metrics have them.",
    "nlg": "Responses are said by the bot itself; wordings are not rephrased.",
    "models": "Nothing is trained or fetched: the bot runs from its folder.",
    "model_groups": "The language model is chosen under `model:` in bot.yaml.",
    "tracing": "Tracing is not sent anywhere; the server has /metrics.",
}


@dataclass(slots=True)
class Surroundings:
    """languages: that the project says it speaks, of those that the bot can. server: the action server's URL, or "".
    channels: the values of `channels: rasa:` in bot.yaml."""

    languages: list[Language] = field(default_factory=list)
    server: str = ""
    channels: dict[str, Any] = field(default_factory=dict)
    has_module: bool = False  # actions run inside Rasa itself


def read_surroundings(project: Project, report: Report) -> Surroundings:
    """Everything beside training data."""
    found = Surroundings()
    for source in project.config:
        _languages(found, source.values, source.name, source.place(["language"]), report)
        for section in ("pipeline", "policies"):
            for i, item in enumerate(_listed(source.values.get(section))):
                name = str(item.get("name") if isinstance(item, dict) else item)
                note = _COMPONENTS.get(name.rsplit(".", 1)[-1], "The bot understands and decides by its own means.")
                report.add(
                    "policy" if section == "policies" else section, name, source.place([section, i]), "left", note
                )
        if "importers" in source.values:
            note = "Every file below the folder was read, whatever the importers name."
            report.add("setting", "importers", source.place(["importers"]), "approximated", note)
    for source in project.endpoints:
        _endpoints(found, source.values, source.place, report)
    found.channels = read_channels(project, report)
    return found


_COMPONENTS = {
    "FallbackClassifier": "When the bot is not sure, it asks or says so, by thresholds of its own (calibrated).",
    "RulePolicy": "Rules became flows.",
    "MemoizationPolicy": "Stories became flows, which are followed exactly.",
    "AugmentedMemoizationPolicy": "Stories became flows, which are followed exactly.",
    "TEDPolicy": "Stories became flows; nothing is generalised to conversations that no story tells.",
    "FlowPolicy": "Flows are carried out by the bot.",
    "EnterpriseSearchPolicy": "Questions are answered from `knowledge/`.",
    "IntentlessPolicy": "Small talk and questions are answered by the bot itself.",
    "ResponseSelector": "Retrieval intents became curated questions or flows.",
    "EntitySynonymMapper": "Synonyms stay in nlu.yaml.",
    "DucklingEntityExtractor": "Dates, numbers, amounts and contacts are read by the bot itself.",
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _languages(found: Surroundings, values: dict[str, Any], name: str, place: str, report: Report) -> None:
    codes = [values.get("language"), *_listed(values.get("additional_languages"))]
    for code in [str(code) for code in codes if code]:
        spoken = _SPOKEN.get(code.lower().replace("_", "-").split("-")[0])
        if spoken is None:
            note = "The bot speaks Chinese and English; texts in this language are said as they are."
            report.add("setting", f"language {code}", place, "left", note)
        elif spoken not in found.languages:
            found.languages.append(spoken)
            report.add("setting", f"language {code}", place, "converted", "`languages:` in bot.yaml")


def _endpoints(found: Surroundings, values: dict[str, Any], place: Any, report: Report) -> None:
    for key, value in values.items():
        if key == "action_endpoint":
            _action_endpoint(found, value, place([key]), report)
        else:
            note = _NOT_NEEDED.get(key, "It has no counterpart here.")
            report.add("endpoint", key, place([key]), "left", note)


def _action_endpoint(found: Surroundings, value: Any, place: str, report: Report) -> None:
    written = value if isinstance(value, dict) else {}
    url = str(written.get("url") or "")
    if _URL.fullmatch(url) and "${" not in url:
        found.server = url
        report.add("endpoint", "action_endpoint", place, "converted", "`actions: server:` in bot.yaml")
    elif url:
        found.server = DEFAULT_SERVER
        note = f"Its URL {url!r} is filled in by Rasa from the environment or is none; {DEFAULT_SERVER} was written."
        report.add("endpoint", "action_endpoint", place, "approximated", note, "Put yours under actions: server: url:.")
    elif written.get("actions_module"):
        found.has_module = True
        note = f"The actions run in a server of their own: {DEFAULT_SERVER}."
        step = "Start it with: chatwright actions serve DIR, or python -m rasa_sdk --actions actions in DIR."
        report.add("endpoint", "action_endpoint", place, "approximated", note, step)
