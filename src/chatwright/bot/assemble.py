"""The wiring: this module and `cli` alone know the concrete classes. Everything else meets them as protocols.

In: a bot folder and the installation's settings. Out: a Bot that is ready, closed again when its context ends.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from chatwright.actions.opening import open_actions
from chatwright.actions.registry import ActionRegistry
from chatwright.bot.answer import Answerer
from chatwright.bot.definition import BotDefinition, load_definition
from chatwright.bot.process import Processes
from chatwright.bot.rule_place import rule_problems
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.flows.nlu_file import load_training_data
from chatwright.dialogue.rules.nearness import NearnessIndex, is_example
from chatwright.dialogue.rules.rulebook import RuleBook
from chatwright.dialogue.running.turn_input import Playbook, RunAction
from chatwright.dialogue.training_data import TrainingData
from chatwright.dialogue.understanding.entities import EntityReader
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.intent_classifier import IntentClassifier, open_classifier, with_trigger_examples
from chatwright.dialogue.understanding.likelihood import LikelihoodModel, Scorer
from chatwright.dialogue.understanding.reply_reader import learn_replies
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.engines.host import EngineHost
from chatwright.errors import ConfigError
from chatwright.knowledge.cross_encoder import CrossEncoder
from chatwright.knowledge.embedders import OpenVinoE5Embedder
from chatwright.knowledge.evidence import SentenceSelector
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import IngestReport, ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.messages import ActionCall
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A bot that is tried out: data_dir has its conversations, guarded stands before its actions, now is its time."""

    data_dir: Path
    guarded: Callable[[RunAction, Callable[[ActionCall], bool]], RunAction]  # second: whether a call writes
    now: Callable[[], datetime] = datetime.now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readers:
    """What reads documents and questions for all bots: vectors, and the cross-encoder on the same weights."""

    embedder: Embedder
    cross_encoder: CrossEncoder


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
async def opened_house(
    bot_dirs: Sequence[Path], settings: Settings, *, trial: Trial | None = None
) -> AsyncIterator[House]:
    """Bots of several folders. Raises ConfigError when two have one name, or one is not ready."""
    definitions = {path: load_definition(path) for path in bot_dirs}
    _refuse_twins(definitions)
    for path in bot_dirs:
        _refuse_not_ingested(path, settings)  # before a model of hundreds of megabytes is read
    async with AsyncExitStack() as stack:
        engines = _Engines(ModelStore(settings.models_dir), stack)
        names = [definition.model.name for definition in definitions.values()]
        # The embedder is compiled while the models' digests are checked: each would keep the other waiting.
        readers, _ = await asyncio.gather(
            asyncio.to_thread(_readers, settings), asyncio.to_thread(lambda: [engines.get(name) for name in names])
        )
        bots: dict[str, Bot] = {}
        for path, definition in definitions.items():
            engine = engines.get(definition.model.name)
            bots[definition.name] = await _open_bot(path, definition, engine, readers, settings, stack, trial)
        yield House(bots=bots, engines=engines.made, embedder=readers.embedder)


@asynccontextmanager
async def opened_bot(bot_dir: Path, settings: Settings) -> AsyncIterator[Bot]:
    """The bot of one folder."""
    async with opened_house([bot_dir], settings) as house:
        yield next(iter(house.bots.values()))


