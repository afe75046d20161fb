"""The store against a plain list in memory: whatever is done in whatever order, both say the same."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, Event, EventKind, IdempotencyClaim, UserId
from chatwright.store import SqlStore, open_store

BOTS = st.sampled_from(["shop", "bank"])
USERS = st.sampled_from(["ann", "bob", "王"])
KINDS = st.sampled_from(["user", "bot", "interrupted", "handover_requested", "handover_closed", "feedback"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = st.sampled_from(["k1", "k2"])
PRINTS = st.sampled_from(["f1", "f2"])


@dataclass
class Model:
    """What should be there."""

    owner: dict[str, tuple[str, str]] = field(default_factory=dict)
    events: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    claims: dict[str, tuple[str, str, int]] = field(default_factory=dict)  # key: fingerprint, conversation, turn

    def num_turns(self, conversation: str) -> int:
        return max((turn for kind, turn, _ in self.events[conversation] if kind == "user"), default=0)

    def is_waiting(self, conversation: str) -> bool:
        asked = [kind for kind, _, _ in self.events[conversation] if kind.startswith("handover")]
        return asked[-1:] == ["handover_requested"]

    def last_text(self, conversation: str) -> str:
        return next((text for kind, _, text in reversed(self.events[conversation]) if kind == "user"), "")

    def answer(self, key: str) -> str | None:
        if key not in self.claims:
            return None
        _, conversation, wanted = self.claims[key]
        return next((text for kind, turn, text in self.events[conversation] if (kind, turn) == ("bot", wanted)), None)


class StoreMachine(RuleBasedStateMachine):
    conversations = Bundle("conversations")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.model = Model()
        self.store: SqlStore = self.run(open_store(self.folder / "c.sqlite3"))

    def run(self, doing: Any) -> Any:
        return self.runner.run(doing)

    def fails(self, doing: Any) -> int:
        with pytest.raises(RequestError) as caught:
            self.run(doing)
        return caught.value.status

    @rule(target=conversations, bot=BOTS, user=USERS)
    def open_one(self, bot: str, user: str) -> Any:
        opened = self.run(self.store.open_conversation(bot, UserId(user), None))
        assert opened not in self.model.owner
        self.model.owner[opened] = (bot, user)
        self.model.events[opened] = []
        return multiple(opened)

    @rule(conversation=conversations, bot=BOTS, user=USERS)
    def open_again(self, conversation: ConversationId, bot: str, user: str) -> None:
        again = self.store.open_conversation(bot, UserId(user), conversation)
        if self.model.owner.get(conversation) == (bot, user):
            assert self.run(again) == conversation
        else:
            assert self.fails(again) == 404

    @rule(conversation=conversations, said=st.lists(st.tuples(KINDS, st.integers(1, 4), TEXTS), max_size=4))
    def append(self, conversation: ConversationId, said: list[tuple[EventKind, int, str]]) -> None:
        appending = self.store.append(
            [Event(conversation=conversation, kind=kind, turn=turn, data={"text": text}) for kind, turn, text in said]
        )
        if said and conversation not in self.model.owner:
            assert self.fails(appending) == 404
            return
        stored = self.run(appending)
        if said:
            before = len(self.model.events[conversation])
            assert [item.seq for item in stored] == list(range(before + 1, before + len(said) + 1))
            self.model.events[conversation] += said

    @rule(conversation=conversations, text=TEXTS, key=KEYS, fingerprint=PRINTS, is_answered=st.booleans())
    def speak(self, conversation: ConversationId, text: str, key: str, fingerprint: str, is_answered: bool) -> None:
        claim = IdempotencyClaim(scope="s", key=key, fingerprint=fingerprint)
        if conversation not in self.model.owner:
            assert self.fails(self._speak(conversation, text, claim, is_answered)) == 404
        elif key in self.model.claims and self.model.claims[key][0] != fingerprint:
            assert self.fails(self._speak(conversation, text, claim, is_answered)) == 422
        elif self.model.answer(key) is not None:
            assert self.fails(self._speak(conversation, text, claim, is_answered)) == 409
        else:
            turn = self.run(self._speak(conversation, text, claim, is_answered))
            assert turn == self.model.num_turns(conversation) + 1
            self.model.claims[key] = (fingerprint, conversation, turn)
            self.model.events[conversation] += [("user", turn, text), *([("bot", turn, text)] * is_answered)]

    async def _speak(self, conversation: ConversationId, text: str, claim: IdempotencyClaim, is_answered: bool) -> int:
        async with self.store.turn(conversation) as turn:
            said = Event(conversation=conversation, kind="user", turn=turn, data={"text": text})
            await self.store.append([said], claim=claim)
            if is_answered:
                await self.store.append([Event(conversation=conversation, kind="bot", turn=turn, data={"text": text})])
            return turn

    @rule(key=KEYS, fingerprint=PRINTS)
    def settle(self, key: str, fingerprint: str) -> None:
        settling = self.store.settled(IdempotencyClaim(scope="s", key=key, fingerprint=fingerprint))
        if key in self.model.claims and self.model.claims[key][0] != fingerprint:
            assert self.fails(settling) == 422
        else:
            found = self.run(settling)
            assert (found and found.data["text"]) == self.model.answer(key)

    @rule(user=USERS)
    def erase(self, user: str) -> None:
        erased = [item for item, (_, owner) in self.model.owner.items() if owner == user]
        assert self.run(self.store.erase_user(UserId(user))) == len(erased)
        for item in erased:
            del self.model.owner[item], self.model.events[item]
        self.model.claims = {k: v for k, v in self.model.claims.items() if v[1] not in erased}

    @rule()
    def reopen(self) -> None:
        self.run(self.store.close())
        self.store = self.run(open_store(self.folder / "c.sqlite3"))

    @rule(conversation=conversations, after_seq=st.integers(0, 5))
    def read(self, conversation: ConversationId, after_seq: int) -> None:
        found = [(e.kind, e.turn, e.data["text"]) for e in self.run(self.store.events(conversation, after_seq))]
        assert found == self.model.events.get(conversation, [])[after_seq:]

    @rule(user=USERS)
    def export(self, user: str) -> None:
        found = self.run(self.store.export_user(UserId(user)))["conversations"]
        assert {
            item["conversation"]: [(e["kind"], e["turn"], e["data"]["text"]) for e in item["events"]] for item in found
        } == {item: self.model.events[item] for item, (_, owner) in self.model.owner.items() if owner == user}

    @invariant()
    def lists_agree(self) -> None:
        if not hasattr(self, "store"):
            return
        for bot in ("shop", "bank"):
            of_bot = {item for item, (owner, _) in self.model.owner.items() if owner == bot}
            listed = self.run(self.store.conversations(bot, limit=1000))
            assert {(item.id, item.user, item.num_turns, item.is_waiting, item.last_user_text) for item in listed} == {
                (
                    item,
                    self.model.owner[item][1],
                    self.model.num_turns(item),
                    self.model.is_waiting(item),
                    self.model.last_text(item),
                )
                for item in of_bot
            }
            waiting = self.run(self.store.conversations(bot, waiting_only=True, limit=1000))
            assert {item.id for item in waiting} == {item for item in of_bot if self.model.is_waiting(item)}
            assert [item.updated_at for item in listed] == sorted((item.updated_at for item in listed), reverse=True)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.run(self.store.close())
            self.runner.close()
            shutil.rmtree(self.folder)


TestStoreModel = StoreMachine.TestCase
TestStoreModel.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
