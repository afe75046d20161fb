"""What operators' machines ask: is the process up, may it get work, how is it doing."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Protocol, runtime_checkable

import structlog
from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from chatwright.bot.turn import Bot
from chatwright.errors import ChatwrightError
from chatwright.protocols import Engine
from chatwright.server.auth import Principal, require
from chatwright.server.openai_api import json_response

router = APIRouter()
_READY_TIMEOUT_S = 2.0
log = structlog.get_logger(__name__)


@router.get("/health")
async def health() -> Response:
    """The process is up."""
    return json_response({"status": "ok"})


@router.get("/ready")
async def ready(request: Request) -> Response:
    """Whether work may be sent here: 503 while going down, or when an engine or a store does not answer."""
    state = request.app.state
    if state.drain.is_draining:
        return json_response({"status": "draining"}, 503)
    faults = [*state.warmup.faults(), *await _store_faults(state.bots.values())]
    if faults:
        return json_response({"status": "not_ready", "faults": faults}, 503)
    return json_response({"status": "ready"})


@runtime_checkable
class Startable(Protocol):
    """An engine that loads its model when told to; others are ready from the first."""

    async def start(self) -> None: ...


class Warmup:
    """Loads the models of engines while the server already listens, so that no visitor waits for it."""

    def __init__(self, engines: Iterable[Engine]) -> None:
        self._engines = list(engines)
        self._starting: dict[str, asyncio.Task[None]] = {}

    def begin(self) -> None:
        for engine in self._engines:
            if isinstance(engine, Startable):
                self._starting[engine.model] = asyncio.create_task(_start(engine))

    async def end(self) -> None:
        for task in self._starting.values():
            task.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)

    def faults(self) -> list[str]:
        """What keeps work from being sent here: models still loading, and engines that keep crashing."""
        loading = [f"engine {model} is loading" for model, task in self._starting.items() if not task.done()]
        broken = [f"engine {e.model} keeps failing" for e in self._engines if getattr(e, "is_circuit_open", False)]
        return loading + broken


async def _start(engine: Startable) -> None:
    try:
        await engine.start()
    except ChatwrightError as error:  # whoever asks for this model gets the same error, with its hint
        log.warning("engine_not_started", error_type=type(error).__name__, code=error.code)


async def _store_faults(bots: Iterable[Bot]) -> list[str]:
    faults = []
    for bot in bots:
        try:
            async with asyncio.timeout(_READY_TIMEOUT_S):
                await bot.store.conversations(bot.name, limit=1)
        except (ChatwrightError, TimeoutError):
            faults.append(f"store of {bot.name}")
    return faults


@router.get("/metrics")
async def metrics(request: Request, caller: Annotated[Principal, Depends(require("operate"))]) -> Response:
    """Prometheus text; needs `operate`, because names of bots and their traffic are nobody else's business."""
    return Response(request.app.state.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
