"""A hundred conversations over the five processes of examples/support: are they done exactly as the visitor wanted?

    python -m benchmarks.processes [--show] [--json]

Half in Chinese. A scripted visitor opens in words that are not the folder's examples, answers what is asked, and, as its
plan says, asks something beside the point, corrects a value when shown the confirmation, answers in one breath, or
changes their mind and wants something else. A conversation is right when exactly the wanted actions that write were
carried out with exactly the wanted arguments, in order, and the wanted flows were completed. A write that was not
wanted is counted apart. Real embedder, real index, real 0.5B model.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chatwright.bot.assemble import ingest_bot, opened_bot
from chatwright.bot.turn import Bot
from chatwright.messages import Event, Language, UserId
from chatwright.settings import Settings

BOT_DIR = Path("examples/support")
SEED = 11
NUM_CONVERSATIONS = 100
MAX_TURNS = 16
Phrases = Mapping[Language, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One of the five: how visitors open it, what they say to each slot, and what must come of it."""

    flow: str
    action: str
    openings: Phrases
    # slot → (value that must arrive, how it is said) for each language
    answers: Mapping[str, Mapping[Language, Sequence[tuple[Any, str]]]]


ORDERS = {"delivered": ("LM100001", "LM100002"), "paid": ("LM100004", "LM100005")}


def order_phrases(numbers: Sequence[str]) -> dict[Language, list[tuple[str, str]]]:
    zh = ["单号是{}", "{}", "订单号 {}", "是{}这个"]
    en = ["It's {}", "{}", "order number {}", "the number is {}, I think"]
    return {
        "zh": [(number, form.format(number)) for number in numbers for form in zh],
        "en": [(number, form.format(number)) for number in numbers for form in en],
    }


