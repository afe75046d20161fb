"""Reads `Idempotency-Key`: one key of one caller on one route is one request, whatever the network does."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from fastapi import Request

from chatwright.messages import IdempotencyClaim
from chatwright.server.auth import Principal


def read_claim(
    request: Request, caller: Principal, body: Mapping[str, Any], *, owner: str = ""
) -> IdempotencyClaim | None:
    """The claim of this request, None without the header; the store judges the key's form.

    owner: who the key is private to, when that is not the caller: a conversation.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    route = getattr(request.scope.get("route"), "path", "")
    # A visitor may come back from another address; the conversation is then who they are.
    who = owner or caller.name
    fingerprint = sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return IdempotencyClaim(scope=f"{who} {request.method} {route}", key=key, fingerprint=fingerprint)
