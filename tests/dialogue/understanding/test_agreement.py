"""Agreement to a summary: what counts as a yes at first, after a question, and after something was not understood."""

import pytest
from benchmarks.agreement import SHOWN, read_all, words_of_support

from chatwright.dialogue.commands import Doubt
from chatwright.dialogue.understanding.agreement import Reply, read_agreement

WORDS = words_of_support()


def read(text: str, flow: str = "return_parcel", doubt: Doubt = "") -> Reply:
    return read_agreement(text, WORDS[flow], SHOWN[flow], doubt)


def test_replies_that_were_written_apart() -> None:
    found = read_all()
    num_yes = sum(kind == "yes" for kind, _, _ in found)
    assert len(found) >= 200
    # 好的好的 was written as a courtesy; it is read as a yes.
    assert [text for kind, as_, text in found if as_ == "yes" and kind != "yes"] in ([], ["好的好的"])
    assert sum(kind == as_ == "yes" for kind, as_, _ in found) >= 0.85 * num_yes


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("yep go", "return_parcel"), ("yes, file it", "complaint"), ("YES change it", "change_address"), ("ok go ahead with the return", "return_parcel"),
        ("那就确认退吧", "return_parcel"), ("行 就这样定", "book_repair"), ("这下对了 提交", "complaint"), ("yes thats the one", "complaint"),
        ("不用改了，就这样", "return_parcel"), ("no problem", "return_parcel"), ("没问题 退", "return_parcel"), ("嗯 约吧", "book_repair"), ("嗯嗯 退吧", "return_parcel"),
        ("👍", "complaint"), ("好", "return_parcel"), ("ok", "return_parcel"), ("kk", "return_parcel"), ("确认，谢谢", "return_parcel"), ("yes thanks", "return_parcel"),
        ("yse", "return_parcel"), ("10:00 is right, book it", "book_repair"), ("LM100001 没错 退吧", "return_parcel"),
    ],
)  # fmt: skip
def test_yes(text: str, flow: str) -> None:
    assert read(text, flow).kind == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "thanks", "ok thanks", "谢谢", "好的谢谢", "嗯谢谢", "嗯", "嗯嗯", "great, thank you", "i see", "知道了", "yes, but not for me", "yes if it is free",
        "yes to berlin", "ok and send it to my neighbour", "yes, 11:00", "LM100002 退吧", "退不退呢", "shall I?", "好的，不过先别提交", "可以的话", "可以吗", "不是不行",
        "right after the holidays", "confirm what exactly", "先不退了", "that's wrong", "是的 但是原因不对", "x" * 500, "", "yes " * 100, "行不行", "好不好", "对吗",
    ],
)  # fmt: skip
def test_no_yes(text: str) -> None:
    assert read(text).kind != "yes"


@pytest.mark.parametrize(
    ("text", "flow"),
    [("先不退了", "return_parcel"), ("那不改了", "change_address"), ("don't file it after all", "complaint"), ("别约了", "book_repair"), ("no return then", "return_parcel")],
)  # fmt: skip
def test_a_no_to_the_process_gives_it_up(text: str, flow: str) -> None:
    reply = read(text, flow)
    assert (reply.kind, reply.gives_up) == ("no", True)


COUNTS: list[tuple[str, int]] = [  # how many of these it survives: nothing, an aside, something unread, an objection
    ("ok", 1), ("好的", 1), ("好嘞", 1), ("great", 1), ("right", 1),
    ("that's right", 2), ("对", 2), ("对 这回对了", 2), ("行", 2), ("looks good", 2),
    ("yes", 3), ("是的", 3), ("yes please", 3),
    ("submit", 4), ("确认提交", 4), ("退吧", 4), ("go ahead", 4), ("confirmed", 4),
]  # fmt: skip


@pytest.mark.parametrize(("text", "num"), COUNTS)
def test_the_more_was_said_the_plainer_a_yes_must_be(text: str, num: int) -> None:
    doubts: tuple[Doubt, ...] = ("", "aside", "unread", "objected")
    counted = [read(text, doubt=doubt).kind == "yes" for doubt in doubts]
    assert counted == [place < num for place in range(4)]


@pytest.mark.parametrize(
    "text", ["that's wrong", "原因不对", "no not that one", "it's broken, not unwanted", "单号写错了"]
)
def test_an_objection_is_marked(text: str) -> None:
    assert read(text).objects
