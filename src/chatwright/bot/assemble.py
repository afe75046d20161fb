"""The wiring: this module and `cli` alone know the concrete classes. Everything else meets them as protocols.

In: a bot folder and the installation's settings. Out: a Bot that is ready, closed again when its context ends.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chatwright.actions.opening import open_actions
from chatwright.bot.answer import Answerer
from chatwright.bot.definition import BotDefinition, load_definition
from chatwright.bot.process import Processes
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.flows.nlu_file import load_training_data
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.training_data import TrainingData
from chatwright.dialogue.understanding.entities import EntityReader
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.intent_classifier import IntentClassifier, open_classifier, with_trigger_examples
from chatwright.dialogue.understanding.likelihood import LikelihoodModel, Scorer
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.engines.host import EngineHost
from chatwright.errors import ConfigError
from chatwright.knowledge.embedders import OpenVinoE5Embedder
from chatwright.knowledge.evidence import SentenceSelector
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import IngestReport, ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.models import ModelStore
from chatwright.models.progress import progress_bar
from chatwright.protocols import Embedder, Engine
from chatwright.safety.guards import default_guards
from chatwright.settings import Settings
from chatwright.store import SqlStore, open_store

NUM_CTX = 8192
_MANY_EXAMPLES = 400  # training takes more than two seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Several bots that share engines and one embedder, as one server runs them."""

    bots: Mapping[str, Bot]
    engines: Mapping[str, Engine]
    embedder: Embedder


@dataclass(slots=True)
class _Engines:
    """One engine a model, made when the first bot asks for it."""

    models: ModelStore
    stack: AsyncExitStack
    made: dict[str, Engine] = field(default_factory=dict)

    def get(self, model: str) -> Engine:
        if model not in self.made:
            engine = EngineHost(self.models.prepare(model), model=model, num_ctx=NUM_CTX)
            self.stack.push_async_callback(engine.close)
            self.made[model] = engine
        return self.made[model]


@asynccontextmanager
async def opened_house(bot_dirs: Sequence[Path], settings: Settings) -> AsyncIterator[House]:
    """Bots of several folders. Raises ConfigError when two have one name, or one is not ready."""
    definitions = {path: load_definition(path) for path in bot_dirs}
    _refuse_twins(definitions)
    for path in bot_dirs:
        _refuse_not_ingested(path, settings)  # before a model of hundreds of megabytes is read
    async with AsyncExitStack() as stack:
        engines = _Engines(ModelStore(settings.models_dir), stack)
        names = [definition.model.name for definition in definitions.values()]
        # The embedder is compiled while the models' digests are checked: each would keep the other waiting.
        embedder, _ = await asyncio.gather(
            asyncio.to_thread(_embedder, settings), asyncio.to_thread(lambda: [engines.get(name) for name in names])
        )
        bots: dict[str, Bot] = {}
        for path, definition in definitions.items():
            engine = engines.get(definition.model.name)
            bots[definition.name] = await _open_bot(path, definition, engine, embedder, settings, stack)
        yield House(bots=bots, engines=engines.made, embedder=embedder)


@asynccontextmanager
async def opened_bot(bot_dir: Path, settings: Settings) -> AsyncIterator[Bot]:
    """The bot of one folder."""
    async with opened_house([bot_dir], settings) as house:
        yield next(iter(house.bots.values()))


@asynccontextmanager
async def opened_store(
    bot_dir: Path, settings: Settings | None = None
) -> AsyncIterator[tuple[BotDefinition, SqlStore]]:
    """Only the conversations of a bot: no model, no index."""
    settings = settings or Settings()
    definition = load_definition(bot_dir)
    store = await open_store(settings.bot_data_dir(bot_dir) / "conversations.sqlite3", key=_database_key(settings))
    try:
        yield definition, store
    finally:
        await store.close()


def ingest_bot(bot_dir: Path, settings: Settings, *, is_progress_shown: bool = True) -> IngestReport:
    """Builds or refreshes the index of a bot folder. Raises ConfigError when there is no knowledge folder."""
    load_definition(bot_dir)
    knowledge_dir = bot_dir / "knowledge"
    if not knowledge_dir.is_dir():
        raise ConfigError(f"There is no {knowledge_dir}.", hint="Make it and put your documents there.")
    data, flows = load_training_data(bot_dir), load_flows(bot_dir)
    embedder = _embedder(settings)
    index = Index(_index_path(bot_dir, settings), key=_database_key(settings))
    try:
        report = ingest(knowledge_dir, index, embedder, progress=is_progress_shown)
    finally:
        index.close()
    _open_ranker(bot_dir, data, flows, embedder, settings, is_progress_shown=is_progress_shown)
    return report


