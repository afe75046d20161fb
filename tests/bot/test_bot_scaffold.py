"""The folders that `chatwright new` makes are sound, and their processes go through, whichever language is spoken."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.bot.test_bot_process import opened_shop, say

from chatwright.bot.check import check_bot_folder
from chatwright.bot.scaffold import LANGUAGES, SCENARIOS, make_bot_folder
from chatwright.messages import Reply, UserId

BOTH = pytest.mark.parametrize("made_in", LANGUAGES)


def talk(folder: Path, scenario: str, made_in: str, texts: list[str]) -> tuple[list[Reply], list[dict[str, Any]]]:
    """The replies, and the requests that were kept."""
    bot_dir = folder / "bot"
    make_bot_folder(bot_dir, scenario, made_in)

    async def whole() -> list[Reply]:
        async with opened_shop(folder, [], probability=0.1, bot_dir=bot_dir) as bot:
            conversation = await bot.open(UserId("ann"))
            return [await say(bot, conversation, text) for text in texts]

    replies = asyncio.run(whole())
    kept = bot_dir / "requests.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return replies, [{key: value for key, value in json.loads(line).items() if key != "id"} for line in lines]


@pytest.mark.parametrize("scenario", SCENARIOS)
@BOTH
def test_a_new_folder_has_no_problem(tmp_path: Path, scenario: str, made_in: str) -> None:
    make_bot_folder(tmp_path / "bot", scenario, made_in)
    assert check_bot_folder(tmp_path / "bot") == []


RETURN = {"request": "request_return", "user": "ann", "order_id": "AB12345", "return_reason": "faulty"}
LEAD = {
    "request": "keep_lead",
    "user": "ann",
    "interest": "hiking backpack",
    "contact_name": "Ann Lee",
    "email": "ann@x.example",
}
LEAD_ZH = {
    "request": "keep_lead",
    "user": "ann",
    "interest": "登山包",
    "contact_name": "李安",
    "email": "ann@x.example",
}


@BOTH
@pytest.mark.parametrize(
    ("texts", "last", "kept"),
    [
        (["I want to return my order", "AB12345", "it is faulty", "yes"], "is registered", [RETURN]),
        (["我要退货", "AB12345", "有质量问题", "是的"], "已登记", [RETURN]),
        (["I want to return my order", "AB12345", "it is faulty", "no", "cancel"], "cancelled", []),
    ],
)
def test_support_returns(tmp_path: Path, made_in: str, texts: list[str], last: str, kept: list[Any]) -> None:
    replies, requests = talk(tmp_path, "support", made_in, texts)
    assert last in replies[-1].answer
    assert requests == kept


@BOTH
@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["please call me back", "+44 20 7946 0958", "a broken zip", "yes"], "asked a colleague"),
        (["给我回个电话", "13800138000", "拉链坏了", "是的"], "转接人工"),
    ],
)
def test_support_hands_over_with_a_number_to_call(tmp_path: Path, made_in: str, texts: list[str], said: str) -> None:
    replies, requests = talk(tmp_path, "support", made_in, texts)
    assert replies[-1].outcome == "handed_over"
    assert said in replies[-1].answer
    assert [request["request"] for request in requests] == ["request_callback"]


@BOTH
@pytest.mark.parametrize("text", ["My lawyer will write to you", "我要起诉你们"])
def test_support_hands_over_by_rule(tmp_path: Path, made_in: str, text: str) -> None:
    replies, _ = talk(tmp_path, "support", made_in, [text])
    assert replies[-1].outcome == "handed_over"


@BOTH
@pytest.mark.parametrize(
    ("texts", "last", "kept"),
    [
        (["I would like an offer", "hiking backpack", "Ann Lee", "ann@x.example", "I agree"], "Thank you, Ann Lee", [LEAD]),
        (["我想要一份报价", "登山包", "我叫李安", "ann@x.example", "同意"], "谢谢您，李安", [LEAD_ZH]),
        (["I would like an offer", "hiking backpack", "Ann Lee", "ann@x.example", "no"], "nothing is kept", []),
        (["我想要一份报价", "登山包", "我叫李安", "ann@x.example", "不同意"], "不会保存", []),
        (["I would like an offer", "hiking backpack", "Ann Lee", "ann@x.example", "/SetSlots(may_contact=false)"], "nothing is kept", []),
    ],
)  # fmt: skip
def test_marketing_keeps_a_lead_only_with_consent(
    tmp_path: Path, made_in: str, texts: list[str], last: str, kept: list[Any]
) -> None:
    replies, requests = talk(tmp_path, "marketing", made_in, texts)
    assert "ann@x.example" not in json.dumps(requests) or kept
    assert last in replies[-1].answer
    assert requests == kept
    question = replies[-2]
    assert [button.payload for button in question.buttons] == [
        "/SetSlots(may_contact=true)",
        "/SetSlots(may_contact=false)",
    ]


@BOTH
@pytest.mark.parametrize(
    ("begin", "skill", "wrong", "right", "more", "end"),
    [
        ("I want to practise", "what a fraction means", "Not yet. A hint: ", "That is right!", "Another one?", "Good work"),
        ("我想做练习", "分数的意义", "还不对。提示：", "答对了！", "再来一题吗？", "下次见"),
    ],
)  # fmt: skip
def test_a_tutor_practises_with_hints(
    tmp_path: Path, made_in: str, begin: str, skill: str, wrong: str, right: str, more: str, end: str
) -> None:
    no = "no" if begin.isascii() else "不了"
    replies, _ = talk(tmp_path, "tutor", made_in, [begin, skill, "5/8", "3/8", no])
    assert "8" in replies[1].answer
    assert wrong in replies[2].answer
    assert replies[1].answer in replies[2].answer  # asked again
    assert right in replies[3].answer
    assert more in replies[3].answer
    assert end in replies[4].answer
