"""Draws a flow as an SVG picture: a box for each step, arrows with their conditions, a start and ends.

In: a Flow, and its Domain where the boxes are to show what the bot says. Out: one self-contained SVG that follows the
viewer's dark or light scheme and is read out by screen readers. Needs no other program; measures no fonts: a Chinese
character is one em wide, a Latin one a little over half. Texts are escaped and cut; nothing in them is markup.
"""

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from chatwright.dialogue.domain import Domain
from chatwright.dialogue.flows.flow import (
    END,
    ActionStep,
    CallStep,
    CollectStep,
    Flow,
    LinkStep,
    NoopStep,
    SetSlotsStep,
    Step,
)
from chatwright.dialogue.flows.flow_layout import Arrow, Layout, Point, lay_out
from chatwright.dialogue.flows.flow_names import flow_name
from chatwright.messages import Language

_FONT = 13.0
_SMALL = 11.0
_LINE = 18.0
_BOX_WIDTH = 216.0
_PAD = 12.0
_LABEL_WIDTH = 150.0
_ROUND = 7.0
_MAX_LINES, _MAX_LABEL_LINES = 4, 3
_TITLE_HEIGHT = 46.0
_START = "\0start"
_NAME_PART = re.compile(r"[^_.]+[_.]*|[_.]+")
_WORD = re.compile(r"\s+|[^\s\u2e80-\u9fff\uff00-\uffef]+|.", re.DOTALL)

_KINDS: Mapping[str, Mapping[Language, str]] = {
    "collect": {"en": "asks", "zh": "询问"}, "say": {"en": "says", "zh": "回复"},
    "action": {"en": "does", "zh": "执行"}, "set": {"en": "sets", "zh": "设置"},
    "link": {"en": "goes on with", "zh": "转到"}, "call": {"en": "goes through", "zh": "调用"},
    "noop": {"en": "decides", "zh": "判断"},
}  # fmt: skip
_ELSE: Mapping[Language, str] = {"en": "otherwise", "zh": "否则"}
_ENDS: Mapping[Language, str] = {"en": "end", "zh": "结束"}
_STEPS: Mapping[Language, str] = {"en": "{number} steps: {steps}.", "zh": "共 {number} 步：{steps}。"}
# Drawn in a square of 16; each kind is also told by its word, so that colour and shape are never all there is.
_ICONS: Mapping[str, str] = {
    "collect": "M5.2 6a2.8 2.8 0 1 1 4.2 2.4C8.4 9 8 9.4 8 10.4M8 12.8v.4", "action": "M9 2 4 9h3.4L7 14l5-7H8.6z",
    "say": "M2.5 3.5h11v7.5H7L4 13.5V11H2.5z", "set": "M3.5 6h9M3.5 10h9",
    "link": "M2.5 8h10M9 4.5 12.5 8 9 11.5", "call": "M3 5h8a2.5 2.5 0 0 1 0 6H4M6.5 8.5 4 11l2.5 2.5",
    "noop": "M8 2.5 13.5 8 8 13.5 2.5 8z",
}  # fmt: skip
_STYLE = """
svg{--bg:#fff;--ink:#1c2430;--soft:#5b6675;--line:#8a95a5;--box:#f7f9fc;--collect:#1d5fbf;--say:#0d7a5f;--action:#a84a00;
--set:#6a4bb5;--link:#8a1c4a;--call:#8a1c4a;--noop:#55606e}
@media (prefers-color-scheme:dark){svg{--bg:#12161c;--ink:#e8edf3;--soft:#a4afbd;--line:#74808f;--box:#1b222b;
--collect:#7db2ff;--say:#5fd3b2;--action:#ffb070;--set:#bda4ff;--link:#ff94bd;--call:#ff94bd;--noop:#b3bdc9}}
text{font-family:system-ui,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;fill:var(--ink)}
.bg{fill:var(--bg)}.box{fill:var(--box);stroke-width:1.4}.soft{fill:var(--soft)}
.arrow{fill:none;stroke:var(--line);stroke-width:1.5}.back{stroke-dasharray:5 4}.head{fill:var(--line)}
.label{fill:var(--soft);stroke:var(--bg);stroke-width:5;stroke-linejoin:round;paint-order:stroke}
.icon{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}.end{fill:var(--bg);stroke:var(--line);stroke-width:1.5}
.dot{fill:var(--line)}
""".replace("\n", "")


@dataclass(frozen=True, slots=True)
class _Box:
    kind: str
    heading: str
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return _LINE * (1 + len(self.lines)) + _PAD * 1.5


