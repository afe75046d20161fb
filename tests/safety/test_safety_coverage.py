"""Which words of a sentence its evidence holds."""

import pytest

from chatwright.safety.coverage import content_stems, decisive_words, dropped_variants, uncovered_words, unknown_names


@pytest.mark.parametrize(
    ("sentence", "evidence", "absent"),
    [
        ("Shipping costs", "The delivery charge", []), ("退货邮费", "退换货的运费", []), ("a free gift", "a return label", ["fre", "gift"]),
        ("赠送一份礼品", "七天内可以退货", ["赠送", "礼品"]), ("returned", "we return it", []), ("refundable", "a refund", []),
        ("免费", "收费", ["免费"]),
    ],
)  # fmt: skip
def test_uncovered_words(sentence: str, evidence: str, absent: list[str]) -> None:
    assert uncovered_words(sentence, evidence)[0] == absent


def test_quantities_are_no_words_and_codes_are() -> None:
    assert content_stems("The N5 costs ¥1,299 for 3 days") == ["n5", "cost"]


def test_what_a_time_counts_from_decides() -> None:
    assert decisive_words(["下单"], "下单后24小时内") == ["下单"]
    assert decisive_words(["payment"], "within 2 days after payment") == ["payment"]
    assert decisive_words(["gift"], "a gift") == []


@pytest.mark.parametrize(
    ("sentence", "evidence", "names"),
    [
        ("The Shanghai store", "The Shenzhen store", ["Shanghai"]), ("The Shenzhen store", "Our Shenzhen store", []),
        ("可以联系 Amazon", "可以联系客服", ["Amazon"]), ("Returns are free", "returns are free", []), ("支持 USB-C", "USB-C 接口", []),
    ],
)  # fmt: skip
def test_unknown_names(sentence: str, evidence: str, names: list[str]) -> None:
    assert unknown_names(sentence, evidence) == names


def test_a_variant_may_not_be_dropped() -> None:
    assert dropped_variants("The N5 has it", "The N5 Pro has it") != []
    assert dropped_variants("The N5 has it", "The N5 and the N5 Pro have it") == []
    assert dropped_variants("The N5 Pro has it", "The N5 Pro has it") == []