PROCESSES = (
    Process(
        flow="return_parcel",
        action="register_return",
        openings={
            "zh": ["前几天买的东西我想退", "怎么给我办一下退货，我要退", "麻烦帮我把这单退掉", "收到的货要退", "我要申请退款退货"],
            "en": ["I'd like to send something back", "I need to return what I bought", "please help me return a parcel",
                   "I want my money back for an order, I'm returning it", "start a return please"],
        },
        answers={
            "order_id": order_phrases(ORDERS["delivered"]),
            "return_reason": {
                "zh": [("faulty", "用不了，坏了"), ("unwanted", "不喜欢"), ("wrong_item", "你们发错货了"), ("faulty", "有质量问题")],
                "en": [("faulty", "it's broken"), ("unwanted", "I changed my mind"), ("wrong_item", "you sent the wrong item"),
                       ("faulty", "it does not work")],
            },
        },
    ),
    Process(
        flow="change_address",
        action="change_address",
        openings={
            "zh": ["我的订单地址写错了，想改一下", "可以帮我换个收货地址吗", "搬家了，订单要改地址", "帮我把收货地址改掉", "我要修改配送地址"],
            "en": ["I need to change where my order is going", "I've moved, please change the address of my order",
                   "can you update the delivery address for me", "my order has the wrong address, please change it",
                   "I want my parcel sent to a different address"],
        },
        answers={
            "order_id": order_phrases(ORDERS["paid"]),
            "new_address": {
                "zh": [("浙江省杭州市拱墅区小桥东路56号3单元402室", "浙江省杭州市拱墅区小桥东路56号3单元402室"),
                       ("上海市徐汇区漕溪北路88号", "送到上海市徐汇区漕溪北路88号"),
                       ("广东省深圳市南山区科技园路12号", "广东省深圳市南山区科技园路12号")],
                "en": [("221 Baker Street, London NW1 6XE", "221 Baker Street, London NW1 6XE"),
                       ("14 Elm Road, Bristol BS1 4ST", "14 Elm Road, Bristol BS1 4ST"),
                       ("500 Market Street, San Francisco, CA 94105", "500 Market Street, San Francisco, CA 94105")],
            },
        },
    ),
    Process(
        flow="book_repair",
        action="book_visit",
        openings={
            "zh": ["想约个时间去店里修东西", "东西坏了，我要预约到店维修", "帮我预约维修", "我想预约去门店修一下", "能帮我约一下维修吗"],
            "en": ["I'd like to book a repair visit", "can you make me a repair appointment", "please book me in for a repair",
                   "I want to come to the shop and have something fixed", "I need an appointment to get it repaired"],
        },
        answers={
            "repair_device": {
                "zh": [("phone", "手机"), ("tablet", "平板"), ("earphones", "耳机"), ("lock", "智能门锁")],
                "en": [("phone", "my phone"), ("tablet", "a tablet"), ("earphones", "the earphones"), ("camera", "the camera")],
            },
            "visit_date": {
                "zh": [("2031-03-05", "2031年3月5日"), ("2031-06-18", "2031年6月18号"), ("2031-09-01", "2031-09-01")],
                "en": [("2031-03-05", "5 March 2031"), ("2031-06-18", "June 18, 2031"), ("2031-09-01", "2031-09-01")],
            },
            "visit_time": {
                "zh": [("14:30", "下午两点半"), ("11:00", "上午11点"), ("16:00", "16:00")],
                "en": [("14:30", "2:30 pm"), ("11:00", "at 11 am"), ("16:00", "16:00")],
            },
            "phone": {
                "zh": [("13800138000", "13800138000"), ("13912345678", "我的手机是13912345678")],
                "en": [("+442079460958", "+44 20 7946 0958"), ("13800138000", "it's 13800138000")],
            },
        },
    ),
    Process(
        flow="complaint",
        action="file_complaint",
        openings={
            "zh": ["我要投诉", "我对你们很不满意，要投诉", "帮我登记投诉", "我想投诉", "投诉一下"],
            "en": ["I want to complain", "I'd like to file a complaint", "I have a complaint to make",
                   "I wish to make a formal complaint", "let me complain about something"],
        },
        answers={
            "complaint_text": {
                "zh": [("快递员把包裹扔在门口就走了", "快递员把包裹扔在门口就走了"), ("客服一直不回我消息", "客服一直不回我消息")],
                "en": [("The courier left my parcel in the rain", "The courier left my parcel in the rain"),
                       ("Nobody answered my e-mails for two weeks", "Nobody answered my e-mails for two weeks")],
            },
            "wants_call": {
                "zh": [(False, "不用了"), (True, "需要"), (False, "不需要回电")],
                "en": [(False, "no thanks"), (True, "yes please"), (False, "no, no need to call")],
            },
            "callback_phone": {"zh": [("13800138000", "13800138000")], "en": [("+442079460958", "+44 20 7946 0958")]},
        },
    ),
    Process(
        flow="order_status",
        action="",
        openings={
            "zh": ["我的东西到哪儿了", "帮我看看订单到哪了", "查下物流", "我想查订单", "包裹怎么还没到，帮我查查"],
            "en": ["where's my stuff", "can you check on my order", "has my order been sent", "I'd like to track my parcel",
                   "when will my order get here, can you check"],
        },
        answers={"order_id": order_phrases(("LM100003", "LM100001"))},
    ),
)  # fmt: skip
BY_FLOW = {process.flow: process for process in PROCESSES}
BESIDE: Phrases = {
    "zh": ["对了，寄到香港的运费是多少？", "可以开发票吗？", "拆封的耳机能退吗？"],
    "en": ["by the way, how much is shipping to Japan?", "what is the warranty on Lull headphones in the EU?",
           "do you ship power banks overseas?"],
}  # fmt: skip
YES: Phrases = {"zh": ["对，没问题", "是的", "确认", "可以"], "en": ["yes", "yes, that's right", "correct", "go ahead"]}
NO: Phrases = {"zh": ["算了，不办了", "取消吧"], "en": ["never mind, cancel that", "cancel it please"]}
CORRECTIONS: dict[Language, dict[str, str]] = {
    "zh": {"order_id": "不对，订单号应该是{}", "visit_time": "时间改成{}", "visit_date": "日期改成{}",
           "new_address": "地址改成{}", "return_reason": "不对，原因是{}", "repair_device": "不对，是{}"},
    "en": {"order_id": "no, the order number should be {}", "visit_time": "change the time to {}",
           "visit_date": "change the date to {}", "new_address": "change the address to {}",
           "return_reason": "no, the reason is: {}", "repair_device": "no, I meant {}"},
}  # fmt: skip
THANKS: Phrases = {"zh": ["谢谢", "好的，多谢"], "en": ["thanks", "great, thank you"]}