def draw_flow(flow: Flow, domain: Domain | None = None, *, language: Language = "en") -> str:
    """The picture as the text of an SVG file."""
    boxes = {step.id: _box(step, domain, language) for step in flow.steps.values()}
    arrows, labels, ends = _arrows(flow, language)
    sizes = {_START: (16.0, 16.0)} | {name: (_BOX_WIDTH, box.height) for name, box in boxes.items()}
    sizes |= dict.fromkeys(ends, (46.0, 24.0))
    layout = lay_out(sizes, arrows, _START)
    width = max(layout.width, _width(_title(flow, language), 16.0) + 48)
    parts = [_head(flow, boxes, language, width, layout.height + _TITLE_HEIGHT)]
    parts.append(f'<g transform="translate({(width - layout.width) / 2:.1f} {_TITLE_HEIGHT:.0f})">')
    parts += [_draw_arrow(path, is_back=_leads_up(path)) for path in layout.paths]
    parts += [_draw_box(box, layout.boxes[name]) for name, box in boxes.items()]
    parts += [_draw_end(layout.boxes[end], language) for end in ends]
    x, y = layout.boxes[_START]
    parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y + 8:.1f}" r="8"/>')
    parts += _draw_labels(labels, layout)
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _arrows(flow: Flow, language: Language) -> tuple[list[Arrow], list[tuple[str, ...]], list[str]]:
    """The arrows with the lines of their labels, and the ends: each step that ends the flow has its own."""
    arrows = [Arrow(_START, flow.first)]
    labels: list[tuple[str, ...]] = [()]
    ends: list[str] = []
    for step in flow.steps.values():
        branches = step.next or ()
        for branch in branches:
            target = branch.target
            if isinstance(step, LinkStep) and target == END:
                continue
            if target == END:
                target = f"\0end {step.id}"
                ends += [target] if target not in ends else []
            elif target not in flow.steps:
                continue
            words = branch.condition or (_ELSE[language] if len(branches) > 1 else "")
            lines = wrap(_plain(words), _LABEL_WIDTH, _SMALL, _MAX_LABEL_LINES)
            size = (max(_width(line, _SMALL) for line in lines) + 8, 14.0 * len(lines) + 2) if lines else (0.0, 0.0)
            arrows.append(Arrow(step.id, target, size))
            labels.append(lines)
    return arrows, labels, ends


def _plain(condition: str) -> str:
    return " ".join(condition.replace("slots.", "").split())


def _box(step: Step, domain: Domain | None, language: Language) -> _Box:
    kind, heading, body = _described(step, domain, language)
    word = _KINDS[kind][language]
    lines = wrap(body, _BOX_WIDTH - 2.5 * _PAD, _FONT, _MAX_LINES)
    head = wrap(f"{word} · {heading}" if heading else word, _BOX_WIDTH - 2 * _PAD - 22, _SMALL, 1)
    return _Box(kind=kind, heading=head[0], lines=lines)


def _described(step: Step, domain: Domain | None, language: Language) -> tuple[str, str, str]:
    """Kind, heading, and what stands in the box."""
    match step:
        case CollectStep():
            asked = _said(step.utter or f"utter_ask_{step.slot}", domain, language)
            return "collect", step.slot, asked or step.description
        case ActionStep() if step.action.startswith("utter_"):
            return "say", step.action.removeprefix("utter_"), _said(step.action, domain, language)
        case ActionStep():
            return "action", "", step.action
        case SetSlotsStep():
            values = (f"{name} = {'∅' if value is None else value}" for name, value in step.values)
            return "set", "", ", ".join(values)
        case LinkStep():
            return "link", "", step.flow
        case CallStep():
            return "call", "", step.flow
        case NoopStep():
            return "noop", "", ""
    return "action", "", step.id


def describe_step(step: Step, language: Language = "en") -> str:
    """A step in a few words: "asks order_id", "does look_up_order"."""
    kind, heading, body = _described(step, None, language)
    return " ".join(part for part in (_KINDS[kind][language], heading, body) if part)


def _said(response: str, domain: Domain | None, language: Language) -> str:
    """The first wording of a response, in the language where it has one."""
    for variant in domain.responses.get(response, ()) if domain else ():
        text = variant.text.get(language) or next(iter(variant.text.values()), "")
        if text:
            return " ".join(text.split())
    return ""


