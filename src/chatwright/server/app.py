"""Puts the server together from what it is given: bots, engines, an embedder, keys. No globals, no work at import.

Bots and engines belong to who made them (`bot/assemble.py` closes them after the server has ended).
"""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from chatwright import __version__
from chatwright.errors import ConfigError
from chatwright.protocols import Embedder, Engine
from chatwright.server import chat_api, openai_api, openai_embeddings, operations, pages
from chatwright.server.auth import KeyRing
from chatwright.server.drain import Drain
from chatwright.server.edge import Edge
from chatwright.server.envelope import install_error_envelopes
from chatwright.server.limits import Rates
from chatwright.server.metrics import Metrics
from chatwright.server.server_settings import ServerSettings
from chatwright.server.visitor_tokens import TOKEN_HEADER, VisitorTokens

if TYPE_CHECKING:
    from chatwright.bot.turn import Bot


def create_app(
    bots: Mapping[str, "Bot"],
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
        openapi_url="/openapi.json" if settings.is_loopback else None,
    )
    state = app.state
    state.bots, state.engines, state.embedder = dict(bots), dict(engines), embedder
    state.settings, state.keys, state.started_at = settings, keys, int(time.time())
    state.rates, state.metrics = Rates(settings), Metrics()
    state.drain = Drain(drain_s=settings.drain_s)
    state.visitor_tokens = VisitorTokens.in_folder(settings.state_dir or (keys.path.parent if keys else None))
    state.embedding_turn = asyncio.Lock()
    for api in (openai_api, openai_embeddings, chat_api, operations, pages):
        app.include_router(api.router)
    app.mount("/static/widget", pages.WidgetFiles(directory=pages.WIDGET_DIR, check_dir=False))
    install_error_envelopes(app)
    _add_layers(app, settings)
    return app


def _add_layers(app: FastAPI, settings: ServerSettings) -> None:
    # The last one added is the outermost.
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", TOKEN_HEADER],
            expose_headers=[TOKEN_HEADER, "Retry-After", "X-Request-Id"],
        )
    if settings.allowed_hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts), www_redirect=False)
    app.add_middleware(Edge, drain=app.state.drain, metrics=app.state.metrics, page_policy=pages.page_policy(settings))


def _refuse_shared_names(bots: Mapping[str, "Bot"], engines: Mapping[str, Engine], embedder: Embedder | None) -> None:
    models = {*engines, *([embedder.name] if embedder is not None else [])}
    shared = sorted(set(bots) & models)
    if shared:
        raise ConfigError(
            f"A bot and a model are both called {shared[0]!r}.", hint="Give the bot another `name:` in its bot.yaml."
        )
