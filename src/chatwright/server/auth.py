"""Who is calling. One function judges every credential, wherever it stands in the request.

Keys are `cw_` and 256 random bits; only their SHA-256 is kept, in one JSON file (mode 0600, replaced atomically).
Scopes: `chat` talks to bots and models, `operate` reads conversations and metrics, `admin` may do both.
A request needs no key only when the server listens on loopback and the request comes from this machine itself: not
through a proxy, not from a web page of another origin. Never decides by `request.url`, which a Host header can bend.
Does not stop: other users of the same machine.
"""

import hmac
import os
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, get_args

import orjson
from fastapi import Request
from filelock import FileLock
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from chatwright.errors import ConfigError, RequestError, nearest

Scope = Literal["chat", "operate", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is kept of a key. created_at, expires_at: seconds since 1970, None never expires."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    sha256: str
    created_at: float
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a request is from. key_id is None for visitors and for this machine's own user."""

    address: str
    is_local: bool
    key_id: str | None = None
    scopes: frozenset[Scope] = frozenset()

    @property
    def name(self) -> str:
        """Stable name for limits and idempotency scopes."""
        if self.key_id is not None:
            return f"key:{self.key_id}"
        return "local" if self.is_local else f"address:{self.address}"

    def may(self, scope: Scope) -> bool:
        return self.is_local or scope in self.scopes or "admin" in self.scopes


class KeyRing:
    """The keys of one installation, in one file that the command line and running servers share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[ApiKey, ...] = ()

    def create(self, name: str, scopes: tuple[str, ...], *, lifetime_s: float | None = None) -> str:
        """A new key's secret, which exists only here. Raises ConfigError on an unknown scope."""
        secret = f"cw_{secrets.token_urlsafe(32)}"
        now = time.time()
        key = ApiKey(
            id=secrets.token_hex(4),
            name=name,
            scopes=_known_scopes(scopes),
            sha256=_digest(secret),
            created_at=now,
            expires_at=None if lifetime_s is None else now + lifetime_s,
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            self._write((*self._read(), key))
        return secret

    def list(self) -> tuple[ApiKey, ...]:
        """All keys, oldest first; read again only when the file has changed."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            self._keys = self._read()
            self._seen = seen
        return self._keys

    def revoke(self, key_id: str) -> ApiKey:
        """Removes a key; servers refuse it from their next request on. Raises ConfigError for an unknown id."""
        with self._lock():
            keys = self._read()
            gone = next((key for key in keys if key.id == key_id), None)
            if gone is None:
                raise ConfigError(f"Unknown key {key_id!r}.", hint=nearest(key_id, [key.id for key in keys]))
            self._write(tuple(key for key in keys if key.id != key_id))
        return gone

    def verify(self, secret: str) -> ApiKey | None:
        """The key of this secret, None when there is none or it has expired. Compares with all, in constant time."""
        digest = _digest(secret)
        found = None
        for key in self.list():
            if hmac.compare_digest(key.sha256, digest):
                found = key
        if found is not None and found.expires_at is not None and found.expires_at <= time.time():
            return None
        return found

    def _lock(self) -> FileLock:
        return FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=10)

    def _read(self) -> tuple[ApiKey, ...]:
        try:
            rows = orjson.loads(self.path.read_bytes())
            return tuple(ApiKey(**{**row, "scopes": _known_scopes(tuple(row["scopes"]))}) for row in rows)
        except FileNotFoundError:
            return ()
        except (ValueError, TypeError, KeyError) as err:
            raise ConfigError(
                f"The key file {self.path} is damaged.", hint="Restore it from a backup, or move it away and make keys."
            ) from err

    def _write(self, keys: tuple[ApiKey, ...]) -> None:
        write_private(self.path, orjson.dumps([asdict(key) for key in keys], option=orjson.OPT_INDENT_2))


def write_private(path: Path, content: bytes) -> None:
    """Replaces `path` atomically with a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def require(scope: Scope | Literal["visit"], *, by_query: bool = False) -> Callable[[Request], Awaitable[Principal]]:
    """The dependency of a route: lets through who has `scope`, within their rate.

    "visit" is open to anybody unless the settings say that visitors need a key, then it is `chat`.
    by_query: the key may also come as `?token=`, as clients of Rasa send it.
    Raises RequestError 401 (no key or a wrong one), 403 (a key without the scope), 429 (too fast).
    """

    async def authorise(request: Request) -> Principal:
        principal = authorised(request, scope, token=request.query_params.get("token", "") if by_query else "")
        request.scope["chatwright.principal"] = principal  # for the headers that say what is left
        request.app.state.rates.spend(principal, cost=0.1 if request.method == "GET" else 1.0)
        return principal

    return authorise


def authorised(request: HTTPConnection, scope: Scope | Literal["visit"], *, token: str = "") -> Principal:
    """Who is calling, when they have `scope`. Raises RequestError 401 or 403. Spends nothing of their rate."""
    principal = authenticate(request, token=token)
    _refuse_without(principal, scope, visitors_need_key=request.app.state.settings.visitors_need_key)
    return principal


def authenticate(request: HTTPConnection, *, token: str = "") -> Principal:
    """Who is calling, by any of the three credential headers or by `token`, which came some other way.

    Raises RequestError 401 when the key is wrong.
    """
    keys: KeyRing | None = request.app.state.keys
    address = request.client.host if request.client else ""
    is_local = request.app.state.settings.is_loopback and _comes_from_this_machine(request.headers, address)
    presented = _credentials(request.headers) + ([token] if token else [])
    if not presented or (is_local and (keys is None or not keys.list())):
        return Principal(address=address, is_local=is_local)
    key = keys.verify(presented[0]) if keys is not None and len(set(presented)) == 1 else None
    if key is None:
        request.app.state.rates.spend(Principal(address=address, is_local=False), cost=1.0)
        raise RequestError(
            "The API key is not valid.",
            hint="Make one with: chatwright keys create DIR",
            code="invalid_api_key",
            status=401,
        )
    return Principal(address=address, is_local=False, key_id=key.id, scopes=frozenset(key.scopes))


def _refuse_without(principal: Principal, scope: Scope | Literal["visit"], *, visitors_need_key: bool) -> None:
    if scope == "visit" and not visitors_need_key:
        return
    needed: Scope = "chat" if scope == "visit" else scope
    if principal.may(needed):
        return
    if principal.key_id is None:
        raise RequestError(
            "This needs an API key: send Authorization: Bearer cw_….",
            hint="Make one with: chatwright keys create DIR",
            code="missing_api_key",
            status=401,
        )
    raise RequestError(
        f"This key lacks the scope {needed!r}.",
        hint=f"Make one with: chatwright keys create DIR --scope {needed}",
        code="insufficient_scope",
        status=403,
    )


def _credentials(headers: Headers) -> list[str]:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    found = [bearer.strip()] if scheme.lower() == "bearer" else []
    if scheme and not found:
        found = [f"not a bearer: {scheme}"]  # presented, so judged; and no key looks like it
    found += [value for name in ("api-key", "x-api-key") for value in headers.getlist(name)]
    return [value for value in found if value]


def _comes_from_this_machine(headers: Headers, address: str) -> bool:
    # A proxy in front makes everybody look local, and a web page can aim its visitor's browser at loopback.
    if any(name in headers for name in _FORWARDING_HEADERS):
        return False
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    if name.lower() not in _LOCAL_HOSTS:
        return False
    origin = headers.get("origin")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return False
    return is_loopback_address(address)


def is_loopback_address(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _known_scopes(scopes: tuple[str, ...]) -> tuple[Scope, ...]:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        wrong = repr(unknown[0]) if unknown else "none"
        raise ConfigError(f"Unknown scope {wrong}.", hint=f"Choose from: {', '.join(SCOPES)}.")
    return tuple(scope for scope in SCOPES if scope in scopes)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
