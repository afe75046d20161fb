"""One turn of a bot, on a real index and a real store: what it says, what it keeps, and that it says nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from chatwright.bot.answer import Answerer
from chatwright.bot.definition import BotDefinition, ModelChoice
from chatwright.bot.record import reply_from_json, reply_to_json
from chatwright.bot.turn import Bot
from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import EngineError, RequestError
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.knowledge.evidence import SentenceSelector
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.messages import (
    Citation,
    ConversationId,
    Event,
    Evidence,
    IdempotencyClaim,
    Passage,
    Reply,
    UserId,
    Verdict,
)
from chatwright.safety.guards import default_guards
from chatwright.store import open_store

KNOWLEDGE = {
    "returns.md": "# Returns\n\nYou can return goods within 7 days of delivery. Opened earbuds cannot be returned.\n",
    "运费.md": "# 运费\n\n| 地区 | 运费 |\n|---|---|\n| 香港 | 35元 |\n| 台湾 | 60元 |\n",
    "faq.yaml": "- question: Do you sell gift cards?\n  answer: Yes, from 10 to 500 dollars.\n"
    "- question: 可以开发票吗？\n  answer: 可以，电子发票在签收后24小时内发到邮箱。\n",
}


class FixedSelector:
    """Evidence with a probability that the test decides; the spans are the first passage's own text."""

    def __init__(self, probability: float) -> None:
        self.probability = probability
        self.questions: list[str] = []

    async def select(self, question: str, passages: list[Passage]) -> Evidence:
        self.questions.append(question)
        first = passages[0]
        span = Citation(
            source=first.source, title=first.title, start=first.start, end=first.end, quote=first.text, score=0.9
        )
        return Evidence(spans=(span,), probability=self.probability)


@asynccontextmanager
async def opened_bot(
    folder: Path,
    replies: list[str] | None = None,
    *,
    probability: float | None = 0.9,
    guards: tuple[Any, ...] | None = None,
    wording: Literal["quote", "checked"] = "checked",
) -> AsyncIterator[Bot]:
    knowledge = folder / "knowledge"
    knowledge.mkdir(exist_ok=True)
    for name, text in KNOWLEDGE.items():
        (knowledge / name).write_text(text, encoding="utf-8")
    index, embedder = Index(folder / "index.sqlite3"), HashEmbedder()
    ingest(knowledge, index, embedder, progress=False)
    store = await open_store(folder / "conversations.sqlite3")
    retriever = HybridRetriever(index, embedder)
    definition = BotDefinition(name="shop", languages=("en", "zh"), model=ModelChoice(wording=wording))
    answerer = Answerer(
        definition=definition,
        engine=ScriptedEngine(replies or ["unused"]),
        retriever=retriever,
        selector=SentenceSelector(retriever) if probability is None else FixedSelector(probability),
    )
    try:
        yield Bot(
            definition=definition,
            answerer=answerer,
            store=store,
            guards=default_guards() if guards is None else guards,
        )
    finally:
        await store.close()
        index.close()


async def say(bot: Bot, conversation: ConversationId, text: str, **options: Any) -> Reply:
    deltas = [delta async for delta in bot.reply(conversation, text, **options)]
    reply = deltas[-1].reply
    assert reply is not None
    assert "".join(delta.text for delta in deltas) == reply.answer
    return reply


def run(test: Callable[[], Any]) -> None:
    asyncio.run(test())


async def exact(bot: Bot, reply: Reply) -> bool:
    for citation in reply.citations:
        document = await bot.retriever.document(citation.source)
        if document is None or document.text[citation.start : citation.end] != citation.quote:
            return False
    return True


@pytest.mark.parametrize(
    ("question", "answer", "source"),
    [
        ("Do you sell gift cards?", "Yes, from 10 to 500 dollars.", "faq.yaml"),
        ("可以开发票吗？", "可以，电子发票在签收后24小时内发到邮箱。", "faq.yaml"),
    ],
)
def test_curated_questions_get_their_curated_answer(tmp_path: Path, question: str, answer: str, source: str) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            reply = await say(bot, await bot.open(UserId("ann")), question)
            assert (reply.answer, reply.outcome) == (answer, "answered")
            assert [item.source for item in reply.citations] == [source]
            assert await exact(bot, reply)
            assert bot.engine.calls == []

    run(test)


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        ("You can return goods within 7 days of delivery; opened earbuds cannot be returned.", True),
        ("You can return goods within 30 days of delivery; opened earbuds cannot be returned.", False),
        ("Opened earbuds can be returned within 7 days.", False),
        ("You can return goods within 7 days. We also offer free drinks in Paris.", False),
        ("", False),
    ],
)
def test_the_models_wording_is_kept_only_when_it_is_supported(tmp_path: Path, said: str, is_kept: bool) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path, [said]) as bot:
            reply = await say(bot, await bot.open(UserId("ann")), "How many days do I have for a return of goods?")
            assert reply.outcome == "answered"
            assert reply.citations
            assert await exact(bot, reply)
            assert (said != "" and reply.answer.startswith(said)) is is_kept
            if not is_kept:
                assert reply.citations[0].quote in reply.answer

    run(test)


