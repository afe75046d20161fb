"""Imports a project that a test writes, checks the result, and talks to it: real store, real flows, real actions."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from chatwright.actions.opening import open_actions
from chatwright.bot.answer import Answerer
from chatwright.bot.definition import load_definition
from chatwright.bot.process import Processes
from chatwright.bot.rasa_import import Report, import_rasa
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.flows.nlu_file import load_training_data
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.entities import EntityReader
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.intent_classifier import open_classifier, with_trigger_examples
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.engines.scripted import ScriptedEngine
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.knowledge.evidence import SentenceSelector
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.messages import Reply, UserId
from chatwright.protocols import Embedder
from chatwright.safety.guards import default_guards
from chatwright.store import open_store


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The files below `folder`, made; the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def imported(tmp_path: Path, files: Mapping[str, str]) -> tuple[Path, Report]:
    """The bot folder that a project became, and the report."""
    target = tmp_path / "bot"
    return target, import_rasa(write(tmp_path / "project", files), target)


@asynccontextmanager
async def opened(folder: Path, embedder: Embedder | None = None) -> AsyncIterator[Bot]:
    """The bot of an imported folder, as the product wires it, without a model; with the small embedder if none is given."""
    definition, domain, flows = load_definition(folder), load_domain(folder), load_flows(folder)
    documents, embedder = Index(folder / "index.sqlite3"), embedder or HashEmbedder()
    ingest(folder / "knowledge", documents, embedder, progress=False)
    store = await open_store(folder / "conversations.sqlite3")
    retriever = HybridRetriever(documents, embedder)
    answerer = Answerer(
        definition=definition,
        engine=ScriptedEngine(["unused"]),
        retriever=retriever,
        selector=SentenceSelector(retriever),
    )
    async with open_actions(folder, definition.actions, domain.raw) as registry:
        names = {*registry.names, *(domain.actions if registry.has_fallback else ())}
        actions = {name: registry.find(name) for name in names}
        playbook = Playbook(
            flows=flows, domain=domain, run_action=registry.run, actions=actions, texts=definition.texts
        )
        data = load_training_data(folder)
        own = [with_trigger_examples(flow, data) for name, flow in flows.items() if not name.startswith("pattern_")]
        ranker = open_classifier(data, flows, embedder, folder / "intents.npz") if data.examples else None
        index, entities = FlowIndex(own, embedder), EntityReader(data)
        understanding = Understanding(flows=flows, domain=domain, index=index, ranker=ranker, entities=entities)
        processes = Processes(playbook, understanding)
        try:
            yield Bot(
                definition=definition, answerer=answerer, store=store, guards=default_guards(), processes=processes
            )
        finally:
            await store.close()
            documents.close()


def talk(folder: Path, texts: Sequence[str], embedder: Embedder | None = None) -> list[Reply]:
    """The replies to `texts`, said in one conversation."""

    async def whole() -> list[Reply]:
        async with opened(folder, embedder) as bot:
            conversation = await bot.open(UserId("visitor"))
            replies: list[Reply] = []
            for text in texts:
                replies += [delta.reply async for delta in bot.reply(conversation, text) if delta.reply is not None]
            return replies

    return asyncio.run(whole())
