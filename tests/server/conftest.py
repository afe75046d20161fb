"""A real server on a loopback port: a plain bot on the scripted engine and the real store, for this room's tests."""

import asyncio
import hashlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

import httpx2
import numpy as np
import pytest

from chatwright.bot.definition import BotDefinition, Channels
from chatwright.bot.record import reply_from_json, reply_to_json
from chatwright.bot.turn import Silent
from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import RequestError
from chatwright.messages import (
    Citation,
    ConversationId,
    ConversationSummary,
    Delta,
    DocumentText,
    Event,
    GenerateOptions,
    IdempotencyClaim,
    Language,
    Message,
    Reply,
    Timings,
    UserId,
)
from chatwright.server.app import create_app
from chatwright.server.auth import KeyRing
from chatwright.server.run import bind, run_server
from chatwright.server.server_settings import ServerSettings
from chatwright.store import SqlStore, open_store

T = TypeVar("T")

DOCUMENT = DocumentText(source="policies/returns.md", title="Returns", text="Goods may be returned within 30 days.")
QUOTE = Citation(source=DOCUMENT.source, title="Returns", start=0, end=5, quote="Goods", score=0.9)


class OneDocument:
    async def document(self, source: str) -> DocumentText | None:
        return DOCUMENT if source == DOCUMENT.source else None


@dataclass
class PlainBot:
    """Says what its engine says, with one citation."""

    name: str = "support"
    languages: tuple[Language, ...] = ("en", "zh")
    definition: BotDefinition = field(default_factory=lambda: BotDefinition(name="support"))
    engine: Any = None
    store: Any = None
    retriever: Any = field(default_factory=OneDocument)
    histories: list[tuple[Message, ...]] = field(default_factory=list)

    def title(self, language: Language) -> str:
        return {"en": "Shop <help>", "zh": "商店客服"}[language]

    def greeting(self, language: Language) -> str:
        return {"en": "Hello, I am an AI.", "zh": "您好，我是人工智能。"}[language]

    async def open(
        self, user: UserId, conversation: ConversationId | None = None, *, is_used_at_once: bool = False
    ) -> ConversationId:
        return await self.store.open_conversation(self.name, user, conversation)

    async def reply(
        self,
        conversation: ConversationId,
        text: str,
        *,
        history: Sequence[Message] = (),
        claim: IdempotencyClaim | None = None,
        metadata: Mapping[str, Any] | None = None,
        **thread: Any,
    ) -> AsyncIterator[Delta]:
        if claim and (settled := await self.store.settled(claim)):
            reply = reply_from_json(settled.data)
            yield Delta(text=reply.answer)
            yield Delta(finish_reason=reply.finish_reason, usage=reply.usage, reply=reply)
            return
        self.histories.append(tuple(history))
        async with self.store.turn(conversation) as turn:

            def event(kind: Any, data: dict[str, Any]) -> Event:
                return Event(conversation=conversation, kind=kind, turn=turn, data=data)

            await self.store.append([event("user", {"text": text, "metadata": dict(metadata or {})})], claim=claim)
            said, last = "", Delta()
            try:
                async for delta in self.engine.generate([Message(role="user", content=text)], GenerateOptions()):
                    said += delta.text
                    last = delta
                    if delta.text:
                        yield Delta(text=delta.text)
            except BaseException:
                await self.store.append([event("interrupted", {"text": said})])
                raise
            reply = Reply(
                answer=said,
                outcome="answered",
                citations=(QUOTE,),
                language="en",
                model=self.engine.model,
                usage=last.usage,
                timings_ms=Timings(total=1.0),
                conversation=conversation,
                turn=turn,
            )
            await self.store.append([event("bot", reply_to_json(reply))])
            yield Delta(finish_reason="stop", usage=last.usage, reply=reply)

    async def find(self, user: UserId, said: Sequence[Message], caller: str) -> None:
        return None

    async def silent(self, conversation: ConversationId) -> Silent:
        return Silent(wait_s=7.5)

    async def request_person(self, conversation: ConversationId) -> None:
        await self.store.append([Event(conversation=conversation, kind="handover_requested", turn=1, data={})])

    async def give_feedback(
        self, conversation: ConversationId, turn: int, rating: Literal["up", "down"], comment: str = ""
    ) -> None:
        if not any(event.kind == "bot" and event.turn == turn for event in await self.store.events(conversation)):
            raise RequestError(f"There is no answer {turn}.", status=404, param="turn")
        data = {"rating": rating, "comment": comment}
        await self.store.append([Event(conversation=conversation, kind="feedback", turn=turn, data=data)])


