"""Passages: exact offsets, nothing lost, never across a heading, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.knowledge.loaders.draft import TextDraft
from chatwright.knowledge.splitter import Chunk, split_document
from chatwright.messages import DocumentText

WORDS = st.sampled_from(
    [
        "return",
        "the order",
        "N5 Pro",
        "退货",
        "七天内",
        "3.5",
        "Mr. X",
        "however,",
        "end.",
        "完。",
        "真的吗？",
        "如下：",
        "a" * 70,
    ]
)
LINES = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
BLOCKS = st.lists(
    st.tuples(st.sampled_from(["heading", "paragraph", "item", "row"]), st.integers(1, 4), LINES),
    min_size=1,
    max_size=12,
)


def document_of(blocks: list[tuple[str, int, str]]) -> DocumentText:
    draft = TextDraft(1_000_000)
    for kind, level, text in blocks:
        if kind == "heading":
            draft.heading(text[:60], level)
        else:
            {"paragraph": draft.paragraph, "item": draft.item, "row": draft.row}[kind](text)
    return draft.finish("source.md", ())


@given(blocks=BLOCKS, max_chars=st.integers(50, 900))
def test_laws(blocks: list[tuple[str, int, str]], max_chars: int) -> None:
    document = document_of(blocks)
    chunks = split_document(document, max_chars=max_chars)
    covered = set[int]()
    end = 0
    for chunk in chunks:
        assert document.text[chunk.start : chunk.end] == chunk.text
        assert end <= chunk.start < chunk.end
        end = chunk.end
        covered |= set(range(chunk.start, chunk.end))
        for first, last in chunk.sentences:
            assert chunk.start <= first < last <= chunk.end
            assert document.text[first:last] == document.text[first:last].strip()
    in_heading = {place for start, _, text in document.headings for place in range(start, start + len(text))}
    lost = [place for place in range(len(document.text)) if place not in covered | in_heading]
    assert not "".join(document.text[place] for place in lost).strip()
    in_sentences = {place for chunk in chunks for first, last in chunk.sentences for place in range(first, last)}
    assert not "".join(document.text[place] for place in sorted(covered - in_sentences)).strip()


@given(text=st.text(max_size=3000), max_chars=st.integers(50, 300))
def test_any_text_is_kept(text: str, max_chars: int) -> None:
    chunks = split_document(DocumentText(source="a", title="a", text=text), max_chars=max_chars)
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)


def split(*blocks: tuple[str, int, str], max_chars: int = 800) -> list[Chunk]:
    return split_document(document_of(list(blocks)), max_chars=max_chars)


def test_a_passage_never_crosses_a_heading_and_knows_those_above() -> None:
    chunks = split(
        ("heading", 1, "Returns"),
        ("paragraph", 0, "Thirty days."),
        ("heading", 2, "Abroad"),
        ("paragraph", 0, "Sixty."),
    )
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("Returns", "Thirty days."),
        ("Returns > Abroad", "Sixty."),
    ]


def test_a_heading_with_nothing_under_it_is_a_passage() -> None:
    chunks = split(
        ("heading", 1, "Shop"), ("heading", 2, "Closed on Sundays"), ("heading", 2, "Other"), ("paragraph", 0, "x")
    )
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [("Shop", "Closed on Sundays"), ("Shop > Other", "x")]


def test_a_list_stays_with_the_line_that_leads_it_in() -> None:
    before = ("paragraph", 0, "word " * 12 + "end.")
    chunks = split(
        before, ("paragraph", 0, "You need:"), ("item", 0, "the box"), ("item", 0, "the receipt"), max_chars=75
    )
    assert [chunk.text for chunk in chunks] == [before[2], "You need:\n- the box\n- the receipt"]


def test_rows_of_a_table_are_passages_of_their_own_and_one_sentence_each() -> None:
    rows = [("row", 0, f"型号：N{number}；价格：{number}99 元；库存：有货") for number in range(3)]
    text, table = split(("heading", 1, "价格"), ("paragraph", 0, "价格含税。"), *rows)
    assert (text.kind, table.kind, table.heading, table.language) == ("text", "table", "价格", "zh")
    assert [
        table.text[first - table.start : last - table.start] for first, last in table.sentences
    ] == table.text.split("\n")


@pytest.mark.parametrize(
    ("text", "num_chunks", "ends"),
    [
        ("客户可以在七天内退货，" * 100, range(3, 5), "，"),
        ("the customer may return it, " * 100, range(4, 6), ","),
        ("x" * 2000, range(3, 4), "x"),
    ],
)
def test_a_giant_sentence_is_cut_at_a_safe_place(text: str, num_chunks: range, ends: str) -> None:
    chunks = split(("paragraph", 0, text))
    assert len(chunks) in num_chunks
    assert all(chunk.text.endswith(ends) for chunk in chunks)


def test_passages_are_as_long_as_they_should_be() -> None:
    english = split(("paragraph", 0, "The order leaves our warehouse on the same day. " * 100))
    chinese = split(("paragraph", 0, "订单当天从仓库发出，请您留意短信。" * 100))
    assert all(600 <= len(chunk.text) <= 800 for chunk in english[:-1])
    assert all(250 <= len(chunk.text) <= 350 for chunk in chinese[:-1])


@pytest.mark.parametrize("stretch", ["a. b. ", "Mr. a ", "x", "退", "::", '."', "a; "])
def test_a_text_that_never_ends_costs_no_more_than_its_length(stretch: str) -> None:
    text = (stretch * 300_000)[:300_000]  # its square would exceed the time limit of a test
    chunks = split_document(DocumentText(source="a", title="a", text=text))
    assert sum(len("".join(chunk.text.split())) for chunk in chunks) == len("".join(text.split()))


def test_nothing_gives_nothing_and_small_limits_are_refused() -> None:
    assert split_document(DocumentText(source="a", title="a", text=" \n")) == []
    with pytest.raises(ValueError, match="at least 50"):
        split_document(DocumentText(source="a", title="a", text="b"), max_chars=10)
