"""Conversations are found by what was said in them: by all of it, by whose they are, and by nothing less."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opened_store import opened

from chatwright.messages import ConversationId, Event, Message, UserId
from chatwright.store import SqlStore
from chatwright.store.transcript import transcript_digest

SAID = [("user", "I want to return it"), ("assistant", "Which order?"), ("user", "LM1"), ("assistant", "为什么？")]


def messages(*said: tuple[str, str]) -> list[Message]:
    return [Message(role="user" if role == "user" else "assistant", content=text) for role, text in said]


async def told(store: SqlStore, bot: str, user: str, said: list[tuple[str, str]]) -> ConversationId:
    conversation = await store.open_conversation(bot, UserId(user), None)
    for turn, (role, text) in enumerate(said):
        kind, key = ("user", "text") if role == "user" else ("bot", "answer")
        event = Event(conversation=conversation, kind=kind, turn=turn // 2 + 1, data={key: text})  # type: ignore[arg-type]
        await store.append([event])
    return conversation


def test_exactly_what_was_said_is_found_of_exactly_whose_it_is(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            own = await told(store, "shop", "ann", SAID)
            await told(store, "shop", "bob", SAID)
            await told(store, "other", "ann", SAID)
            await told(store, "shop", "ann", SAID[:2])
            find = store.find_transcript
            assert await find("shop", UserId("ann"), messages(*SAID)) == [own]
            assert await find("shop", UserId("ann"), messages(*SAID[:3])) == []
            assert await find("shop", UserId("eve"), messages(*SAID)) == []
            swapped = [(("assistant", "user")[role == "assistant"], text) for role, text in SAID]
            assert await find("shop", UserId("ann"), messages(*swapped)) == []
            again = await told(store, "shop", "ann", [(role, f" {text}\n") for role, text in SAID])
            assert await find("shop", UserId("ann"), messages(*SAID)) == [again, own]
            assert await find("shop", UserId("ann"), []) == []

    asyncio.run(run())


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=8)), max_size=5), st.data())
def test_the_digest_tells_transcripts_apart_but_for_spaces(said: list[tuple[str, str]], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=8)), max_size=5))
    same = [(role, text.split()) for role, text in said] == [(role, text.split()) for role, text in other]
    assert (transcript_digest(messages(*said)) == transcript_digest(messages(*other))) is same


@pytest.mark.parametrize("pair", [(("user", "a\0user\0b"), ("user", "a"), ("user", "b"))])
def test_a_text_cannot_pass_for_two(pair: tuple[tuple[str, str], ...]) -> None:
    one, *two = pair
    assert transcript_digest(messages(one)) != transcript_digest(messages(*two))