@asynccontextmanager
async def opened_engine(model: str, settings: Settings) -> AsyncIterator[Engine]:
    """One model by its catalogue name, beside those of the bots. Raises ConfigError when it has not been pulled."""
    engine = EngineHost(ModelStore(settings.models_dir).prepare(model), model=model, num_ctx=NUM_CTX)
    try:
        yield engine
    finally:
        await engine.close()


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
    readers: _Readers,
    settings: Settings,
    stack: AsyncExitStack,
    trial: Trial | None = None,
) -> Bot:
    index = Index(_index_path(bot_dir, settings), key=_database_key(settings))
    stack.callback(index.close)
    data_dir = trial.data_dir if trial else settings.bot_data_dir(bot_dir)
    store = await open_store(data_dir / "conversations.sqlite3", key=_database_key(settings))
    stack.push_async_callback(store.close)
    retriever = HybridRetriever(index, readers.embedder)
    selector = SentenceSelector(retriever, readers.cross_encoder)
    answerer = Answerer(definition=definition, engine=engine, retriever=retriever, selector=selector)
    processes = await _open_processes(bot_dir, definition, engine, readers.embedder, settings, stack, trial)
    rules = await _open_rules(bot_dir, definition, readers.embedder)
    return Bot(
        definition=definition,
        answerer=answerer,
        store=store,
        guards=default_guards(),
        processes=processes,
        rules=rules,
    )


async def _open_rules(bot_dir: Path, definition: BotDefinition, embedder: Embedder) -> RuleBook:
    """The rules of bot.yaml. Raises ConfigError for one that speaks of what the folder does not have."""
    if not definition.rules:
        return RuleBook(())
    if problems := rule_problems(bot_dir, definition, load_flows(bot_dir), load_domain(bot_dir)):
        raise ConfigError(" ".join(problems), hint=f"See all: chatwright check {bot_dir}", code="rules_invalid")
    phrases = [phrase for rule in definition.rules for phrase in (*rule.when.says, *rule.when.but_not)]
    nearness = await asyncio.to_thread(NearnessIndex, phrases, embedder) if any(map(is_example, phrases)) else None
    return RuleBook(definition.rules, nearness)


async def _open_processes(
    bot_dir: Path,
    definition: BotDefinition,
    engine: Engine,
    embedder: Embedder,
    settings: Settings,
    stack: AsyncExitStack,
    trial: Trial | None = None,
) -> Processes | None:
    """The flows of the folder with what they need; None when it has none."""
    flows = load_flows(bot_dir)
    if not flows:
        return None
    domain = load_domain(bot_dir)
    registry = await stack.enter_async_context(open_actions(bot_dir, definition.actions, domain.raw))
    names = {*registry.names, *(domain.actions if registry.has_fallback else ())}
    playbook = Playbook(
        flows=flows,
        domain=domain,
        run_action=trial.guarded(registry.run, partial(call_writes, registry, flows)) if trial else registry.run,
        actions={name: registry.find(name) for name in names},
        texts=definition.texts,
    )
    data = load_training_data(bot_dir)
    own = [with_trigger_examples(flow, data) for name, flow in flows.items() if not name.startswith("pattern_")]
    index = await asyncio.to_thread(FlowIndex, own, embedder)
    ranker = await asyncio.to_thread(_open_ranker, bot_dir, data, flows, embedder, settings)
    await asyncio.to_thread(learn_replies)
    model = LikelihoodModel(engine, embedder) if isinstance(engine, Scorer) else None
    understanding = Understanding(
        flows=flows, domain=domain, index=index, ranker=ranker, entities=EntityReader(data), model=model
    )
    return Processes(playbook, understanding, trial.now if trial else datetime.now)


def call_writes(registry: ActionRegistry, flows: Mapping[str, Flow], call: ActionCall) -> bool:
    """Whether the action says that it writes, or the step that calls it does (`metadata: {writes: true}`)."""
    frame = call.stack[-1] if call.stack else {}
    flow = flows.get(str(frame.get("flow_id")))
    step = flow.steps.get(str(frame.get("step_id"))) if flow else None
    return registry.writes(call.name) or (step is not None and step.metadata.get("writes") is True)


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


def _readers(settings: Settings) -> _Readers:
    embedder = _embedder(settings)
    encoder = CrossEncoder(settings.models_dir / "multilingual-e5-small", tokenizer=embedder.tokenizer)
    return _Readers(embedder=embedder, cross_encoder=encoder)


def _embedder(settings: Settings) -> OpenVinoE5Embedder:
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
