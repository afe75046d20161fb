"""What a number is said of."""

import pytest

from chatwright.safety.clauses import split_clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("For the N5, the warranty is 12 months; for the N5 Pro, 18 months.", [{"12"}, {"18"}]),
        ("寄往台湾运费 65 元，4–7 天送达；寄往澳门运费 40 元，3–5 天送达。", [{"65", "4..7"}, {"40", "3..5"}]),
        ("Delivery to Taiwan costs ¥65 and takes 4–7 days, and to Macau it costs ¥40 and takes 3–5 days.", [{"65", "4..7"}, {"40", "3..5"}]),
        ("It costs 1,299 yuan, without a charger", [{"1299"}]),
        ("运费：35 元；免运费门槛：满 800 元", [{"35"}, {"800"}]), ("...", []),
    ],
)  # fmt: skip
def test_each_clause_has_its_quantities(text: str, expected: list[set[str]]) -> None:
    clauses = split_clauses(text)
    assert [
        {quantity.value for quantity in clause.quantities if quantity.kind != "code"} for clause in clauses
    ] == expected


def test_each_side_of_a_contrast_has_its_polarity() -> None:
    assert [clause.is_negated for clause in split_clauses("The N5 cannot be charged so, but the N5 Pro can.")] == [
        True,
        False,
    ]
    assert [clause.is_negated for clause in split_clauses("手机不能退，但平板可以退。")] == [True, False]


def test_an_answer_word_repeats_the_denial() -> None:
    assert [clause.is_negated for clause in split_clauses("No, it cannot be returned.")] == [True]
    assert [clause.is_negated for clause in split_clauses("不能，手机激活后不能退。")] == [True]