def test_without_evidence_the_bot_abstains_and_a_yes_calls_a_person(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path, probability=0.1) as bot:
            conversation = await bot.open(UserId("ann"))
            reply = await say(bot, conversation, "Do you deliver to the moon?")
            assert (reply.outcome, reply.offers_person, reply.citations) == ("abstained", True, ())
            assert await bot.store.conversations("shop", waiting_only=True) == []
            accepted = await say(bot, conversation, "yes please")
            assert accepted.outcome == "handed_over"
            assert [item.id for item in await bot.store.conversations("shop", waiting_only=True)] == [conversation]

    run(test)


def test_a_yes_without_an_offer_calls_nobody(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path, probability=0.1) as bot:
            conversation = await bot.open(UserId("ann"))
            await say(bot, conversation, "hello")
            await say(bot, conversation, "yes please")
            assert await bot.store.conversations("shop", waiting_only=True) == []

    run(test)


@pytest.mark.parametrize(
    ("text", "language", "outcome"),
    [
        ("hello", "en", "answered"),
        ("你好", "zh", "answered"),
        ("转人工", "zh", "handed_over"),
        ("I want to talk to a human", "en", "handed_over"),
        ("😀😀", "en", "answered"),
        ("   ", "en", "answered"),
        ("x" * 4001, "en", "refused"),
    ],
)
def test_messages_that_are_no_questions(tmp_path: Path, text: str, language: str, outcome: str) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            reply = await say(bot, await bot.open(UserId("ann")), text)
            assert (reply.language, reply.outcome, reply.citations) == (language, outcome, ())
            assert reply.answer

    run(test)


def test_followups_are_searched_as_whole_questions(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path, wording="quote") as bot:
            conversation = await bot.open(UserId("ann"))
            await say(bot, conversation, "寄到香港的运费是多少？")
            await say(bot, conversation, "那台湾呢？")
            first, second = bot.answerer.selector.questions  # type: ignore[attr-defined]
            assert first == "寄到香港的运费是多少？"
            assert "台湾" in second
            assert "运费" in second

    run(test)


def test_the_users_turn_is_kept_before_anything_is_said(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            conversation = await bot.open(UserId("ann"))
            stream = bot.reply(conversation, "Do you sell gift cards?")
            await anext(stream)
            assert [event.kind for event in await bot.store.events(conversation)] == ["user"]
            await stream.aclose()
            kinds = [event.kind for event in await bot.store.events(conversation)]
            assert kinds == ["user", "interrupted"]
            whole = await say(bot, conversation, "Do you sell gift cards?")
            assert whole.turn == 2

    run(test)


def test_a_settled_claim_is_replayed_word_for_word(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            conversation = await bot.open(UserId("ann"))
            claim = IdempotencyClaim(scope="s", key="k", fingerprint="f")
            first = await say(bot, conversation, "Do you sell gift cards?", claim=claim)
            again = await say(bot, conversation, "Do you sell gift cards?", claim=claim)
            assert reply_to_json(again) == reply_to_json(first)
            assert sum(event.kind == "user" for event in await bot.store.events(conversation)) == 1

    run(test)


class BrokenGuard:
    name = "broken"

    async def check(self, text: str, direction: str) -> Verdict:
        raise RuntimeError("out of order")


def test_a_guard_that_crashes_refuses(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path, guards=(BrokenGuard(),)) as bot:
            reply = await say(bot, await bot.open(UserId("ann")), "Do you sell gift cards?")
            assert (reply.outcome, reply.citations) == ("refused", ())

    run(test)


def test_a_model_that_fails_costs_the_wording_only(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            engine: Any = bot.engine
            engine.fail_with = EngineError("The model is gone.")
            reply = await say(bot, await bot.open(UserId("ann")), "How many days do I have for a return of goods?")
            assert reply.outcome == "answered"
            assert reply.citations[0].quote in reply.answer

    run(test)


def test_how_it_was_decided_is_kept(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path, probability=None, wording="quote") as bot:
            conversation = await bot.open(UserId("ann"))
            await say(bot, conversation, "Opened earbuds cannot be returned?")
            (commands,) = [event for event in await bot.store.events(conversation) if event.kind == "commands"]
            assert {"decided_by", "probability", "signals", "passages", "query"} <= set(commands.data)

    run(test)


def test_feedback_belongs_to_an_answer(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            conversation = await bot.open(UserId("ann"))
            reply = await say(bot, conversation, "Do you sell gift cards?")
            await bot.give_feedback(conversation, reply.turn, "up", "thanks")
            assert (await bot.store.events(conversation))[-1].data == {"rating": "up", "comment": "thanks"}
            with pytest.raises(RequestError) as caught:
                await bot.give_feedback(conversation, 99, "down")
            assert caught.value.status == 404

    run(test)


def test_a_person_can_be_asked_for_at_any_time(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            conversation = await bot.open(UserId("ann"))
            await bot.request_person(conversation)
            assert (await bot.store.conversations("shop", waiting_only=True))[0].id == conversation
            closed = Event(conversation=conversation, kind="handover_closed", turn=0, data={})
            await bot.store.append([closed])
            assert await bot.store.conversations("shop", waiting_only=True) == []

    run(test)


def test_a_reply_survives_its_json(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened_bot(tmp_path) as bot:
            reply = await say(bot, await bot.open(UserId("ann")), "Do you sell gift cards?")
            values = reply_to_json(reply)
            assert reply_to_json(reply_from_json(values)) == values
            assert set(values) >= {"answer", "outcome", "citations", "language", "model", "usage", "timings_ms"}

    run(test)
