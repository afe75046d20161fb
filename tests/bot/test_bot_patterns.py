"""Patterns of a bot folder in whole turns: what no flow has a part in goes to them, and what they leave to the folder."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bot.test_bot_process import SHOP, say
from tests.bot.test_bot_turn import opened_bot

from chatwright.bot.process import Processes
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.messages import ActionCall, ActionResult, Language, Reply, UserId

OWN = {"zh": "自己的流程", "en": "OWN FLOW"}


def talk(
    folder: Path,
    pattern: str,
    texts: list[str],
    steps: str = "{action: utter_own}",
    *,
    probability: float = 0.9,
    wordings: Mapping[str, Mapping[Language, str]] | None = None,
) -> list[Reply]:
    """A bot whose folder has one pattern, and no flow."""
    bot_dir = folder / "shop"
    (bot_dir / "flows").mkdir(parents=True)
    shutil.copy(SHOP / "domain.yaml", bot_dir / "domain.yaml")
    with (bot_dir / "domain.yaml").open("a", encoding="utf-8") as domain_file:
        domain_file.write("\n  utter_own: [{text: {zh: 自己的流程, en: OWN FLOW}}]\n")
    if pattern:
        (bot_dir / "flows" / "own.yaml").write_text(f"flows:\n  {pattern}:\n    steps: [{steps}]\n", encoding="utf-8")

    async def run_action(call: ActionCall) -> ActionResult:
        return ActionResult()

    async def whole() -> list[Reply]:
        domain, flows = load_domain(bot_dir), load_flows(bot_dir)
        playbook = Playbook(flows=flows, domain=domain, run_action=run_action, texts=wordings or {})
        understanding = Understanding(flows=flows, domain=domain, index=FlowIndex([], HashEmbedder()))
        async with opened_bot(folder, probability=probability) as plain:
            definition = plain.definition.model_copy(update={"texts": dict(wordings or {})})
            answerer = replace(plain.answerer, definition=definition)
            bot = replace(plain, definition=definition, answerer=answerer, processes=Processes(playbook, understanding))
            conversation = await bot.open(UserId("u"))
            return [await say(bot, conversation, text) for text in texts]

    return asyncio.run(whole())


CASES: list[tuple[str, str, str, str]] = [
    ("pattern_search", "no_answer", "Do you sell gift cards?", "可以开发票吗？"),
    ("pattern_chitchat", "thanks", "thank you", "谢谢"),
    ("pattern_too_long", "too_long", "many words " * 500, "很长的话" * 1100),
    ("pattern_empty", "empty", " ", "　"),
    ("pattern_human_handoff", "person", "I want to talk to a person", "转人工"),
    ("pattern_repeat_bot_messages", "", "say that again", "再说一遍"),
    ("pattern_restart", "restarted", "start over", "重新开始"),
    ("pattern_session_start", "", "Do you sell gift cards?", "可以开发票吗？"),
]


@pytest.mark.parametrize(("pattern", "name", "english", "chinese"), CASES, ids=[case[0] for case in CASES])
def test_a_pattern_has_its_part_in_a_turn(tmp_path: Path, pattern: str, name: str, english: str, chinese: str) -> None:
    for language, text in (("en", english), ("zh", chinese)):
        folder = tmp_path / language
        folder.mkdir()
        first = [] if pattern == "pattern_session_start" else ["谢谢" if language == "zh" else "thank you"]
        if pattern == "pattern_chitchat":
            first = []
        replies = talk(folder, pattern, [*first, text])
        assert OWN[language] in replies[-1].answer.splitlines()


@pytest.mark.parametrize("pattern", ["pattern_search", "pattern_chitchat"])
def test_an_owner_rewords_without_a_flow(tmp_path: Path, pattern: str) -> None:
    wordings: dict[str, dict[Language, str]] = {
        "thanks": {"zh": "自己的话", "en": "OWN WORDS"},
        "abstain": {"zh": "自己的话", "en": "OWN WORDS"},
    }
    texts = ["thank you", "谢谢"] if pattern == "pattern_chitchat" else ["Do you fly?", "你们会飞吗"]
    replies = talk(tmp_path, "", texts, probability=0.1, wordings=wordings)
    assert [reply.answer for reply in replies] == ["OWN WORDS", "自己的话"]


def test_a_search_pattern_quotes_the_folder_with_its_source(tmp_path: Path) -> None:
    steps = "{action: utter_own}, {action: action_trigger_search}"
    (reply,) = talk(tmp_path, "pattern_search", ["Do you sell gift cards?"], steps)
    assert reply.answer.splitlines()[0] == OWN["en"]
    assert "10 to 500 dollars" in reply.answer
    assert [citation.source for citation in reply.citations] == ["faq.yaml"]
    assert reply.outcome == "answered"


def test_a_session_begins_once_and_the_question_is_answered_too(tmp_path: Path) -> None:
    replies = talk(tmp_path, "pattern_session_start", ["Do you sell gift cards?", "thank you"])
    assert replies[0].answer.startswith(OWN["en"])
    assert "10 to 500 dollars" in replies[0].answer
    assert replies[0].citations
    assert OWN["en"] not in replies[1].answer


def test_a_folder_with_other_patterns_answers_as_ever(tmp_path: Path) -> None:
    replies = talk(tmp_path, "pattern_restart", ["Do you sell gift cards?", "thank you", " ", "many words " * 500])
    assert "10 to 500 dollars" in replies[0].answer
    assert all(OWN["en"] not in reply.answer for reply in replies)
    assert replies[-1].outcome == "refused"
