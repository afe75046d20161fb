"""Lays a graph out in layers, from top to bottom: where each box stands and where each arrow bends. Pure numbers.

In: boxes with sizes and arrows with sizes of their labels. Out: a Layout in pixels. The method is Sugiyama's (1981):
layers by longest path, bends on the layers between, few crossings by barycentres, then positions near the neighbours'
middle (isotonic regression, so that nothing overlaps). Arrows that lead back go round on the right. No chance in it.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Size = tuple[float, float]  # width, height
Point = tuple[float, float]

_GAP_X = 28.0
_GAP_Y = 26.0
_MARGIN = 24.0
_LANE = 18.0  # between arrows that lead back
_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another. label: the size of what is written on it, (0, 0) for nothing."""

    source: str
    target: str
    label: Size = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """boxes: id → the middle of its top edge. paths: the bends of each arrow, in the order given. labels: the middle of
    each arrow's label, where it has one."""

    width: float
    height: float
    boxes: Mapping[str, Point]
    paths: Sequence[Sequence[Point]]
    labels: Sequence[Point]


@dataclass(slots=True)
class _Node:
    """A box, or a bend of an arrow."""

    layer: int
    width: float
    height: float
    x: float = 0.0
    is_bend: bool = False
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


def lay_out(boxes: Mapping[str, Size], arrows: Sequence[Arrow], first: str) -> Layout:
    """first: the box at the top. Every box must be reached from it, or it stands in the first layer as well."""
    is_back = _back_arrows(boxes, arrows, first)
    layers = _layers(boxes, [arrow for arrow, back in zip(arrows, is_back, strict=True) if not back])
    nodes = [_Node(layer=2 * layers[name], width=width, height=height) for name, (width, height) in boxes.items()]
    index = {name: place for place, name in enumerate(boxes)}
    chains = [_chain(nodes, index, arrow, back) for arrow, back in zip(arrows, is_back, strict=True)]
    rows = _rows(nodes)
    _order(nodes, rows)
    _place(nodes, rows)
    tops, bottoms = _heights(nodes, rows)
    right = max(node.x + node.width / 2 for node in nodes)
    paths: list[list[Point]] = []
    num_back = 0
    for arrow, chain, back in zip(arrows, chains, is_back, strict=True):
        lane = right + _GAP_X + num_back * _LANE
        num_back += back
        path = _path(nodes, chain, tops, bottoms)
        paths.append(path + _round(nodes, index[arrow.target], path[-1], lane, tops) if back else path)
    labels = [_label(nodes, chain, tops, bottoms) for chain in chains]
    return Layout(
        width=right + (_GAP_X + num_back * _LANE if num_back else 0.0) + _MARGIN,
        height=max(bottoms) + _MARGIN,
        boxes={name: (nodes[place].x, tops[nodes[place].layer]) for name, place in index.items()},
        paths=paths,
        labels=labels,
    )


def _back_arrows(boxes: Iterable[str], arrows: Sequence[Arrow], first: str) -> list[bool]:
    """Which arrows close a circle, seen from `first` depth first."""
    leaving: dict[str, list[int]] = {name: [] for name in boxes}
    for place, arrow in enumerate(arrows):
        leaving[arrow.source].append(place)
    is_back = [False] * len(arrows)
    done: set[str] = set()
    under_way: dict[str, None] = {}
    for start in [first, *leaving]:
        work = [(start, iter(leaving[start]))] if start not in done else []
        under_way[start] = None
        while work:
            name, rest = work[-1]
            place = next(rest, -1)
            if place < 0:
                work.pop()
                done.add(name)
                under_way.pop(name, None)
                continue
            target = arrows[place].target
            is_back[place] = target in under_way
            if target not in done and target not in under_way:
                under_way[target] = None
                work.append((target, iter(leaving[target])))
        under_way.clear()
    return is_back