@dataclass(slots=True)
class Visitor:
    """What one visitor wants, in which manner, and what must have happened in the end."""

    number: int
    language: Language
    plan: str
    goals: list[str]
    chance: random.Random
    said: dict[str, tuple[Any, str]] = field(default_factory=dict)
    wanted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    has_digressed: bool = False
    has_corrected: bool = False
    opened: int = 0

    def pick(self, phrases: Phrases) -> str:
        return self.chance.choice(list(phrases[self.language]))

    @property
    def process(self) -> Process:
        return BY_FLOW[self.goals[self.opened - 1]]

    def open(self) -> str:
        self.opened += 1
        process = self.process
        for slot, phrases in process.answers.items():
            if not (slot == "phone" and "phone" in self.said):  # remembered between flows
                self.said[slot] = self.chance.choice(list(phrases[self.language]))
        opening = self.pick(process.openings)
        if self.plan == "breath":
            slot = next(iter(process.answers))
            return f"{opening}，{self.said[slot][1]}" if self.language == "zh" else f"{opening}. {self.said[slot][1]}"
        return opening

    def answer(self, slot: str) -> str | None:
        if self.plan == "digress" and not self.has_digressed:
            self.has_digressed = True
            return self.pick(BESIDE)
        return self.said[slot][1] if slot in self.process.answers else None

    def choose(self, offered: Sequence[str]) -> str | None:
        """The button of what is wanted; nobody goes on when it is not among the choices."""
        return f"/SetSlots(chosen_flow={self.process.flow})" if self.process.flow in offered else None

    def confirm(self) -> str:
        """What is said to the confirmation: yes, a correction first, or something else altogether."""
        if self.plan == "correct" and not self.has_corrected:
            forms = CORRECTIONS[self.language]
            slots = [slot for slot in self.process.answers if slot in forms]
            others = [
                (slot, new)
                for slot in slots
                for new in self.process.answers[slot][self.language]
                if new[0] != self.said[slot][0]
            ]
            if others:
                self.has_corrected = True
                slot, new = self.chance.choice(others)
                self.said[slot] = new
                value = new[0] if slot == "order_id" else new[1].removeprefix("送到").removeprefix("at ")
                return forms[slot].format(value)
        if self.plan == "mind" and self.opened == 1:
            return self.pick(NO)
        self.wanted.append((self.process.action, self.arguments()))
        return self.pick(YES)

    def arguments(self) -> dict[str, Any]:
        slots = dict.fromkeys(self.process.answers)
        if self.process.flow == "complaint" and not self.said["wants_call"][0]:
            slots.pop("callback_phone", None)
        return {slot: self.said[slot][0] for slot in slots}


