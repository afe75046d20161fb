"""Boxes never overlap, arrows go down and end where they should, whatever the graph."""

import random

import pytest

from chatwright.dialogue.flows.flow_layout import Arrow, Layout, lay_out

BOX = (100.0, 40.0)


def overlaps(layout: Layout, sizes: dict[str, tuple[float, float]]) -> list[tuple[str, str]]:
    places = {
        name: (x - sizes[name][0] / 2, y, x + sizes[name][0] / 2, y + sizes[name][1])
        for name, (x, y) in layout.boxes.items()
    }
    return [
        (one, other)
        for one, (left, top, right, bottom) in places.items()
        for other, (left2, top2, right2, bottom2) in places.items()
        if one < other and left < right2 and left2 < right and top < bottom2 and top2 < bottom
    ]


def test_a_diamond() -> None:
    sizes = dict.fromkeys("abcd", BOX)
    arrows = [Arrow("a", "b", (30, 14)), Arrow("a", "c"), Arrow("b", "d"), Arrow("c", "d")]
    layout = lay_out(sizes, arrows, "a")
    (a, b, c, d) = (layout.boxes[name] for name in "abcd")
    assert a[1] < b[1] == c[1] < d[1]
    assert a[0] == pytest.approx((b[0] + c[0]) / 2, abs=1)
    assert layout.paths[0][0] == pytest.approx((a[0], a[1] + 40))
    assert layout.paths[0][-1] == pytest.approx(b)
    assert a[1] + 40 < layout.labels[0][1] < b[1]


def test_an_arrow_back_ends_above_its_target() -> None:
    layout = lay_out(
        dict.fromkeys("abc", BOX), [Arrow("a", "b"), Arrow("b", "c"), Arrow("c", "a"), Arrow("c", "c")], "a"
    )
    assert layout.boxes["a"][1] < layout.boxes["b"][1] < layout.boxes["c"][1]
    assert layout.paths[2][-1] == pytest.approx(layout.boxes["a"])
    assert layout.paths[3][-1] == pytest.approx(layout.boxes["c"])
    assert max(x for x, _ in layout.paths[2]) < layout.width


@pytest.mark.parametrize("seed", range(25))
def test_any_graph(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{number}" for number in range(chance.randint(1, 25))]
    sizes = {name: (chance.uniform(20, 220), chance.uniform(20, 90)) for name in names}
    arrows = [
        Arrow(chance.choice(names), chance.choice(names), chance.choice([(0.0, 0.0), (80.0, 28.0)]))
        for _ in range(chance.randint(0, 40))
    ]
    layout = lay_out(sizes, arrows, names[0])
    assert overlaps(layout, sizes) == []
    assert layout == lay_out(sizes, arrows, names[0])
    for arrow, path in zip(arrows, layout.paths, strict=True):
        assert path[-1] == pytest.approx(layout.boxes[arrow.target])
        assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in path)
    for x, y in layout.boxes.values():
        assert 0 <= x <= layout.width
        assert 0 <= y <= layout.height
