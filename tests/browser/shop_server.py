"""A real server with a real bot and a real store for the browser; only its shelf of documents is made up on the spot."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

from chatwright.bot.answer import Answerer
from chatwright.bot.definition import BotDefinition, Channels, ModelChoice, Persona
from chatwright.bot.turn import Bot
from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import ChatwrightError, EngineError
from chatwright.messages import Citation, ConversationId, Delta, DocumentText, Evidence, FaqMatch, Passage
from chatwright.safety.guards import default_guards
from chatwright.server.app import create_app
from chatwright.server.run import bind, run_server
from chatwright.server.server_settings import ServerSettings
from chatwright.store import SqlStore, open_store

T = TypeVar("T")

# An emoji before the quotation: code points and UTF-16 units differ from there on.
RETURNS = "Returns 🎁\n\nGoods may be returned within 30 days. Please keep the box.\n\n" + "Other terms apply.\n\n" * 80
SHIPPING = "配送费用\n\n香港运费为35元。满800元免运费。\n\n" + "其他说明。\n\n" * 40
DOCUMENTS = {
    "returns": DocumentText(
        source="policies/returns.md", title="Returns & refunds", text=RETURNS, headings=((0, 1, "Returns 🎁"),)
    ),
    "运费": DocumentText(source="运费.md", title="配送费用", text=SHIPPING, headings=((0, 1, "配送费用"),)),
}
QUOTES = {
    "returns": "Goods may be returned within 30 days. Please keep the box.",
    "运费": "香港运费为35元。满800元免运费。",
}


@dataclass
class Shelf:
    """Retriever and evidence selector in one: the document whose name the question contains, and its quotation.

    `fail_once` is raised by the next search. A question with "slowly" waits for `gate` after its first sentence,
    one with "wait" before it has any.
    """

    documents: dict[str, DocumentText] = field(default_factory=lambda: dict(DOCUMENTS))
    quotes: dict[str, str] = field(default_factory=lambda: dict(QUOTES))
    fail_once: ChatwrightError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def search(self, query: str, num_passages: int = 5) -> list[Passage]:
        error, self.fail_once = self.fail_once, None
        if error is not None:
            raise error
        if "wait" in query:
            await self.gate.wait()
        return []

    async def match_faq(self, query: str) -> FaqMatch | None:
        return None

    async def select(self, question: str, passages: Sequence[Passage]) -> Evidence:
        found = [name for name in self.documents if name in question]
        return Evidence(spans=tuple(self._citation(name) for name in found), probability=0.95 if found else 0.0)

    def _citation(self, name: str) -> Citation:
        document, quote = self.documents[name], self.quotes[name]
        start = document.text.index(quote)
        return Citation(
            source=document.source, title=document.title, start=start, end=start + len(quote), quote=quote, score=0.9
        )

    async def document(self, source: str) -> DocumentText | None:
        return next((document for document in self.documents.values() if document.source == source), None)


class PacedBot(Bot):
    """Waits for the shelf's gate after the first sentence of an answer to a question with "slowly"; breaks off there
    once when the question has "break"."""

    broken: set[str] = set()  # noqa: RUF012 - one for all: the turn is told by its text

    async def reply(self, conversation: ConversationId, text: str, **options: Any) -> AsyncIterator[Delta]:
        deltas = cast(Any, super().reply(conversation, text, **options))
        async with aclosing(deltas) as source:
            async for delta in source:
                yield delta
                if "slowly" in text:
                    await cast(Shelf, self.retriever).gate.wait()
                if "break" in text and text not in self.broken:
                    self.broken.add(text)
                    raise EngineError("The model is gone.", code="engine_lost")


@dataclass(slots=True)
class Shop:
    """The running server."""

    url: str
    bot: Bot
    shelf: Shelf
    loop: asyncio.AbstractEventLoop
    app: Any

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def open_gate(self) -> None:
        self.loop.call_soon_threadsafe(self.shelf.gate.set)

    def close_gate(self) -> None:
        self.loop.call_soon_threadsafe(self.shelf.gate.clear)

    def latest(self) -> ConversationId:
        """The conversation in which something was said last."""
        return self.do(self.bot.store.conversations("shop"))[0].id

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What events of one kind say, of the latest conversation."""
        return [dict(item.data) for item in self.do(self.bot.store.events(self.latest())) if item.kind == kind]


def _definition(allowed_origins: tuple[str, ...], title: str) -> BotDefinition:
    return BotDefinition(
        name="shop",
        title={"zh": "小店客服", "en": title},
        languages=("zh", "en"),
        persona=Persona(greeting={"zh": "您好，我是 AI 助手，不是真人。", "en": "Hello, I am an AI, not a person."}),
        model=ModelChoice(wording="quote"),
        channels=Channels(allowed_origins=allowed_origins),
    )


def _bot(shelf: Shelf, store: SqlStore, definition: BotDefinition) -> Bot:
    engine = ScriptedEngine(["unused"])
    answerer = Answerer(definition=definition, engine=engine, retriever=shelf, selector=shelf)
    return PacedBot(definition=definition, answerer=answerer, store=store, guards=default_guards())


@contextmanager
def open_shop(
    shelf: Shelf | None = None,
    *,
    allowed_origins: tuple[str, ...] = (),
    title: str = "Shop help",
    with_flows: Callable[[Bot], Bot] = lambda bot: bot,
) -> Iterator[Shop]:
    """The server in a thread with its own loop; ends as on a stop signal. with_flows: what the bot gets besides."""
    chosen = shelf or Shelf()
    started: list[Shop] = []
    is_up = threading.Event()

    async def main(folder: Path) -> None:
        store = await open_store(folder / "conversations.sqlite3")
        bot = with_flows(_bot(chosen, store, _definition(allowed_origins, title)))
        settings = ServerSettings(port=0, drain_s=0.5)
        app = create_app({"shop": bot}, {}, None, settings=settings, keys=None)
        listener = bind("127.0.0.1", 0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started.append(Shop(url, bot, chosen, asyncio.get_running_loop(), app))
        is_up.set()
        try:
            await run_server(app, settings, listener=listener, log_level="CRITICAL")
        finally:
            await store.close()

    def run() -> None:
        try:
            with TemporaryDirectory() as name:
                asyncio.run(main(Path(name)))
        finally:
            is_up.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert is_up.wait(20)
    assert started, "the server did not start"
    try:
        yield started[0]
    finally:
        started[0].open_gate()
        started[0].loop.call_soon_threadsafe(started[0].app.state.drain.begin)
        thread.join(20)
        assert not thread.is_alive()
