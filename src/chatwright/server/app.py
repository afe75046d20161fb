"""Puts the server together from what it is given: bots, engines, an embedder, keys. No globals, no work at import.

Bots and engines belong to who made them (`bot/assemble.py` closes them after the server has ended).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from chatwright import __version__
from chatwright.bot.turn import Bot
from chatwright.errors import ConfigError
from chatwright.protocols import Embedder, Engine
from chatwright.server import (
    chat_api,
    openai_api,
    openai_embeddings,
    operations,
    pages,
    rasa_api,
    rasa_tracker,
)
from chatwright.server.auth import KeyRing
from chatwright.server.drain import Drain
from chatwright.server.edge import Edge
from chatwright.server.envelope import install_error_envelopes
from chatwright.server.limits import Rates
from chatwright.server.metrics import Metrics
from chatwright.server.rasa_callback import Callback
from chatwright.server.rasa_senders import Senders
from chatwright.server.server_settings import ServerSettings
from chatwright.server.visitor_tokens import TOKEN_HEADER, VisitorTokens


def create_app(
    bots: Mapping[str, Bot],
    engines: Mapping[str, Engine],
    embedder: Embedder | None,
    *,
    settings: ServerSettings,
    keys: KeyRing | None,
) -> FastAPI:
    """The ASGI application. Raises ConfigError when a bot and a model share a name: `model=` could mean either."""
    _refuse_shared_names(bots, engines, embedder)
    app = FastAPI(
        title="chatwright",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        openapi_url="/openapi.json" if settings.is_loopback else None,
    )
    state = app.state
    state.bots, state.engines, state.embedder = dict(bots), dict(engines), embedder
    state.settings, state.keys, state.started_at = settings, keys, int(time.time())
    state.rates, state.metrics = Rates(settings), Metrics()
    state.drain = Drain(drain_s=settings.drain_s)
    state.visitor_tokens = VisitorTokens.in_folder(settings.state_dir or (keys.path.parent if keys else None))
    state.warmup = operations.Warmup(state.engines.values())
    state.embedding_turn = asyncio.Lock()
    state.senders, state.callbacks, state.socket_channels = Senders(state.metrics), _callbacks(bots), []
    for api in (openai_api, openai_embeddings, chat_api, rasa_api, rasa_tracker, operations, pages):
        app.include_router(api.router)
    if pages.WIDGET_DIR.is_dir():
        app.mount("/static/widget", pages.WidgetFiles(directory=pages.WIDGET_DIR))
    _mount_socket_channels(app, bots)
    install_error_envelopes(app)
    _add_layers(app, settings, _embedding_sites(bots))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.warmup.begin()
    for channel in app.state.socket_channels:
        channel.begin()
    yield
    for channel in (*app.state.socket_channels, *app.state.callbacks.values()):
        await channel.close()
    await app.state.warmup.end()


def _callbacks(bots: Mapping[str, Bot]) -> dict[str, Callback]:
    settings = {name: bot.definition.channels.rasa.callback for name, bot in bots.items()}
    return {name: Callback(name, found) for name, found in settings.items() if found is not None}


def _mount_socket_channels(app: FastAPI, bots: Mapping[str, Bot]) -> None:
    """The first bot's at the path of its settings, every bot's below /bots/NAME."""
    for place, (name, bot) in enumerate(bots.items()):
        settings = bot.definition.channels.rasa.socketio
        if settings is None:
            continue
        from chatwright.server.rasa_socketio import SocketIoChannel  # only who serves it waits for its library

        channel = SocketIoChannel(app, bot, settings)
        app.state.socket_channels.append(channel)
        app.mount(f"/bots/{name}{settings.socketio_path}", channel)
        if place == 0:
            app.mount(settings.socketio_path, channel)


def _embedding_sites(bots: Mapping[str, Bot]) -> tuple[str, ...]:
    """Sites that some bot's owner has named in `channels.allowed_origins`."""
    return tuple(sorted({site for bot in bots.values() for site in bot.definition.channels.allowed_origins}))


def _add_layers(app: FastAPI, settings: ServerSettings, embedding_sites: tuple[str, ...]) -> None:
    # The last one added is the outermost. No credentials cross sites: an embedded widget sends its token in a header.
    if settings.cors_origins or embedding_sites:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[*settings.cors_origins, *embedding_sites],
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", TOKEN_HEADER],
            expose_headers=[TOKEN_HEADER, "Retry-After", "X-Request-Id"],
        )
    if settings.allowed_hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts), www_redirect=False)
    policy = pages.page_policy((*settings.frame_ancestors, *embedding_sites))
    app.add_middleware(Edge, drain=app.state.drain, metrics=app.state.metrics, page_policy=policy)


def _refuse_shared_names(bots: Mapping[str, Bot], engines: Mapping[str, Engine], embedder: Embedder | None) -> None:
    models = {*engines, *([embedder.name] if embedder is not None else [])}
    shared = sorted(set(bots) & models)
    if shared:
        raise ConfigError(
            f"A bot and a model are both called {shared[0]!r}.", hint="Give the bot another `name:` in its bot.yaml."
        )
