"""Whose conversation a sender of one of Rasa's channels speaks in, and the order in which they are heard.

Senders choose their ids, so others can guess them: a sender is a user of their own for each credential and channel
(`rasa:rest:key:1a2b3c4d:anna`), and who has another credential never meets their conversation. Messages of one sender
are answered in the order in which they came. Does not stop: two people who share a credential and an id.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from weakref import WeakValueDictionary

import structlog

from chatwright.bot.turn import Bot
from chatwright.errors import RequestError
from chatwright.messages import ConversationId, Delta, IdempotencyClaim, Origin, UserId, Utterance
from chatwright.server.auth import Principal
from chatwright.server.envelope import shown
from chatwright.server.metrics import Metrics
from chatwright.server.rasa_messages import Said, utterances_of
from chatwright.server.stream import closing

MAX_WAITING = 20  # messages of one sender that have come and are not answered
_MAX_USER_CHARS = 200  # of the store
Channel = Literal["rest", "callback", "socketio"]
CHANNELS: tuple[Channel, ...] = ("rest", "callback", "socketio")
log = structlog.get_logger(__name__)


def credential_of(principal: Principal) -> str:
    """The part of a user's id that says by which credential they speak."""
    return f"key:{principal.key_id}" if principal.key_id is not None else "local"


def user_of(channel: Channel, credential: str, sender: str) -> UserId:
    """The user behind a sender: another one for every other channel, credential or sender.

    credential: without anything in it that a sender could have chosen, unless escaped.
    """
    user = f"rasa:{channel}:{credential}:{sender}"
    if len(user) <= _MAX_USER_CHARS:
        return UserId(user)
    return UserId(f"rasa-digest:{sha256(user.encode('utf-8', 'surrogatepass')).hexdigest()}")


@dataclass(slots=True, weakref_slot=True)
class _Line:
    """Those who wait for one sender's turn, the first of them speaking."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    num: int = 0


class Senders:
    """All senders of one server."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lines: WeakValueDictionary[tuple[str, UserId], _Line] = WeakValueDictionary()

    async def answer(
        self, bot: Bot, user: UserId, said: Said, *, is_strict: bool, claim: IdempotencyClaim | None = None
    ) -> AsyncIterator[Utterance]:
        """What the bot says to it. An error while it is handled is raised, or, where it is not strict, logged, and
        then ends what is said, as in Rasa."""
        keeps_citations = bot.definition.channels.rasa.citations
        try:
            if said.text is None:
                raise RequestError("message must be a string.", code="invalid_value", param="message")
            turn = self._turn(bot, user, said, claim)
            async with closing(self._metrics.watch(bot.name, turn)) as deltas:
                async for delta in deltas:
                    for utterance in utterances_of(delta, keeps_citations=keeps_citations):
                        yield utterance
        except Exception as error:  # the server's edge: Rasa's channels answer with what was said so far
            if is_strict:
                raise
            log.warning("rasa_message_failed", bot=bot.name, error_type=type(error).__name__, code=shown(error).code)

    async def _turn(self, bot: Bot, user: UserId, said: Said, claim: IdempotencyClaim | None) -> AsyncIterator[Delta]:
        """The turn in this user's conversation, after those that came before. Raises RequestError 429."""
        async with self._place(bot, user):
            conversation = await conversation_of(bot, user) or await bot.open(user)
            origin = Origin(channel=said.channel, sender=said.sender)
            deltas = bot.reply(conversation, said.text or "", metadata=said.metadata, claim=claim, origin=origin)
            async with closing(deltas):
                async for delta in deltas:
                    yield delta

    @asynccontextmanager
    async def _place(self, bot: Bot, user: UserId) -> AsyncIterator[None]:
        # Nothing is awaited before the place in the line is taken: who came first is first.
        line = self._lines.setdefault((bot.name, user), _Line())
        if line.num >= MAX_WAITING:
            raise RequestError(
                f"{MAX_WAITING} messages of this sender are not answered yet.",
                hint="Wait for the answers before sending more.",
                code="too_many_waiting",
                status=429,
                retry_after_s=5,
            )
        line.num += 1
        try:
            async with line.lock:
                yield
        finally:
            line.num -= 1


async def conversation_of(bot: Bot, user: UserId) -> ConversationId | None:
    """The user's conversation, None when they have not spoken yet."""
    found = await bot.store.conversations(bot.name, user=user, limit=1)
    return found[0].id if found else None
