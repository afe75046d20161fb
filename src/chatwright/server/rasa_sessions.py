"""Who a Socket.IO connection is, and whose conversation its session id names.

A session id that a client chooses can be guessed, so it names a conversation only together with a credential: an API
key, a token's subject, this machine itself. A visitor without one gets ids that only this installation can make
(128 random bits and their HMAC), which prove themselves when they come back; any other id they name is theirs for as
long as they are connected.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, UserId
from chatwright.server.auth import Principal, authorised
from chatwright.server.rasa_jwt import Claims, TokenJudge
from chatwright.server.rasa_messages import read_sender
from chatwright.server.rasa_senders import credential_of, user_of
from chatwright.server.visitor_tokens import VisitorTokens

_KEY_PREFIX = "cw_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One connection that has been let in. key: the API key it came with, "" without one."""

    sid: str
    handshake: HTTPConnection
    key: str = ""
    claims: Claims | None = None

    def principal(self) -> Principal:
        """Who it is now: a key may have been revoked, a token have expired. Raises RequestError 401."""
        if self.claims is None:
            return authorised(self.handshake, "visit", token=self.key)
        if self.claims.has_expired:
            raise RequestError("The token has expired.", hint="Connect again.", code="token_expired", status=401)
        address = self.handshake.client.host if self.handshake.client else ""
        return Principal(address=address, is_local=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose conversation a message belongs to. room: everybody who hears the answer."""

    user: UserId
    room: str


def admitted(sid: str, handshake: HTTPConnection, auth: Any, judge: TokenJudge | None) -> Guest | None:
    """The connection, None when its token is not good. Raises RequestError 401 for a wrong key, or for none where
    visitors need one."""
    token = auth.get("token") if isinstance(auth, Mapping) else None
    if judge is not None:
        claims = judge.judge(token)
        return None if claims is None else Guest(sid=sid, handshake=handshake, claims=claims)
    if not (isinstance(token, str) and token.startswith(_KEY_PREFIX)):
        token = handshake.query_params.get("token", "")
    guest = Guest(sid=sid, handshake=handshake, key=token)
    guest.principal()
    return guest


class Sessions:
    """The session ids of one bot."""

    def __init__(self, bot: str, tokens: VisitorTokens) -> None:
        self._bot = bot
        self._tokens = tokens

    def confirmed(self, guest: Guest, wanted: Any) -> str:
        """The id that the client is to use: the one it asks for when that may be its own, else a new one."""
        named = read_sender(wanted, param="session_id")
        if _credential(guest) is not None:
            return named or uuid.uuid4().hex
        return named if named and self._is_issued(named) else self._issue()

    def place(self, guest: Guest, session: str | None) -> Place:
        """Where the guest speaks. session: None where sessions end with the connection, as Rasa has it by default."""
        credential = _credential(guest)
        if session is None:
            return Place(user=user_of("socketio", f"connection:{quote(guest.sid, safe='')}", ""), room=guest.sid)
        if credential is not None:
            user = user_of("socketio", credential, session)
        elif self._is_issued(session):
            user = user_of("socketio", "session", session)
        else:
            user = user_of("socketio", f"connection:{quote(guest.sid, safe='')}", session)
            return Place(user=user, room=guest.sid)
        return Place(user=user, room=f"user:{user}")  # no connection's own id has a colon

    def _issue(self) -> str:
        secret = uuid.uuid4().hex
        return f"{secret}.{self._tokens.token(self._bot, _name(secret))}"

    def _is_issued(self, session: str) -> bool:
        secret, _, token = session.partition(".")
        return self._tokens.matches(token, self._bot, _name(secret))


def _name(secret: str) -> ConversationId:
    # Never the id of a conversation: a visitor's token of one must not be good for the other.
    return ConversationId(f"socket.io session {secret}")


def _credential(guest: Guest) -> str | None:
    """None for a visitor, who has none of their own."""
    if guest.claims is not None:
        return f"jwt:{quote(guest.claims.subject, safe='')}" if guest.claims.subject else None
    principal = guest.principal()
    return credential_of(principal) if principal.is_local or principal.key_id is not None else None
