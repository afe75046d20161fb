"""Checks the rules of a bot folder against its flows, slots and intents: each problem with its line in bot.yaml."""

from collections.abc import Mapping
from pathlib import Path

from chatwright.bot.definition import BotDefinition
from chatwright.dialogue.domain import Domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.nlu_file import read_training_data
from chatwright.dialogue.rules.rule_check import check_rules
from chatwright.yamlfile import YamlFile


def rule_problems(bot_dir: Path, definition: BotDefinition, flows: Mapping[str, Flow], domain: Domain) -> list[str]:
    """One line a problem, as editors understand it."""
    if not definition.rules:
        return []
    file = YamlFile(bot_dir / "bot.yaml")
    trained = (example.intent for example in read_training_data(bot_dir)[0].examples)
    intents = tuple(dict.fromkeys((*domain.intents, *trained)))
    found = check_rules(definition.rules, flows, domain, definition.languages, intents)
    return [f"{file.place(keys)}: {what}" for keys, what in found]