def wrap(text: str, width: float, size: float, max_lines: int) -> tuple[str, ...]:
    """`text` in lines of at most `width` pixels: Chinese breaks anywhere, but no line begins with a closing mark."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, width, size):
        if line and _width(line + piece, size) > width and not _closes(piece):
            lines.append(line.rstrip())
            line = ""
        line += piece if line or not piece.isspace() else ""
    if line.strip():
        lines.append(line.rstrip())
    if len(lines) > max_lines:
        lines = lines[:max_lines]
        lines[-1] = lines[-1][:-1].rstrip() + "…"
    return tuple(lines)


def _pieces(text: str, width: float, size: float) -> list[str]:
    """Words, spaces and Chinese characters; a word longer than a line is cut after `_` and `.`, or where it must be."""
    pieces: list[str] = []
    for word in _WORD.findall(text):
        parts = _NAME_PART.findall(word) if _width(word, size) > width else [word]
        for part in parts:
            num_characters = max(1, int(width / (0.56 * size)))
            is_long = _width(part, size) > width
            pieces += (
                [part[at : at + num_characters] for at in range(0, len(part), num_characters)] if is_long else [part]
            )
    return pieces


def _closes(piece: str) -> bool:
    return len(piece) == 1 and unicodedata.category(piece) in ("Pe", "Pf", "Po") and not piece.isascii()


def _width(text: str, size: float) -> float:
    ems = sum(1.0 if unicodedata.east_asian_width(character) in "WF" else 0.56 for character in text)
    return ems * size


def _title(flow: Flow, language: Language) -> str:
    return flow_name(flow, language)


def _head(flow: Flow, boxes: Mapping[str, _Box], language: Language, width: float, height: float) -> str:
    title = escape(_title(flow, language))
    steps = "; ".join(f"{box.heading} {' '.join(box.lines)}".strip() for box in boxes.values())
    told = escape(_STEPS[language].format(number=len(boxes), steps=steps).replace("\0", ""))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="title desc" lang="{language}">\n'
        f'<title id="title">{title}</title>\n<desc id="desc">{told}</desc>\n<style>{_STYLE}</style>\n'
        f'<rect class="bg" width="100%" height="100%"/>\n'
        f'<text x="24" y="34" font-size="16" font-weight="600">{title}</text>'
    )


def _leads_up(path: Sequence[Point]) -> bool:
    return any(later[1] < earlier[1] - 0.1 for earlier, later in itertools.pairwise(path))


def _draw_arrow(path: Sequence[Point], *, is_back: bool) -> str:
    """A line with rounded bends that ends in a head of 8 pixels, pointing down."""
    (x, y), shown = path[-1], [*path[:-1], (path[-1][0], path[-1][1] - 6)]
    drawn = _rounded(shown) if is_back else _curved(shown)
    kind = "arrow back" if is_back else "arrow"
    head = f"M{x - 4.5:.1f} {y - 8:.1f}h9L{x:.1f} {y:.1f}z"
    return f'<path class="{kind}" d="{drawn}"/><path class="head" d="{head}"/>'


def _curved(points: Sequence[Point]) -> str:
    """Smooth between rows, straight within them."""
    drawn = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (y0 + y1) / 2
        is_straight = abs(x0 - x1) < 0.5
        end = f"{x1:.1f} {y1:.1f}"
        drawn += f"L{end}" if is_straight else f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {end}"
    return drawn


def _rounded(points: Sequence[Point]) -> str:
    """Straight lines whose corners are rounded off."""
    drawn = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        drawn += f"L{near[0]:.1f} {near[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {far[0]:.1f} {far[1]:.1f}"
    return f"{drawn}L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _towards(start: Point, end: Point) -> Point:
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    share = min(_ROUND, length / 2) / length if length else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _draw_box(box: _Box, top: Point) -> str:
    left, y = top[0] - _BOX_WIDTH / 2, top[1]
    colour = f"var(--{box.kind})"
    parts = [
        f'<rect class="box" x="{left:.1f}" y="{y:.1f}" width="{_BOX_WIDTH:.0f}" height="{box.height:.1f}" rx="8" '
        f'stroke="{colour}"/>',
        f'<path class="icon" transform="translate({left + _PAD:.1f} {y + 8:.1f})" stroke="{colour}" '
        f'd="{_ICONS[box.kind]}"/>',
        f'<text x="{left + _PAD + 22:.1f}" y="{y + 20:.1f}" font-size="{_SMALL:.0f}" style="fill:{colour}">'
        f"{escape(box.heading)}</text>",
    ]
    for number, line in enumerate(box.lines):
        parts.append(
            f'<text x="{left + _PAD:.1f}" y="{y + 20 + _LINE * (number + 1):.1f}" font-size="{_FONT:.0f}">'
            f"{escape(line)}</text>"
        )
    return "".join(parts)


def _draw_end(top: Point, language: Language) -> str:
    x, y = top
    return (
        f'<rect class="end" x="{x - 23:.1f}" y="{y:.1f}" width="46" height="24" rx="12"/>'
        f'<text class="soft" x="{x:.1f}" y="{y + 16:.1f}" font-size="{_SMALL:.0f}" text-anchor="middle">'
        f"{_ENDS[language]}</text>"
    )


def _draw_labels(labels: Sequence[Sequence[str]], layout: Layout) -> list[str]:
    drawn = []
    for lines, (x, y) in zip(labels, layout.labels, strict=True):
        first = y - 14.0 * (len(lines) - 1) / 2 + 4
        drawn += [
            f'<text class="label" x="{x:.1f}" y="{first + 14 * number:.1f}" font-size="{_SMALL:.0f}" '
            f'text-anchor="middle">{escape(line)}</text>'
            for number, line in enumerate(lines)
        ]
    return drawn
