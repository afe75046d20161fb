"""Idempotency keys: answered once, replayed after that; refused while running or with another body."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from opened_store import event, new_conversation, opened

from chatwright.errors import RequestError
from chatwright.messages import IdempotencyClaim


def claim(key: str = "k1", fingerprint: str = "f", scope: str = "s") -> IdempotencyClaim:
    return IdempotencyClaim(scope=scope, key=key, fingerprint=fingerprint)


def test_a_settled_claim_gives_its_answer(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            assert await store.settled(claim()) is None
            async with store.turn(conversation) as turn:
                await store.append([event(conversation, turn=turn)], claim=claim())
                with pytest.raises(RequestError) as running:
                    await store.settled(claim())
                assert (running.value.status, running.value.code) == (409, "idempotency_in_progress")
                await store.append([event(conversation, "bot", turn=turn, answer="42")])
            settled = await store.settled(claim())
            assert settled is not None
            assert settled.data == {"answer": "42"}
            assert await store.settled(claim(scope="another key's owner")) is None
            with pytest.raises(RequestError) as other:
                await store.settled(claim(fingerprint="g"))
            assert (other.value.status, other.value.code) == (422, "idempotency_key_reused")

    asyncio.run(run())


def test_two_requests_at_once_are_answered_once(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)

            async def speak() -> str:
                try:
                    if await store.settled(claim()):
                        return "replayed"
                    async with store.turn(conversation) as turn:
                        await store.append([event(conversation, turn=turn)], claim=claim())
                        await store.append([event(conversation, "bot", turn=turn, answer="x")])
                        return "answered"
                except RequestError as err:
                    return err.code

            outcomes = await asyncio.gather(*(speak() for _ in range(8)))
            assert outcomes.count("answered") == 1
            assert set(outcomes) <= {"answered", "replayed", "idempotency_in_progress"}
            assert [item.kind for item in await store.events(conversation)] == ["user", "bot"]

    asyncio.run(run())


@pytest.mark.parametrize("ending", [[], ["interrupted"]])
def test_a_claim_without_an_answer_can_be_taken_again(tmp_path: Path, ending: list[str]) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            async with store.turn(conversation) as turn:
                await store.append([event(conversation, turn=turn)], claim=claim())
                for kind in ending:
                    await store.append([event(conversation, kind, turn=turn)])  # type: ignore[arg-type]
            async with store.turn(conversation) as turn:
                pass  # waits for the release of the first
            assert await store.settled(claim()) is None
            async with store.turn(conversation) as turn:
                await store.append([event(conversation, turn=turn)], claim=claim())
                await store.append([event(conversation, "bot", turn=turn, answer="second")])
            settled = await store.settled(claim())
            assert settled is not None
            assert settled.data["answer"] == "second"

    asyncio.run(run())


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "键", "a\n"])
def test_keys_of_the_wrong_form(tmp_path: Path, key: str) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            with pytest.raises(RequestError) as caught:
                await store.settled(claim(key=key))
            assert caught.value.status == 400
            with pytest.raises(RequestError):
                await store.append([event(conversation)], claim=claim(key=key))
            assert await store.events(conversation) == []

    asyncio.run(run())


def test_one_key_in_two_conversations_is_answered_once(tmp_path: Path) -> None:
    """An API without conversations opens one a request: the retry must see that the first is still at work."""

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            first, second = await new_conversation(store), await new_conversation(store)
            async with store.turn(first) as turn:
                await store.append([event(first, turn=turn)], claim=claim())
                async with store.turn(second) as other:
                    with pytest.raises(RequestError) as caught:
                        await store.append([event(second, turn=other)], claim=claim())
                    assert (caught.value.status, caught.value.code) == (409, "idempotency_in_progress")
                await store.append([event(first, "bot", turn=turn, answer="1")])
            assert await store.events(second) == []
            settled = await store.settled(claim())
            assert settled is not None
            assert settled.conversation == first

    asyncio.run(check())


def test_a_later_turn_does_not_make_a_given_up_claim_busy(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            async with store.turn(conversation) as turn:
                await store.append([event(conversation, turn=turn)], claim=claim())
            async with store.turn(conversation):
                assert await store.settled(claim()) is None

    asyncio.run(check())


def test_the_first_answer_of_a_turn_is_replayed(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            said = [event(conversation), event(conversation, "bot", answer="a"), event(conversation, "bot", answer="b")]
            await store.append(said, claim=claim())
            settled = await store.settled(claim())
            assert settled is not None
            assert settled.data == {"answer": "a"}

    asyncio.run(check())


def test_a_foreign_holder_that_shows_no_life_gives_its_claim_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker on another machine, or one whose process id lives again after a restart, cannot be seen to be dead."""

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as dead, opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(dead)
            async with dead.turn(conversation) as turn:
                await dead.append([event(conversation, turn=turn)], claim=claim())
                with pytest.raises(RequestError) as caught:
                    await store.settled(claim())
                assert caught.value.status == 409
                monkeypatch.setattr("chatwright.store.leases.LEASE_S", 0.0)
                assert await store.settled(claim()) is None

    asyncio.run(check())


def test_claims_are_forgotten_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            await store.append([event(conversation), event(conversation, "bot", answer="x")], claim=claim())
            assert await store.purge_claims() == 0
            assert await store.settled(claim()) is not None
            monkeypatch.setattr("chatwright.store.claims.CLAIM_LIFE", timedelta(days=-1))
            assert await store.settled(claim(fingerprint="another")) is None
            await store.append([event(conversation, turn=2)], claim=claim(fingerprint="another"))
            assert await store.purge_claims() == 1

    asyncio.run(check())
