"""Conversations written by hand and blind, a hundred a set: does the bot do exactly what each visitor wanted?

    python -m benchmarks.conversations [--set conversations_second] [--flow return_parcel] [--id return-zh-03 ...]
                                       [--show] [--json FILE]

The visitors' lines, the day they speak on and what must come of them are in `benchmarks/SET/*.yaml`, twenty a flow,
half in Chinese. Each set was written from examples/support alone, before the product was tried on it, and the product
was mended against it after its first run: only that first figure tells of visitors never seen. The lines are said in
their order, whatever the bot asks. A conversation is right when the actions that write were run with exactly the
expected arguments, in order; the expected flows, and no others, came to their end, in order; and the expected slots
last held the expected values. Spaces and hyphens of order numbers and phone numbers do not count, nor does the full
stop after a text. A write that was not expected is counted apart. Real embedder, real index, real 0.5B model.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from benchmarks.processes import BOT_DIR, decided_by, dialogue_of
from chatwright.bot.assemble import ingest_bot, opened_bot
from chatwright.bot.turn import Bot
from chatwright.evaluation.report import Share
from chatwright.messages import UserId
from chatwright.settings import Settings
from chatwright.yamlfile import YamlFile

SETS = ("conversations", "conversations_second", "conversations_third")
CODES = ("order_id", "phone", "callback_phone")
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One conversation as written: the visitor's lines, and what must come of them."""

    id: str
    flow: str
    language: str
    now: datetime
    turns: Sequence[str]
    expect: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a conversation; times are (what decided the turn, milliseconds)."""

    id: str
    flow: str
    language: str
    wrong: Sequence[str]
    num_wrong_writes: int
    turns: Sequence[tuple[str, str, str]]
    times: Sequence[tuple[str, float]]


def scripts(flow: str = "", ids: Sequence[str] = (), name: str = SETS[0]) -> list[Script]:
    """The written conversations of a set, all of them or those of one flow or of some ids."""
    found = [
        Script(**item | {"now": datetime.fromisoformat(item["now"]), "flow": path.stem})
        for path in sorted((Path(__file__).parent / name).glob("*.yaml"))
        for item in YamlFile(path).values
    ]
    return [each for each in found if flow in ("", each.flow) and (not ids or each.id in ids)]


def is_same(name: str, value: Any, expected: Any) -> bool:
    """Whether a value is the expected one, or one of the list of expected ones."""
    if isinstance(expected, list):
        return any(is_same(name, value, each) for each in expected)
    if isinstance(value, str) and isinstance(expected, str):
        return _plain(name, value) == _plain(name, expected)
    return bool(value == expected)


def _plain(name: str, text: str) -> str:
    return re.sub(r"[\s+-]", "", text).upper() if name in CODES else text.strip().rstrip("。.")


def is_same_call(name: str, arguments: Values, expected: Values) -> bool:
    """Whether an action ran as expected, with these arguments and no others; empty ones do not count."""
    given = {key: value for key, value in arguments.items() if value not in (None, "")}
    wanted = expected["arguments"]
    return (
        name == expected["name"]
        and set(given) == set(wanted)
        and all(is_same(key, given[key], wanted[key]) for key in wanted)
    )


def judge(expect: Values, trace: Sequence[Values]) -> tuple[list[str], int]:
    """What is wrong with the traced conversation, and how many writes nobody wanted."""
    wrong: list[str] = []
    writes = [(item["name"], item["arguments"]) for item in trace if item["event"] == "action" and item["is_write"]]
    wanted = list(expect["actions"])
    if len(writes) != len(wanted) or not all(
        is_same_call(*call, one) for call, one in zip(writes, wanted, strict=True)
    ):
        wrong.append(f"writes {writes}, expected {wanted}")
    num_unwanted = 0
    for call in writes:
        fitting = next((one for one in wanted if is_same_call(*call, one)), None)
        if fitting is None:
            num_unwanted += 1
        else:
            wanted.remove(fitting)
    completed = [item["flow"] for item in trace if item["event"] == "flow_completed"]
    completed = [flow for flow in completed if not flow.startswith("pattern_")]
    if completed != expect["completed"]:
        wrong.append(f"completed {completed}, expected {expect['completed']}")
    held = {item["name"]: item["value"] for item in trace if item["event"] == "slot" and item["value"] is not None}
    for name, value in expect["slots"].items():
        if not is_same(name, held.get(name), value):
            wrong.append(f"{name} {held.get(name)!r}, expected {value!r}")
    return wrong, num_unwanted


async def converse(bot: Bot, script: Script) -> Outcome:
    """Says the lines of one conversation in their order."""
    assert bot.processes is not None
    bot.processes._now = lambda: script.now  # the day on which the visitor speaks
    conversation = await bot.open(UserId(script.id))
    trace: list[dict[str, Any]] = []
    turns: list[tuple[str, str, str]] = []
    times: list[tuple[str, float]] = []
    for text in script.turns:
        started = time.perf_counter()
        replies = [delta.reply async for delta in bot.reply(conversation, text) if delta.reply]
        elapsed_ms = (time.perf_counter() - started) * 1000
        events = await bot.store.events(conversation)
        own = [event for event in events if event.turn == replies[-1].turn]
        times.append((decided_by(own), elapsed_ms))
        turns.append((text, replies[-1].answer, decided_by(own)))
        trace += dialogue_of(own, events)[1]
    wrong, num_wrong_writes = judge(script.expect, trace)
    return Outcome(
        id=script.id,
        flow=script.flow,
        language=script.language,
        wrong=wrong,
        num_wrong_writes=num_wrong_writes,
        turns=turns,
        times=times,
    )


async def run(chosen: Sequence[Script], is_shown: bool, written: TextIO | None, kept_dir: Path | None) -> list[Outcome]:
    """The outcomes of the chosen conversations, each in a conversation of its own with one bot."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        folder = (kept_dir or Path(name)) / "support"
        ignored = shutil.ignore_patterns(".chatwright")
        shutil.copytree(BOT_DIR, folder, ignore=ignored, dirs_exist_ok=True)
        ingest_bot(folder, Settings(), is_progress_shown=False)
        async with opened_bot(folder, Settings()) as bot:
            for script in chosen:
                outcomes.append(await converse(bot, script))
                if is_shown and outcomes[-1].wrong:
                    print_outcome(outcomes[-1])
                if written:
                    print(json.dumps(asdict(outcomes[-1]), ensure_ascii=False), file=written, flush=True)
    return outcomes