def embedded_bot(engine: ScriptedEngine, store: SqlStore) -> PlainBot:
    """Its owner lets https://shop.example show it."""
    channels = Channels(allowed_origins=("https://shop.example",))
    return PlainBot(engine=engine, store=store, definition=BotDefinition(name="support", channels=channels))


def plain_bot(engine: ScriptedEngine, store: SqlStore) -> PlainBot:
    return PlainBot(engine=engine, store=store)


def rasa_bot(**rasa: Any) -> Callable[[ScriptedEngine, SqlStore], PlainBot]:
    """A plain bot with this section `channels: rasa:`; https://shop.example may show it."""
    channels = {"allowed_origins": ["https://shop.example"], "rasa": rasa}
    definition = BotDefinition.model_validate({"name": "support", "channels": channels})
    return lambda engine, store: PlainBot(engine=engine, store=store, definition=definition)


class HashEmbedder:
    """Vectors made of a text's hash: equal texts are equal, of length 1."""

    name = "tiny-embedder"
    sha256 = "0" * 64
    dimension = 8

    def embed_queries(self, texts: Sequence[str]) -> Any:
        rows = [np.frombuffer(hashlib.sha256(text.encode()).digest()[:8], np.uint8) for text in texts]
        vectors = np.stack(rows).astype(np.float32) + 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    embed_passages = embed_queries


@dataclass
class Running:
    """A server that is up. Everything behind it may be looked at, and touched from its own loop with `call`."""

    url: str
    app: Any
    bot: Any
    engine: ScriptedEngine
    keys: KeyRing | None
    loop: asyncio.AbstractEventLoop

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that ran where the server runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def call(self, function: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return function()

        return self.do(run())

    def kinds(self, conversation: str) -> list[str]:
        """What happened in a conversation, as the store has it."""
        return [event.kind for event in self.do(self.bot.store.events(conversation))]

    def conversations(self) -> list[ConversationSummary]:
        return self.do(self.bot.store.conversations("support"))

    def client(self, **options: Any) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, timeout=20, trust_env=False, **options)


@contextmanager
def serving(
    *,
    replies: Any = ("Goods may be returned within 30 days.",),
    token_delay_s: float = 0.0,
    keys: KeyRing | None = None,
    is_gated: bool = False,
    make_bot: Callable[[ScriptedEngine, SqlStore], Any] = plain_bot,
    **settings: Any,
) -> Iterator[Running]:
    """A server in a thread with its own loop; ends it as a stop signal would."""
    folder = Path()
    started: list[Running] = []
    is_up = threading.Event()
    ended_with: list[BaseException] = []

    async def main() -> None:
        gate = asyncio.Event() if is_gated else None
        engine = ScriptedEngine(replies, model="tiny", num_ctx=256, gate=gate, token_delay_s=token_delay_s)
        store = await open_store(folder / "conversations.sqlite3")
        talking = ScriptedEngine(replies, model="tiny", num_ctx=4096, gate=gate, token_delay_s=token_delay_s)
        bot = make_bot(talking, store)
        chosen = ServerSettings(**{"port": 0, "drain_s": 0.5, **settings})
        app = create_app({"support": bot}, {"tiny": engine}, HashEmbedder(), settings=chosen, keys=keys)
        listener = bind("127.0.0.1", 0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started.append(Running(url, app, bot, engine, keys, asyncio.get_running_loop()))
        is_up.set()
        try:
            await run_server(app, chosen, listener=listener, log_level="ERROR")
        finally:
            await store.close()

    def run() -> None:
        nonlocal folder
        try:
            with TemporaryDirectory() as name:
                folder = Path(name)
                asyncio.run(main())
        except BaseException as error:
            ended_with.append(error)
            is_up.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert is_up.wait(20)
    if ended_with:
        raise ended_with[0]
    running = started[0]
    try:
        yield running
    finally:
        with suppress(RuntimeError):  # it has gone down already
            running.loop.call_soon_threadsafe(running.app.state.drain.begin)
        thread.join(20)
        assert not thread.is_alive()
        assert not ended_with, ended_with


def until(condition: Callable[[], object], *, within_s: float = 30.0) -> None:
    """Waits for the condition; a bound, not a measurement."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < within_s, "the condition never held"
        time.sleep(0.005)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for the tests of a module that leave nothing behind."""
    with serving() as running:
        yield running


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
def serve() -> Any:
    """`with serve(**options) as running:` for a server of one's own."""
    return serving
