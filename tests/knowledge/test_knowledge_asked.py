"""What kind of thing is asked for, and whether a text has one: tables in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.knowledge.asked import Sought, offers, sought_by


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("寄到香港的运费是多少？", "money"),
        ("早餐多少钱一位", "money"),
        ("带狗入住要加钱吗", "money"),
        ("How much is a single room?", "money"),
        ("what's the fee for a late checkout", "money"),
        ("退款多久到账", "duration"),
        ("保修几年", "duration"),
        ("how long does a refund take", "duration"),
        ("How many days do I have?", "duration"),
        ("你们几点关门", "time"),
        ("what time do you open on Sundays", "time"),
        ("when does the pool close", "time"),
        ("什么时候恢复发货", "date"),
        ("When does my card expire?", "date"),
        ("年化利率是几个点，百分之几", "percent"),
        ("what percentage is the deposit", "percent"),
        ("屏幕多大", "measure"),
        ("后置摄像头是多少像素的", "measure"),
        ("how heavy is the tablet", "measure"),
        ("可以住几个人", "count"),
        ("how many guests are allowed", "count"),
        ("你们地址在哪", "address"),
        ("what is the street address", "address"),
        ("客服电话多少", "contact"),
        ("可以退货吗", "other"),
        ("Is it waterproof?", "other"),
    ],
)
def test_sought_by(question: str, kind: Sought) -> None:
    assert sought_by(question) == kind


@pytest.mark.parametrize(
    ("text", "kind", "is_offered"),
    [
        ("地区：香港；运费：35 元", "money", True),
        ("Charge: ¥35", "money", True),
        ("满 99 元包邮", "money", True),
        ("免费更换", "money", True),
        ("3 个工作日内到账", "money", False),
        ("The camera has 50 megapixels.", "money", False),
        ("3 个工作日内到账", "duration", True),
        ("within two weeks", "duration", True),
        ("Opening a box costs $5.", "duration", False),
        ("每天 9:00–21:00", "time", True),
        ("open from 9 am", "time", True),
        ("Mondays only", "time", False),
        ("更换后置摄像头：459 元", "measure", False),
        ("weighs 480 g", "measure", True),
        ("上海市静安区栗园东路 12 号", "address", True),
        ("Returns go to the Singapore returns centre.", "address", False),
        ("anything at all", "other", True),
    ],
)
def test_offers(text: str, kind: Sought, is_offered: bool) -> None:
    assert offers(text, kind) is is_offered


@given(text=st.text(max_size=200))
def test_every_text_is_read(text: str) -> None:
    assert offers(text, "other")
    assert offers(text, sought_by(text)) in (True, False)