def print_outcome(outcome: Outcome) -> None:
    print(f"\n--- {outcome.id}")
    for text, answer, by in outcome.turns:
        print(f"  > {text}\n    {answer!r}  [{by}]")
    for each in outcome.wrong:
        print(f"  ! {each}")


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares with their 95% intervals, and times."""
    times = [pair for outcome in outcomes for pair in outcome.times if pair[0].startswith("flow")]
    fast, slow = ([ms for by, ms in times if ("model" in by) is is_slow] for is_slow in (False, True))
    groups = [*sorted({outcome.flow for outcome in outcomes}), "zh", "en"]

    def share(group: str) -> str:
        found = [not each.wrong for each in outcomes if group in ("", each.flow, each.language)]
        return str(Share(count=sum(found), n=len(found)))

    return {
        "right": share(""),
        "wrong_writes": sum(outcome.num_wrong_writes for outcome in outcomes),
        **{group: share(group) for group in groups},
        "turns": sum(len(outcome.turns) for outcome in outcomes),
        "turns_decided": dict(Counter(by for outcome in outcomes for by, _ in outcome.times).most_common()),
        "turn_without_model_p95_ms": round(float(np.percentile(fast, 95)), 1) if fast else None,
        "turn_with_model_p95_ms": round(float(np.percentile(slow, 95)), 1) if slow else None,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default=SETS[0], choices=SETS)
    parser.add_argument("--flow", default="", choices=["", *sorted({each.flow for each in scripts()})])
    parser.add_argument("--id", nargs="*", default=())
    parser.add_argument("--show", action="store_true", help="print the conversations that went wrong")
    parser.add_argument("--json", type=argparse.FileType("w", encoding="utf-8"), help="every outcome, one line each")
    parser.add_argument("--kept", type=Path, help="keep the bot's copy and index here between runs")
    given = parser.parse_args()
    outcomes = asyncio.run(run(scripts(given.flow, given.id, given.set), given.show, given.json, given.kept))
    for key, value in report(outcomes).items():
        print(f"{key:<28}{value}")


if __name__ == "__main__":
    main()