def _layers(boxes: Iterable[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """The longest path to each box; there are no circles left."""
    entering: dict[str, int] = dict.fromkeys(boxes, 0)
    leaving: dict[str, list[str]] = {name: [] for name in entering}
    for arrow in arrows:
        entering[arrow.target] += 1
        leaving[arrow.source].append(arrow.target)
    layers = dict.fromkeys(entering, 0)
    ready = [name for name, number in entering.items() if number == 0]
    while ready:
        name = ready.pop()
        for target in leaving[name]:
            layers[target] = max(layers[target], layers[name] + 1)
            entering[target] -= 1
            if entering[target] == 0:
                ready.append(target)
    return layers


def _chain(nodes: list[_Node], index: Mapping[str, int], arrow: Arrow, is_back: bool) -> list[int]:
    """The nodes of an arrow from its source on; the first bend carries the label. An arrow back ends there."""
    source, target = index[arrow.source], index[arrow.target]
    last = nodes[source].layer + 2 if is_back else nodes[target].layer
    chain = [source]
    for layer in range(nodes[source].layer + 1, last):
        width, height = arrow.label if layer == nodes[source].layer + 1 else (0.0, 0.0)
        nodes.append(_Node(layer=layer, width=max(width, 6.0), height=height, is_bend=True))
        chain.append(len(nodes) - 1)
    if not is_back:
        chain.append(target)
    for upper, lower in itertools.pairwise(chain):
        nodes[upper].below.append(lower)
        nodes[lower].above.append(upper)
    return chain


def _rows(nodes: Sequence[_Node]) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(max(node.layer for node in nodes) + 1)]
    for place, node in enumerate(nodes):
        rows[node.layer].append(place)
    return rows


def _order(nodes: Sequence[_Node], rows: list[list[int]]) -> None:
    """Sorts each row by the middle of its neighbours, downwards and upwards in turn; keeps the best."""
    best, fewest = [list(row) for row in rows], _num_crossings(nodes, rows)
    for sweep in range(_SWEEPS):
        is_down = sweep % 2 == 0
        places = range(1, len(rows)) if is_down else range(len(rows) - 2, -1, -1)
        for row in places:
            fixed = {node: float(place) for place, node in enumerate(rows[row - 1 if is_down else row + 1])}
            old = {node: float(place) for place, node in enumerate(rows[row])}
            key = {node: _middle(nodes[node].above if is_down else nodes[node].below, fixed, old[node]) for node in old}
            rows[row].sort(key=lambda node, key=key, old=old: (key[node], old[node]))  # type: ignore[misc]
        crossings = _num_crossings(nodes, rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best


def _middle(neighbours: Sequence[int], fixed: Mapping[int, float], default: float) -> float:
    return sum(fixed[other] for other in neighbours) / len(neighbours) if neighbours else default


def _num_crossings(nodes: Sequence[_Node], rows: Sequence[Sequence[int]]) -> int:
    total = 0
    for upper, lower in itertools.pairwise(rows):
        place = {node: number for number, node in enumerate(lower)}
        ends = [place[other] for node in upper for other in sorted(nodes[node].below, key=place.__getitem__)]
        total += sum(first > second for number, first in enumerate(ends) for second in ends[number + 1 :])
    return total


def _place(nodes: Sequence[_Node], rows: Sequence[Sequence[int]]) -> None:
    """Positions: each row as near to the middle of its neighbours as the gaps allow."""
    for row in rows:
        _settle(nodes, row, [0.0] * len(row))
    for sweep in range(_SWEEPS):
        is_down = sweep % 2 == 0
        for row in rows if is_down else rows[::-1]:
            wanted = []
            for place in row:
                node = nodes[place]
                near = (node.above if is_down else node.below) or node.above or node.below
                wanted.append(sum(nodes[other].x for other in near) / len(near) if near else node.x)
            _settle(nodes, row, wanted)
    left = min(node.x - node.width / 2 for node in nodes)
    for node in nodes:
        node.x += _MARGIN - left


def _settle(nodes: Sequence[_Node], row: Sequence[int], wanted: Sequence[float]) -> None:
    """The least squares positions with the gaps kept: pools of neighbours that would overlap move together."""
    offsets = [0.0]
    for left, right in itertools.pairwise(row):
        offsets.append(offsets[-1] + (nodes[left].width + nodes[right].width) / 2 + _GAP_X)
    pools: list[tuple[float, float, int]] = []  # sum of weighted wishes, weight, number of nodes
    for place, want, offset in zip(row, wanted, offsets, strict=True):
        weight = 3.0 if nodes[place].is_bend else 1.0  # straight arrows first
        pools.append(((want - offset) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = (pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2])
    positions = [total / weight for total, weight, number in pools for _ in range(number)]
    for place, position, offset in zip(row, positions, offsets, strict=True):
        nodes[place].x = position + offset


def _heights(nodes: Sequence[_Node], rows: Sequence[Sequence[int]]) -> tuple[list[float], list[float]]:
    """The top and the bottom of each row."""
    tops: list[float] = []
    bottoms: list[float] = []
    y = _MARGIN
    for number, row in enumerate(rows):
        tops.append(y)
        bottoms.append(y + max((nodes[place].height for place in row), default=0.0))
        y = bottoms[-1] + (_GAP_Y if number % 2 == 0 else _GAP_Y * 0.7)
    return tops, bottoms


def _path(nodes: Sequence[_Node], chain: Sequence[int], tops: Sequence[float], bottoms: Sequence[float]) -> list[Point]:
    """From the bottom of the source through its bends, straight through each row, to the top of the target."""
    source = nodes[chain[0]]
    points = [(source.x, tops[source.layer] + source.height)]
    for place in chain[1:]:
        node = nodes[place]
        points.append((node.x, tops[node.layer]))
        if node.is_bend:
            points.append((node.x, bottoms[node.layer]))
    return points


def _round(nodes: Sequence[_Node], target: int, start: Point, lane: float, tops: Sequence[float]) -> list[Point]:
    """On from the last bend of an arrow that leads back: out to the right, up, and into its target from above."""
    node = nodes[target]
    below, above = start[1] + 6, tops[node.layer] - 12
    return [(start[0], below), (lane, below), (lane, above), (node.x, above), (node.x, tops[node.layer])]


def _label(nodes: Sequence[_Node], chain: Sequence[int], tops: Sequence[float], bottoms: Sequence[float]) -> Point:
    if len(chain) < 2 or not nodes[chain[1]].is_bend:
        return 0.0, 0.0
    bend = nodes[chain[1]]
    return bend.x, (tops[bend.layer] + bottoms[bend.layer]) / 2
