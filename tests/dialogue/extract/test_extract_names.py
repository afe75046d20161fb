"""People's names, introduced and bare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.extract.names import read_names
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Ann Lee", "Ann Lee"), ("my name's bob", "bob"), ("I'm John Smith and my phone is 123", "John Smith"), ("call me Bob", "Bob"), ("It's Mary O'Brien", "Mary O'Brien"),
        ("My name is Jean-Luc Picard, thanks", "Jean-Luc Picard"), ("name: Peter Pan", "Peter Pan"), ("this is Sarah from accounting", "Sarah"), ("Book it under Müller", "Müller"),
        ("我叫王小明", "王小明"), ("我叫王小明，电话是13800138000", "王小明"), ("我的名字是李雷", "李雷"), ("免贵姓王", "王"), ("姓名：张三", "张三"), ("我是陈大文", "陈大文"), ("我叫Peter", "Peter"),
        ("收件人李四，电话13900000000", "李四"), ("叫我小明就行", "小明"), ("本人叫陳大文。", "陳大文"),
    ],
)  # fmt: skip
def test_introduced_names(text: str, name: str) -> None:
    (reading,) = read_names(text, fold_in_place(text))
    assert reading.value == name == text[reading.start : reading.end]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Ann Lee", "Ann Lee"), ("john smith", "john smith"), ("Dr. Jane Roe", "Jane Roe"), ("王小明", "王小明"), ("欧阳修", "欧阳修"), ("张三先生", "张三"), ("阿里木·买买提", "阿里木·买买提"), ("陳大文", "陳大文")],
)  # fmt: skip
def test_bare_names_when_asked(text: str, name: str) -> None:
    assert [reading.value for reading in read_names(text, fold_in_place(text), is_asked=True)] == [name]
    assert read_names(text, fold_in_place(text)) == []


@pytest.mark.parametrize(
    "text",
    ["", "yes", "what?", "not now", "hello", "Friday", "I'm late", "I'm interested in it", "cancel", "help me please", "不知道", "明天", "取消", "谢谢", "你是谁", "为什么要姓名", "下周三", "12345", "人工客服"],
)  # fmt: skip
def test_no_name(text: str) -> None:
    assert read_names(text, fold_in_place(text), is_asked=True) == []


WORDS_THAT_END_A_NAME = set(
    "and but not the you can here from with please want need this that like late calling speaking would email phone number who thanks thank for".split()  # noqa: SIM905 - a word list reads best as words
)


@given(
    st.from_regex(r"[A-Z][a-z]{2,8} [A-Z][a-z]{3,8}", fullmatch=True).filter(
        lambda name: not WORDS_THAT_END_A_NAME & set(name.lower().split())
    )
)
def test_an_introduced_name_is_cut_exactly(name: str) -> None:
    text = f"Hi, my name is {name}, my phone is 13800138000."
    assert [reading.value for reading in read_names(text, fold_in_place(text))] == [name]
