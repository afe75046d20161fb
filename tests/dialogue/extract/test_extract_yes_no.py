"""Yes, no, and what is neither."""

import pytest

from chatwright.dialogue.extract.yes_no import read_yes_no
from chatwright.language.in_place import fold_in_place


def answer(text: str) -> bool | None:
    found = read_yes_no(fold_in_place(text))
    if found is None:
        return None
    assert 0 <= found.start < found.end <= len(text)
    return bool(found.value)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "Yes please", "yep", "YEAH!", "y", "sure", "ok", "OK thanks", "of course", "no problem", "that's right", "that’s correct", "go ahead", "I do", "why not", "absolutely",
        "yes, that's correct", "yes I want it delivered", "yes, go ahead and book it", "sounds good", "Not a problem", "looks good to me", "please do", "confirm", "right",
        "是", "是的", "对", "对的对的", "好的", "好的，谢谢", "可以", "没问题", "没错", "确认", "确认提交", "嗯嗯", "行吧", "要的", "可以的，麻烦了", "是的，我确认", "对，就是这样", "當然可以", "嗯，好的",
        "好 没问题", "好的 提交", "可以，预约吧", "sure, register it", "yes and send it", "go ahead and return it",
        "都对", "需要", "不介意", "是的没错", "信息无误", "没有问题", "👍", "✅",
    ],
)  # fmt: skip
def test_yes(text: str) -> None:
    assert answer(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "no", "No thanks", "nope", "nah", "not really", "I don't", "not now", "it isn't", "no, thank you", "don't do it", "that's wrong", "absolutely not", "no no no", "never mind",
        "no I don't need it", "yes, no wait, no", "cancel that", "I'd rather not", "not yet", "please don't",
        "不", "不是", "不用了", "不需要", "没有", "不要", "算了", "不行", "不对", "先不用", "没有，谢谢", "不是的", "我不需要发票", "好的，算了，不要", "不可以哦", "暂时不需要", "唔使", "不用了，谢谢",
        "信息有误", "取消", "別", "不用麻烦了", "👎", "❌",
    ],
)  # fmt: skip
def test_no(text: str) -> None:
    assert answer(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "", "maybe", "not sure", "I don't know", "it depends", "yes?", "yes and no", "hmm", "what do you mean", "hello", "let me think", "yes, no", "either", "how much is it?",
        "can I pay later?", "Friday", "sorry", "可能吧", "不知道", "不确定", "看情况", "再想想", "随便", "是吗", "可以吗", "周五", "不好意思", "好像是吧", "都行", "没想好", "要多少钱", "需要什么材料",
        "你好", "谢谢", "对不起", "不是很确定", "先等等", "wait", "👍👎", "...", "？？",
    ],
)  # fmt: skip
def test_neither(text: str) -> None:
    assert answer(text) is None


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [
        ("yes", True),
        ("好的，谢谢", True),
        ("yes, change the date to Friday", False),
        ("好，就周五", False),
        ("no, it's for my sister", False),
    ],
)
def test_what_else_is_said_makes_it_less_sure(text: str, is_sure: bool) -> None:
    found = read_yes_no(fold_in_place(text))
    assert found is not None
    assert (found.confidence > 0.9) is is_sure
