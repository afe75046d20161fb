"""What proves that a conversation is this visitor's: a token that only this installation can make.

token = HMAC-SHA256(secret, bot and conversation id), given once when the conversation is made. The secret is 256
random bits in a file of mode 0600, so tokens survive a restart; nothing else is derived from it.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

from fastapi import Request
from filelock import FileLock

from chatwright.errors import RequestError
from chatwright.messages import ConversationId
from chatwright.server.auth import Principal, write_private

TOKEN_HEADER = "X-Conversation-Token"  # noqa: S105 - the name of a header, not a secret
_SECRET_BYTES = 32


class VisitorTokens:
    """Makes and checks tokens."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def in_folder(cls, folder: Path | None) -> "VisitorTokens":
        """Keeps its secret in `folder`; None: only in memory."""
        if folder is None:
            return cls(secrets.token_bytes(_SECRET_BYTES))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "visitor.secret"
        with FileLock(folder / "visitor.secret.lock", timeout=10):
            if not path.exists() or path.stat().st_size != _SECRET_BYTES:
                write_private(path, secrets.token_bytes(_SECRET_BYTES))
            return cls(path.read_bytes())

    def token(self, bot: str, conversation: ConversationId) -> str:
        text = f"chatwright visitor conversation\0{bot}\0{conversation}".encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(hmac.digest(self._secret, text, sha256)).rstrip(b"=").decode()

    def matches(self, token: str, bot: str, conversation: ConversationId) -> bool:
        expected = self.token(bot, conversation).encode()
        return hmac.compare_digest(expected, token.encode("utf-8", "surrogateescape"))


def cookie_name(conversation: ConversationId) -> str:
    """One cookie for each conversation, so that two tabs do not take each other's."""
    return f"cw_{sha256(conversation.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def own_conversation(request: Request, principal: Principal, bot: str, conversation: str) -> ConversationId:
    """The id, when the caller has its token or may operate. Raises RequestError 404, the same for "unknown"."""
    wanted = ConversationId(conversation)
    tokens: VisitorTokens = request.app.state.visitor_tokens
    presented = request.headers.get(TOKEN_HEADER) or request.cookies.get(cookie_name(wanted), "")
    is_operator = principal.key_id is not None and principal.may("operate")
    if is_operator or tokens.matches(presented, bot, wanted):
        return wanted
    raise unknown_conversation(conversation)


def unknown_conversation(conversation: str) -> RequestError:
    return RequestError(
        f"Unknown conversation {conversation[:64]!r}.",
        hint=f"Start one with POST …/conversations, and send its {TOKEN_HEADER}.",
        code="conversation_not_found",
        status=404,
    )
