"""What operators' machines ask: is the process up, may it get work, how is it doing."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from chatwright.errors import ChatwrightError
from chatwright.protocols import Engine
from chatwright.server.auth import Principal, require
from chatwright.server.openai_api import json_response

if TYPE_CHECKING:
    from chatwright.bot.turn import Bot

router = APIRouter()
_READY_TIMEOUT_S = 2.0


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
    faults = [*_engine_faults(state.engines.values()), *await _store_faults(state.bots.values())]
    if faults:
        return json_response({"status": "not_ready", "faults": faults}, 503)
    return json_response({"status": "ready"})


def _engine_faults(engines: Iterable[Engine]) -> list[str]:
    # Readiness is no part of the Engine contract: an engine that does not tell is taken as ready.
    return [f"engine {engine.model}" for engine in engines if not getattr(engine, "is_ready", True)]


async def _store_faults(bots: Iterable["Bot"]) -> list[str]:
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
