"""How errors look on the wire: OpenAI's four keys under /v1, `{"error": {message, hint, code}}` elsewhere.

Nothing of what went wrong inside is shown: an error that is not one of ours becomes one fixed sentence.
"""

from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chatwright.errors import ChatwrightError, ConfigError, EngineError, RequestError

INTERNAL = "Something went wrong on the server."
_INTERNAL_HINT = "Try again; the server's log has this request's id."
log = structlog.get_logger(__name__)


def is_openai_path(path: str) -> bool:
    return path == "/v1" or path.startswith("/v1/")


def openai_error(error: ChatwrightError) -> dict[str, Any]:
    """OpenAI's error object, all four keys present."""
    return {
        "error": {
            "message": str(error),
            "type": _openai_type(error.status),
            "param": getattr(error, "param", None),
            "code": error.code or None,
        }
    }


def native_error(error: ChatwrightError) -> dict[str, Any]:
    return {"error": {"message": error.message, "hint": error.hint, "code": error.code}}


def _openai_type(status: int) -> str:
    if status == 429:
        return "rate_limit_error"
    if status == 403:
        return "permission_error"
    return "server_error" if status >= 500 else "invalid_request_error"


def shown(error: Exception) -> ChatwrightError:
    """The error as a caller may see it: ours unless it is about this machine, anything else as one fixed sentence."""
    if isinstance(error, ChatwrightError) and (error.status < 500 or isinstance(error, EngineError)):
        return error
    return EngineError(INTERNAL, hint=_INTERNAL_HINT, code="internal_error", status=500)


def error_response(error: Exception, path: str) -> Response:
    """The HTTP answer to an error, in the envelope of its path, with Retry-After where waiting helps."""
    known = shown(error)
    body = openai_error(known) if is_openai_path(path) else native_error(known)
    headers = {"cache-control": "no-store"}
    retry_after_s = getattr(known, "retry_after_s", None)
    if retry_after_s is not None:
        headers["retry-after"] = str(retry_after_s)
    if known.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status_code=known.status, headers=headers, media_type="application/json")


def install_error_envelopes(app: FastAPI) -> None:
    """Every error that a route or the router raises leaves in the envelope of its path."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, ChatwrightError), error
        if error.status >= 500:
            # A ConfigError speaks of this installation, and its owner must read it; callers are not shown it.
            told = {"message": str(error)} if isinstance(error, ConfigError) else {}
            log.warning("request_not_served", error_type=type(error).__name__, code=error.code, **told)
        return error_response(error, request.scope["path"])

    async def of_the_router(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException), error
        response = error_response(_of_status(error.status_code, request), request.scope["path"])
        response.headers.update(error.headers or {})
        return response

    async def of_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError), error
        return error_response(first_fault(error.errors()), request.scope["path"])

    app.add_exception_handler(ChatwrightError, ours)
    app.add_exception_handler(HTTPException, of_the_router)
    app.add_exception_handler(RequestValidationError, of_validation)


def _of_status(status: int, request: Request) -> RequestError:
    path = request.scope["path"][:200]
    if status == 404:
        return RequestError(f"There is nothing at {path!r}.", code="not_found", status=404)
    if status == 405:
        return RequestError(f"{path!r} does not take {request.method}.", code="method_not_allowed", status=405)
    return RequestError("The request cannot be served.", code="bad_request", status=status)


def first_fault(faults: Any) -> RequestError:
    """Pydantic's first complaint as one line that names the field."""
    fault = faults[0]
    place = ".".join(str(step) for step in fault["loc"] if step not in ("body", "query", "path"))
    return RequestError(f"{place or 'body'}: {fault['msg']}.", code="invalid_value", param=place or None)
