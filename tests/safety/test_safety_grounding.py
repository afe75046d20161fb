"""The check on hand-written sentences, and the laws it keeps on any text."""

import pytest
from grounding_cases import CASES, Case
from hypothesis import given
from hypothesis import strategies as st

from chatwright.messages import Citation
from chatwright.safety.grounding import check_grounding, ground_answer, keeps_quantities

# Supported, and rejected all the same: they keep less than half of a clause that has conditions. The bot quotes instead.
KNOWN_REJECTIONS = frozenset(
    [
        "We inspect returns within 5 working days of arrival.",
        "Returns are inspected within five business days of arrival.",
        "签收次日起7天内可以申请无理由退货。",
        "您好，根据资料，七天内可以申请无理由退货。",
        "优惠券不能与其他优惠券叠加。",
    ]
)


def citation(quote: str, title: str = "") -> Citation:
    return Citation(source="a.md", title=title, start=0, end=len(quote), quote=quote, score=1.0)


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_supported], ids=lambda case: case.sentence)
def test_no_false_support(case: Case) -> None:
    found = check_grounding(case.sentence, [case.evidence], case.question)
    assert not found.is_supported, case.why
    assert found.unsupported


@pytest.mark.parametrize("case", [case for case in CASES if case.is_supported], ids=lambda case: case.sentence)
def test_paraphrases_are_supported(case: Case) -> None:
    found = check_grounding(case.sentence, [case.evidence], case.question)
    assert found.is_supported == (case.sentence not in KNOWN_REJECTIONS), found.unsupported


def test_precision_and_recall() -> None:
    supported = [case for case in CASES if check_grounding(case.sentence, [case.evidence], case.question).is_supported]
    right = sum(case.is_supported for case in supported)
    assert right == len(supported)  # precision 1.0
    assert right / sum(case.is_supported for case in CASES) >= 0.85


@pytest.mark.parametrize(
    ("said", "evidence"),
    [  # what the default model said of the example shop, wrong every time
        ("N5 支持最高 15 W 无线充电。", "N5 不支持无线充电；N5 Pro 支持最高 15 W 无线充电。"),
        ("发票需要增值税专用发票。", "确认收货后 24 小时内，电子发票自动发到您的邮箱，也可以在“我的订单—发票”下载。需要增值税专用发票的企业客户请先提交资质。"),
        ("手机是正品。", "在“设置—关于本机”查看 14 位序列号，到官网“正品查询”输入即可看到型号、激活日期和保修截止日期。"),
        ("不能，买 N5 送充电器需要购买充电器。", "N5 不含充电器，只有一根 CB-1 数据线；N5 Pro 附送 65 W 充电器 CH-65。"),
        ("My order is on Overseas parcels.", "Open My orders and choose Track. Overseas parcels show movement about 48 hours after dispatch."),
        ("No, your phone will not work on your network.", "All our phones are sold without a carrier lock and take two nano-SIM cards."),
        ("Postage to Canada is 200 USD.", "Destination: United States, Canada; Charge (USD): 18; Free from (USD): 200; Time: 7–12 days"),
        ("澳门大概3天能到。", "地区: 澳门; 运费: 40 元; 免运费门槛: 满 800 元; 送达时间: 3–5 天"),
        ("如何联系人工客服？", "拨打 400-000-5217，每天 9:00–21:00；也可以在对话里输入“转人工”。"),
        ("The customer's question can be answered by returning the faulty earbuds.", "Faulty earbuds are always refunded or replaced."),
        ("You should not engrave the names of other companies.", "We do not engrave the names of other companies."),
        ("A US dollar gift card runs out on May 15, 2023.", "Values: $25, $50, $100; Validity: 5 years from purchase"),
    ],
)  # fmt: skip
def test_what_a_small_model_made_up(said: str, evidence: str) -> None:
    assert not check_grounding(said, [evidence]).is_supported


def test_two_pieces_of_evidence_do_not_add_up() -> None:
    pieces = ["The N5 has a 12-month warranty.", "The Lull headphones weigh 252 g."]
    assert not check_grounding("The N5 weighs 252 g.", pieces).is_supported
    assert check_grounding("The Lull headphones weigh 252 g.", pieces).is_supported


def test_an_answer_keeps_what_is_supported_with_its_citation() -> None:
    evidence = [citation("The N5 has a 12-month warranty."), citation("Orders worth more than $300 need a signature.")]
    answer = ground_answer(
        "Orders worth more than $300 need a signature. The N5 has a 12-month warranty. You also get a free gift.",
        evidence,
    )
    assert answer.text == "Orders worth more than $300 need a signature. The N5 has a 12-month warranty."
    assert answer.cited == (1, 0)
    assert answer.dropped == ("You also get a free gift.",)
    assert [numbers for _, numbers in answer.sentences] == [(1,), (0,)]


def test_a_title_supports_nothing() -> None:
    answer = ground_answer(
        "Yes, your phone will work on your network.",
        [citation("No carrier lock.", "Will my phone work on my network?")],
    )
    assert answer.text == ""


@pytest.mark.parametrize(
    ("text", "evidence", "is_kept"),
    [
        ("运费35元", "运费：35 元", True), ("运费", "运费：35 元", False), ("It takes three to five days.", "Time: 3–5 days", True),
        ("It takes 3 days.", "Time: 3–5 days", False), ("anything", "no numbers here", True),
    ],
)  # fmt: skip
def test_keeps_quantities(text: str, evidence: str, is_kept: bool) -> None:
    assert keeps_quantities(text, evidence) == is_kept


@given(st.text(max_size=150), st.lists(st.text(max_size=150), max_size=3))
def test_nothing_is_supported_without_evidence(sentence: str, evidence: list[str]) -> None:
    assert not check_grounding(sentence, []).is_supported
    found = check_grounding(sentence, evidence)
    assert found.is_supported == (not found.unsupported)


PLAIN = st.sampled_from(sorted({case.evidence for case in CASES}))


@given(PLAIN, st.integers(1000, 9999))
def test_a_number_that_is_nowhere_is_never_supported(evidence: str, number: int) -> None:
    if str(number) not in evidence.replace(",", ""):
        assert not check_grounding(f"The charge is ¥{number}.", [evidence], f"Is it ¥{number}?").is_supported


@given(PLAIN, st.text(max_size=60))
def test_an_answer_is_made_of_sentences_of_the_wording(evidence: str, tail: str) -> None:
    said = f"{evidence} {tail}"
    answer = ground_answer(said, [citation(evidence)])
    assert all(sentence in said for sentence, _ in answer.sentences)
    assert all(0 <= number < 1 for number in answer.cited)
