"""Follow-ups become questions that stand alone; questions that stand alone stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.followup import requested_language, resolve_followup
from chatwright.language.fold import fold
from chatwright.messages import Message


def said(*questions: str) -> list[Message]:
    """A history: each question with an answer after it."""
    messages: list[Message] = []
    for question in questions:
        messages.append(Message(role="user", content=question))
        messages.append(Message(role="assistant", content="This is what our documents say. 以下是资料内容。"))
    return messages


@pytest.mark.parametrize(
    ("earlier", "message", "holds", "lacks"),
    [
        # Chinese: a place, a product, a number, a time for another
        (["寄到上海运费多少？"], "那台湾呢？", ["台湾", "运费"], ["上海"]),
        (["你们几天发货？"], "那国外呢？", ["国外", "几天发货"], []),
        (["寄到上海运费多少？", "那台湾呢？"], "几天能到", ["寄到台湾", "几天能到"], ["上海"]),
        (["小啾2保修多久？"], "静界呢？", ["静界", "保修多久"], ["小啾"]),
        (["N5 过保换电池多少钱？"], "那平板呢", ["平板", "换电池"], ["N5"]),
        (["N5 过保换电池多少钱？", "那平板呢"], "要修多久？", ["平板", "换电池", "修多久"], ["N5"]),
        (["上海店几点关门？"], "深圳的呢？", ["深圳店", "几点关门"], ["上海"]),
        (["企业买60台手机打几折"], "要是只买20台呢？", ["20台", "打几折"], ["60台"]),
        (["N5 旧机以旧换新能抵多少？成色挺好的"], "屏幕碎了呢？", ["屏幕碎了", "以旧换新", "N5"], ["成色"]),
        (["小啾2保修多久？"], "它防水吗", ["小啾2", "防水"], ["保修", "它"]),
        (["门店几点开门？"], "那周末呢", ["周末", "几点开门"], []),
        (["工作日几点开门？"], "周末呢？", ["周末", "几点开门"], ["工作日"]),
        (["退货要几天？"], "怎么申请？", ["退货", "怎么申请"], ["几天"]),
        (["N5 多少钱"], "Pro呢", ["N5 Pro", "多少钱"], []),
        (["N5 多少钱"], "那 N5 Pro 呢？", ["N5 Pro", "多少钱"], ["N5 N5"]),
        (["Lumarron Care 一年多少钱？"], "两年呢？", ["两年", "多少钱"], ["一年"]),
        (["寄到香港要多少钱"], "多久？", ["寄到香港", "多久"], ["多少钱"]),
        (["寄到香港要多少钱"], "那运费多少", ["寄到香港", "运费多少"], []),
        (["手机激活了能退吗？"], "平板呢？", ["平板", "激活", "能退"], ["手机"]),
        (["小啾2 Pro 多少钱？"], "这款防水吗？", ["小啾2 Pro", "防水"], ["这款"]),
        (["寄到日本運費多少？"], "那韓國呢？", ["韩国", "运费"], ["日本"]),
        (["寄到上海运费多少？", "谢谢"], "那北京呢？", ["北京", "运费"], ["上海", "谢谢"]),
        # English
        (["How much is delivery to Japan?"], "And to the UK?", ["delivery", "to the UK"], ["Japan"]),
        (["How much is delivery to Japan?", "And to the UK?"], "From what amount is it free there?",
         ["delivery", "free", "to the UK"], ["Japan", " it ", "there"]),
        (["How long does delivery take?"], "and abroad?", ["delivery", "abroad"], []),
        (["What does a new screen for the N5 cost overseas, out of warranty?"], "and the Pro model?",
         ["N5 Pro", "screen", "overseas"], ["model"]),
        (["How much is one year of Lumarron Care for the N5?"], "And two years?", ["two years", "Lumarron Care", "N5"],
         ["one year"]),
        (["How much is one year of Lumarron Care for the N5?", "And two years?"], "What about the tablet?",
         ["two years", "Lumarron Care", "tablet"], ["N5", "one year"]),
        (["When does the Shenzhen store close?"], "And the one in Hong Kong?", ["Hong Kong", "store close"], ["Shenzhen"]),
        (["How do I reset the Pip 2?"], "and the Pro ones?", ["reset", "Pip 2 Pro"], ["ones"]),
        (["How do I reset the Pip 2?", "and the Pro ones?"], "how much are replacement ear tips for them?",
         ["replacement ear tips", "Pip 2 Pro"], ["them", "reset"]),
        (["Until when does the N5 Pro get security updates?"], "And the Quire 11?", ["Quire 11", "security updates"],
         ["N5"]),
        (["Is the N5 Pro waterproof?"], "how much is it?", ["how much", "N5 Pro"], [" it"]),
        (["What is the warranty on the Lull?"], "Does it have noise cancelling?", ["Lull", "noise cancelling"], [" it "]),
        (["Do you ship to Canada?"], "how long?", ["how long", "Canada"], []),
        (["Can I return opened earbuds?"], "what about headphones?", ["return", "headphones"], ["earbuds"]),
        (["How long does a refund take?"], "what about exchanges?", ["how long", "exchanges"], ["refund"]),
        (["When are you open on Monday?"], "and on Sunday?", ["open", "Sunday"], ["Monday"]),
        (["When does the store open?"], "what about weekends?", ["store open", "weekends"], []),
        (["How much is the N5?"], "What about the N5 Pro?", ["How much", "N5 Pro"], []),
        (["Is there a student discount on the Quire 11?"], "and how do I get it?", ["how do I get", "Quire 11"], [" it"]),
        (["How much is delivery to Japan?"], "in Chinese please?", ["delivery to Japan"], ["Chinese"]),
        (["How long does a refund take?"], "用中文说", ["refund"], []),
        (["退货要几天？"], "in English please", ["退货"], []),
        (["How much is delivery to Japan?", "thanks!"], "and to Korea?", ["delivery", "Korea"], ["Japan", "thanks"]),
    ],
)  # fmt: skip
def test_a_followup_is_completed(earlier: list[str], message: str, holds: list[str], lacks: list[str]) -> None:
    resolved = resolve_followup(message, said(*earlier))
    folded = fold(resolved)
    assert [part for part in holds if fold(part) not in folded] == [], resolved
    assert [part for part in lacks if fold(part) in folded] == [], resolved


STAND_ALONE = [
    "寄到日本运费多少？", "你们支持货到付款吗？", "怎么联系人工客服？", "N5 支持无线充电吗？", "能开发票吗",
    "那笔记本电脑的键盘坏了你们修吗", "营业时间", "会员积分什么时候过期？", "这个月有什么优惠活动", "我想换一个地址",
    "订单怎么取消", "我的包裹到哪儿了", "退换货政策是什么",
    "Do you have a store in Paris?", "How do I cancel my order?", "Is it possible to pay by card?", "Return policy?",
    "How long does it take to get a refund?", "I bought an N5 last week and it broke, can I return it?",
    "What payment methods do you accept?", "Is there a discount for students?", "My order number is 20261123456.",
    "How much does it cost to ship to Japan?", "Can I change the delivery address?", "opening hours",
    "What is your warranty policy and where can I read it?",
]  # fmt: skip


@pytest.mark.parametrize("message", STAND_ALONE)
@pytest.mark.parametrize("earlier", ["小啾2保修多久？", "How much is the N5 Pro?"])
def test_a_change_of_topic_is_left_as_it_is(earlier: str, message: str) -> None:
    assert resolve_followup(message, said(earlier)) == message


@pytest.mark.parametrize(
    "message", ["那国外呢？", "and abroad?", "多久？", "how much is it?", "它防水吗", "in Chinese please"]
)
def test_without_a_question_before_it_a_followup_stays(message: str) -> None:
    assert resolve_followup(message, []) == message
    assert resolve_followup(message, said("你好", "thanks")) == message


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("in Chinese please?", "zh"), ("用中文回答", "zh"), ("请说中文", "zh"), ("Chinese please", "zh"), ("中文", "zh"),
        ("in English please", "en"), ("用英文说一下", "en"), ("English, please", "en"),
        ("is the manual in Chinese?", None), ("中文说明书在哪里", None), ("多久？", None),
    ],
)  # fmt: skip
def test_a_wish_for_a_language(message: str, language: str | None) -> None:
    assert requested_language(message) == language


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=80))
def test_any_text_is_resolved_to_some_text(earlier: list[str], message: str) -> None:
    resolved = resolve_followup(message, said(*earlier))
    assert isinstance(resolved, str)
    if not earlier:
        assert resolved == message
