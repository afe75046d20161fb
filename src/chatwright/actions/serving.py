"""The action server: a folder's own functions by Rasa's action-server protocol, for any Rasa runtime.

In: HTTP. Out: GET /health, GET /actions, POST /webhook as rasa-sdk answers them, 404, 449 and deflate included.
Functions with @action and, where rasa-sdk is installed, subclasses of its Action are served. It asks nobody who they
are, as rasa-sdk does not: bind it to an address that only the bot reaches. Requests that a web page sent are refused.
"""

import uuid
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from chatwright.actions.folder_code import load_code, python_actions
from chatwright.actions.rasa_wire import read_call, reply_body
from chatwright.actions.registry import ActionRegistry
from chatwright.actions.sdk_actions import SdkActions
from chatwright.errors import ActionError, ConfigError, RequestError

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 16 * 2**20  # after inflation too; a tracker with thousands of events has about 5 MB
INVALID = {"error": "Invalid body request"}
MISSING_DOMAIN = (
    "Missing domain context, assistant will retry the request and include the domain in the request payload."
)


class ActionService:
    """What the routes share: the functions, and the last domain with its digest."""

    def __init__(self, registry: ActionRegistry, sdk: SdkActions) -> None:
        self._registry = registry
        self._sdk = sdk
        self._domain: Mapping[str, Any] | None = None
        self._digest: str | None = None

    @property
    def names(self) -> list[str]:
        return sorted({*self._registry.names, *self._sdk.names})

    async def health(self, _request: Request) -> Response:
        return _json({"status": "ok"})

    async def actions(self, _request: Request) -> Response:
        return _json([{"name": name} for name in self.names])

    async def webhook(self, request: Request) -> Response:
        if "origin" in request.headers:
            return _json({"error": "Requests from web pages are refused."}, 403)
        try:
            body = orjson.loads(await read_body(request))
        except RequestError as err:
            return _json({"error": err.message}, err.status)
        except orjson.JSONDecodeError:
            return _json(INVALID, 400)
        if not isinstance(body, dict):
            return _json(INVALID, 400)
        name = body.get("next_action")
        if not name:
            return _json(None)
        return await self._answer(name, body, request.headers.get("idempotency-key") or uuid.uuid4().hex)

    async def _answer(self, name: Any, body: Mapping[str, Any], call_id: str) -> Response:
        if name not in self.names:
            return _about(name, f"No registered action found for name '{name}'.", 404)
        domain, digest = body.get("domain"), body.get("domain_digest")
        if domain is None and (not self._digest or self._digest != digest):
            return _about(name, MISSING_DOMAIN, 449)
        if domain:
            self._domain, self._digest = domain, digest
        try:
            if name in self._sdk.names:
                return _json(await self._sdk.run(name, body, self._domain))
            result = await self._registry.run(read_call(body, call_id))
            return _json(reply_body(result))
        except ValueError as err:
            return _json({"error": f"{INVALID['error']}: {err}"}, 400)
        except ActionError as err:
            if err.code == "rejected":
                return _about(name, err.message, 400)
            return _json({"error": str(err), "request_body": body}, 500)


def create_action_app(bot_dir: Path, *, timeout_s: float = 60.0) -> Starlette:
    """The application for the code in `bot_dir`. Raises ConfigError when there is none or it cannot be loaded."""
    modules = load_code(bot_dir, is_alone=True)
    registry = ActionRegistry(python_actions(modules), timeout_s=timeout_s)
    service = ActionService(registry, SdkActions(modules, timeout_s=timeout_s))
    if not service.names:
        raise ConfigError(
            f"There are no actions in {bot_dir}.",
            hint="Write actions.py: functions with @action before them (from chatwright.actions import action).",
            code="actions_missing",
        )
    app = Starlette(
        routes=[
            Route("/health", service.health, methods=["GET"]),
            Route("/actions", service.actions, methods=["GET"]),
            Route("/webhook", service.webhook, methods=["POST"]),
        ]
    )
    app.state.names = service.names
    return app


async def read_body(request: Request) -> bytes:
    """The body, inflated when it says `deflate`. Raises RequestError 413 when it is or becomes too large, 400 else."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "deflate"):
        raise RequestError(f"Content-Encoding {encoding!r} is not known; use deflate.", status=415)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise RequestError(f"The body is larger than {MAX_BODY_BYTES} bytes.", status=413)
    except ClientDisconnect as err:
        raise RequestError(INVALID["error"], status=400) from err
    return inflate(bytes(body)) if encoding == "deflate" else bytes(body)


def inflate(body: bytes) -> bytes:
    """zlib's inverse, never more than MAX_BODY_BYTES. Raises RequestError."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error as err:
        raise RequestError(INVALID["error"], status=400) from err
    if len(content) > MAX_BODY_BYTES:
        raise RequestError(f"The body becomes larger than {MAX_BODY_BYTES} bytes.", status=413)
    if not inflater.eof:
        raise RequestError(INVALID["error"], status=400)
    return content


def _about(name: Any, message: str, status: int) -> Response:
    return _json({"error": message, "action_name": name}, status)


def _json(values: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(values), status_code=status, media_type="application/json")
