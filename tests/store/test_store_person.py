"""Everything about one person: handed out whole, or gone from every file."""

import asyncio
from pathlib import Path

import orjson
import pytest
from opened_store import event, new_conversation, opened

from chatwright.errors import EngineError
from chatwright.messages import IdempotencyClaim, UserId
from chatwright.store.connection import make_engine

CANARY = "canary-7f3a-绝密"
TRACES = [CANARY.encode(), b"canary-7f3a", "绝密".encode()]


def traces(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() for trace in TRACES if trace in file.read_bytes()]


def test_erasing_leaves_no_trace_in_any_file(tmp_path: Path) -> None:
    canary = "canary-7f3a-绝密"

    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store, opened(tmp_path / "c.sqlite3") as reader:
            kept = await new_conversation(store, user="bob")
            await store.append([event(kept, text="stays")])
            erased = await new_conversation(store, user="ann")
            for turn in range(1, 50):
                await store.append([event(erased, turn=turn, text=f"{canary} {turn}")])
            assert await reader.events(erased)
            assert canary in str(await store.export_user(UserId("ann")))
            assert await store.erase_user(UserId("ann")) == 1
            assert await store.erase_user(UserId("ann")) == 0
            assert (await store.export_user(UserId("ann")))["conversations"] == []
            assert await reader.events(erased) == []
            assert [item.data["text"] for item in await store.events(kept)] == ["stays"]
            for file in tmp_path.iterdir():
                content = file.read_bytes()
                assert canary.encode() not in content
                assert b"canary-7f3a" not in content

    asyncio.run(run())


async def plant(store, num_turns: int = 60) -> None:  # type: ignore[no-untyped-def]
    """Canaries wherever text can be: user, events of all sizes, keys, scopes, deleted and kept among each other."""
    for number in range(3):
        conversation = await new_conversation(store, user=CANARY, bot=f"bot{number}")
        kept = await new_conversation(store, user="bob")
        for turn in range(1, num_turns):
            claim = IdempotencyClaim(scope=f"{CANARY} {turn}", key=f"canary-7f3a-{number}-{turn}", fingerprint=CANARY)
            said = event(conversation, turn=turn, text=CANARY * (turn % 40 * 10 + 1))
            await store.append([said], claim=claim)
            await store.append([event(kept, turn=turn, text="stays")])


def test_canaries_everywhere_are_gone_while_another_connection_is_open(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            await plant(store)
            engine = make_engine(tmp_path / "c.sqlite3", key=None, is_writer=False)
            with engine.connect() as reader:
                assert reader.exec_driver_sql("SELECT count(*) FROM events").scalar() == 2 * 3 * 59
                reader.rollback()  # open, but not in a transaction
                assert traces(tmp_path)
                assert await store.erase_user(UserId(CANARY)) == 3
                assert traces(tmp_path) == []
                for table in ("claims", "leases", "tickets"):
                    assert reader.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
                assert reader.exec_driver_sql("SELECT count(*) FROM events").scalar() == 3 * 59
                assert reader.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            engine.dispose()
        assert traces(tmp_path) == []

    asyncio.run(check())


def test_a_reader_in_the_past_delays_erasure_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.store.connection.SCRUB_TIMEOUT_S", 0.0)
    monkeypatch.setattr("chatwright.store.connection.BUSY_TIMEOUT_MS", 50)

    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            await plant(store, num_turns=5)
            engine = make_engine(tmp_path / "c.sqlite3", key=None, is_writer=False)
            with engine.connect() as reader:
                assert reader.exec_driver_sql("SELECT count(*) FROM events").scalar()
                with pytest.raises(EngineError) as caught:
                    await store.erase_user(UserId(CANARY))
                assert caught.value.code == "erasure_incomplete"
                assert (await store.export_user(UserId(CANARY)))["conversations"] == []
            engine.dispose()
            assert await store.erase_user(UserId(CANARY)) == 0
            assert traces(tmp_path) == []

    asyncio.run(check())


def test_erasing_while_others_speak_loses_nothing_of_theirs(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            await plant(store, num_turns=10)
            kept = await new_conversation(store, user="carol")

            async def speak() -> None:
                for _ in range(30):
                    async with store.turn(kept) as turn:
                        await store.append([event(kept, turn=turn)])

            _, count = await asyncio.gather(speak(), store.erase_user(UserId(CANARY)))
            assert count == 3
            assert [item.seq for item in await store.events(kept)] == list(range(1, 31))
            assert traces(tmp_path) == []

    asyncio.run(check())


def test_an_export_is_complete_json_over_all_bots(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            shop, bank = await new_conversation(store, bot="shop"), await new_conversation(store, bot="bank")
            await new_conversation(store, user="bob")
            claim = IdempotencyClaim(scope="s", key="k", fingerprint="f")
            said = await store.append([event(shop, text="你好"), event(shop, "bot", answer="hi")], claim=claim)
            await store.append([event(bank, "handover_requested", reason="x")])
            exported = orjson.loads(orjson.dumps(await store.export_user(UserId("ann"))))
            assert exported["user"] == "ann"
            found = {item["conversation"]: item for item in exported["conversations"]}
            assert {key: item["bot"] for key, item in found.items()} == {shop: "shop", bank: "bank"}
            assert [(e["seq"], e["kind"], e["turn"], e["data"]) for e in found[shop]["events"]] == [
                (item.seq, item.kind, item.turn, item.data) for item in said
            ]
            assert [item["key"] for item in found[shop]["idempotency_keys"]] == ["k"]
            assert found[bank]["is_waiting"] is True

    asyncio.run(check())