async def _open_bot(
    bot_dir: Path,
    definition: BotDefinition,
    engine: Engine,
    embedder: Embedder,
    settings: Settings,
    stack: AsyncExitStack,
) -> Bot:
    index = Index(_index_path(bot_dir, settings), key=_database_key(settings))
    stack.callback(index.close)
    store = await open_store(settings.bot_data_dir(bot_dir) / "conversations.sqlite3", key=_database_key(settings))
    stack.push_async_callback(store.close)
    retriever = HybridRetriever(index, embedder)
    selector = SentenceSelector(retriever)
    answerer = Answerer(definition=definition, engine=engine, retriever=retriever, selector=selector)
    processes = await _open_processes(bot_dir, definition, engine, embedder, settings, stack)
    return Bot(definition=definition, answerer=answerer, store=store, guards=default_guards(), processes=processes)


async def _open_processes(
    bot_dir: Path,
    definition: BotDefinition,
    engine: Engine,
    embedder: Embedder,
    settings: Settings,
    stack: AsyncExitStack,
) -> Processes | None:
    """The flows of the folder with what they need; None when it has none."""
    flows = load_flows(bot_dir)
    if not any(not name.startswith("pattern_") for name in flows):
        return None
    domain = load_domain(bot_dir)
    registry = await stack.enter_async_context(open_actions(bot_dir, definition.actions, domain.raw))
    names = {*registry.names, *(domain.actions if registry.has_fallback else ())}
    playbook = Playbook(
        flows=flows,
        domain=domain,
        run_action=registry.run,
        actions={name: registry.find(name) for name in names},
        texts=definition.texts,
    )
    data = load_training_data(bot_dir)
    own = [with_trigger_examples(flow, data) for name, flow in flows.items() if not name.startswith("pattern_")]
    index = await asyncio.to_thread(FlowIndex, own, embedder)
    ranker = await asyncio.to_thread(_open_ranker, bot_dir, data, flows, embedder, settings)
    model = LikelihoodModel(engine, embedder) if isinstance(engine, Scorer) else None
    understanding = Understanding(
        flows=flows, domain=domain, index=index, ranker=ranker, entities=EntityReader(data), model=model
    )
    return Processes(playbook, understanding)


def _open_ranker(
    bot_dir: Path,
    data: TrainingData,
    flows: Mapping[str, Flow],
    embedder: Embedder,
    settings: Settings,
    *,
    is_progress_shown: bool = True,
) -> IntentClassifier | None:
    """Only where there are training data: on flows' examples alone it began one wrong flow in 72 held-out messages that
    the index did not, for three more understood (benchmarks/understanding.py)."""
    if not data.examples:
        return None
    cache = settings.bot_data_dir(bot_dir) / "intents.npz"
    is_long = len(data.examples) >= _MANY_EXAMPLES
    with progress_bar("intents", len(data.examples), is_shown=is_progress_shown and is_long) as advance:
        return open_classifier(data, flows, embedder, cache, advance)


def _embedder(settings: Settings) -> Embedder:
    return OpenVinoE5Embedder(settings.models_dir / "multilingual-e5-small")


def _refuse_not_ingested(bot_dir: Path, settings: Settings) -> None:
    if not _index_path(bot_dir, settings).exists():
        raise ConfigError(
            f"The knowledge of {bot_dir} has not been read yet.",
            hint=f"Read it with: chatwright ingest {bot_dir}",
            code="not_ingested",
        )


def _refuse_twins(definitions: Mapping[Path, BotDefinition]) -> None:
    seen: dict[str, Path] = {}
    for path, definition in definitions.items():
        if definition.name in seen:
            raise ConfigError(
                f"{seen[definition.name]} and {path} are both called {definition.name!r}.",
                hint="Give one of them another `name:` in its bot.yaml.",
            )
        seen[definition.name] = path


def _index_path(bot_dir: Path, settings: Settings) -> Path:
    return settings.bot_data_dir(bot_dir) / "index.sqlite3"


def _database_key(settings: Settings) -> str | None:
    return settings.database_key.get_secret_value() if settings.database_key else None