def visitors() -> list[Visitor]:
    chance = random.Random(SEED)
    plans = ("plain", "digress", "correct", "breath", "mind")
    made: list[Visitor] = []
    for number in range(NUM_CONVERSATIONS):
        process = PROCESSES[number % len(PROCESSES)]
        plan = plans[number // len(PROCESSES) % len(plans)]
        language: Language = "zh" if number // (len(PROCESSES) * len(plans)) % 2 == 0 else "en"
        others = [other.flow for other in PROCESSES if other.flow != process.flow]
        # A second wish keeps every conversation at six turns or more.
        goals = [process.flow, chance.choice(others)]
        made.append(Visitor(number, language, plan, goals, random.Random(SEED + number)))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    visitor: Visitor
    is_right: bool
    num_wrong_writes: int
    turns: Sequence[tuple[str, str]]
    done: Sequence[tuple[str, dict[str, Any]]]
    milliseconds: Sequence[tuple[str, float]]


async def converse(bot: Bot, visitor: Visitor) -> Outcome:
    """One conversation until its goals are reached or the visitor has lost patience."""
    conversation = await bot.open(UserId(f"visitor-{visitor.number}"))
    done: list[tuple[str, dict[str, Any]]] = []
    turns: list[tuple[str, str]] = []
    times: list[tuple[str, float]] = []
    completed: list[str] = []
    text: str | None = visitor.open()
    while text is not None and len(turns) < MAX_TURNS:
        started = time.perf_counter()
        reply = None
        async for delta in bot.reply(conversation, text):
            reply = delta.reply or reply
        assert reply is not None
        events = await bot.store.events(conversation)
        turn_events = [event for event in events if event.turn == reply.turn]
        times.append((decided_by(turn_events), (time.perf_counter() - started) * 1000))
        turns.append((text, reply.answer))
        state, trace = dialogue_of(turn_events, events)
        done += [
            (item["name"], item["arguments"]) for item in trace if item.get("event") == "action" and item["is_write"]
        ]
        completed += [item["flow"] for item in trace if item.get("event") == "flow_completed"]
        text = next_text(visitor, state, completed)
    if len(turns) < MAX_TURNS:
        turns.append((visitor.pick(THANKS), ""))
    kept = [(name, {key: value for key, value in given.items() if value not in (None, "")}) for name, given in done]
    is_right = kept == visitor.wanted and visitor.opened == len(visitor.goals) and wants_done(visitor, completed)
    wrong = sum(call not in visitor.wanted for call in kept) + max(0, len(kept) - len(visitor.wanted))
    return Outcome(
        visitor=visitor, is_right=is_right, num_wrong_writes=wrong, turns=turns, done=kept, milliseconds=times
    )


def wants_done(visitor: Visitor, completed: Sequence[str]) -> bool:
    goals = visitor.goals[1:] if visitor.plan == "mind" and BY_FLOW[visitor.goals[0]].action else visitor.goals
    return [flow for flow in completed if not flow.startswith("pattern_")] == list(goals)


def next_text(visitor: Visitor, state: Mapping[str, Any], completed: Sequence[str]) -> str | None:
    """What the visitor says next; None when there is nothing left to say."""
    if state.get("confirmation"):
        return visitor.confirm()
    if state.get("choices"):
        return visitor.choose(state["choices"])
    asked = str(state.get("asked") or "")
    if asked and asked in visitor.process.answers:
        return visitor.answer(asked)
    if visitor.opened < len(visitor.goals):
        return visitor.open()
    return None


def decided_by(events: Sequence[Event]) -> str:
    return next((str(event.data.get("decided_by", "")) for event in events if event.kind == "commands"), "")


def dialogue_of(
    turn_events: Sequence[Event], events: Sequence[Event]
) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """The state that stands now, and the trace of this turn."""
    state = next((event.data["state"] for event in reversed(events) if event.kind == "dialogue"), {})
    return state, [item for event in turn_events if event.kind == "dialogue" for item in event.data["events"]]


async def run(show: bool, limit: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "support"
        shutil.copytree(BOT_DIR, folder, ignore=shutil.ignore_patterns(".chatwright"))
        ingest_bot(folder, Settings(), is_progress_shown=False)
        async with opened_bot(folder, Settings()) as bot:
            for visitor in visitors()[:limit]:
                outcome = await converse(bot, visitor)
                outcomes.append(outcome)
                if show and not outcome.is_right:
                    print_outcome(outcome)
    return outcomes


def print_outcome(outcome: Outcome) -> None:
    visitor = outcome.visitor
    print(f"\n--- {visitor.number} {visitor.language} {visitor.plan} {visitor.goals}")
    for asked, said in outcome.turns:
        print(f"  > {asked}\n    {said!r}")
    print(f"  done   {outcome.done}\n  wanted {visitor.wanted}")


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    fast = [
        ms for outcome in outcomes for by, ms in outcome.milliseconds if by.startswith("flow") and "model" not in by
    ]
    slow = [ms for outcome in outcomes for by, ms in outcome.milliseconds if "model" in by]
    shares = {
        key: [outcome.is_right for outcome in outcomes if key in (outcome.visitor.language, outcome.visitor.plan)]
        for key in ("zh", "en", "plain", "digress", "correct", "breath", "mind")
    }
    return {
        "n": len(outcomes),
        "right": sum(outcome.is_right for outcome in outcomes),
        "wrong_writes": sum(outcome.num_wrong_writes for outcome in outcomes),
        "right_of": {key: f"{sum(found)}/{len(found)}" for key, found in shares.items()},
        "turns": sum(len(outcome.turns) for outcome in outcomes),
        "turn_without_model_p95_ms": round(float(np.percentile(fast, 95)), 1) if fast else None,
        "turn_with_model_p95_ms": round(float(np.percentile(slow, 95)), 1) if slow else None,
        "turns_with_model": len(slow),
        "model": "qwen2.5-coder-0.5b",
        "seed": SEED,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the conversations that went wrong")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--limit", type=int, default=NUM_CONVERSATIONS)
    given = parser.parse_args()
    outcomes = asyncio.run(run(given.show, given.limit))
    found = report(outcomes)
    if given.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:<28}{value}")


if __name__ == "__main__":
    main()
