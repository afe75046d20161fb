"""Knows a process by its plain name: "Return please: …", 我要投诉, "file a complaint", and what only talks about one.

In: flows once, then messages. Out: the flow that a clause names and wants, with what follows the clause; and whether a
message says nothing but to begin, go on or submit ("ok, back to the complaint", 那就提交吧), which is no value of any
slot. A clause names a flow when nothing is left of it but the flow's name, or one of its examples, once the words that
any wish has are taken away; a question names none. Linear time.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_names import NamedFlow
from chatwright.dialogue.understanding.flow_choice import mask_values
from chatwright.language.fold import fold
from chatwright.language.words import content_words, stem

_MAX_CHARS = 600
_MAX_TALK_CHARS = 80  # of a message that only talks about a process
_MAX_EXAMPLES = 200  # of one flow
_SHARED_LETTERS = 5  # by which "complain" is a word of "complaint"
_MAX_NAME_CHARS = 60  # of a clause that names one
_CLAUSE = re.compile(r"[^,.!?;:…、，。！？；：\n]+[,.!?;:…、，。！？；：\n]*")
_HAN_SPACE = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
# Words that any wish for a process may have around its name.
_WISH = re.compile(
    r"(?<![a-z])(?:i'd|i'm|i|we'd|we|you|me|us|my|our|it|would|like|love|want|wanna|wish|need|have|got|going|to|please|pls|kindly|can|could|may|let's|let|just|do|make|file|lodge|start|register|begin|open|raise"
    r"|create|request|submit|get|help|with|a|an|the|this|that|one|for|on|of|in|about|now|then|so|well|ok|okay|hi|hello|hey|yes|also|new|actually|instead|first|today|anyway)(?![a-z])"
    r"|我想要?|我要|我需要|想要|需要|我们|我|想|要|请|麻烦|帮忙|帮我|帮|给我|给|你们|你|您|替我|申请|办理|办|登记|提交|发起|弄|做|下单|下|来|一下|一个|个|这个|这|那就?|先|还是|的|吧|了|哈|啊|呀|哦|好|嗯|行|现在|马上|直接|今天|再"
)
# Words by which a message only goes on, returns, begins or sends off.
_TALK = re.compile(
    r"(?<![a-z])(?:back|go|see|going|on|onto|continue|carry|proceed|resume|ahead|finish|submit|send|file|register|complete|off|finally|sure|alright|right|fine|great|cool|good|yep|yeah|yup|where|were|was|forward|through|next|move|process|form|request|application|same|and|but|let|thing|matter|up|pick|left|again|anyway)(?![a-z])"
    r"|继续|接着|接下来|回到|回|刚才|刚刚|之前|前面|原来|说|讲|开始|走|往下|下去|提交|登记|办理|发送|发|确认|确定|完成|搞定|就这样|这样|就|可以|好的|行了?|嗯+|对|没问题|流程|事情?|那个|上面|快点?|赶紧|上去|去|吗"
)
_QUESTION = re.compile(r"[?？吗]|\b(?:what|how|when|where|which|who|why)\b|什么|怎么|多少|多久|哪")
_LEAST_TEXT_WORDS, _LEAST_TEXT_HAN = 4, 6  # of what follows a name without a colon and may be told as its text
_ASIDE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|oh|ah|um+|hmm+|well|no|actually|sorry|呃|额|嗯|哦|啊|那个?|不)[,，. ]*)*(?:wait|hold on|hang on|before (?:that|this|we|i)|first|one (?:sec|moment|thing)|by the way|btw|also"
    r"|等一?[等下会]|等等|稍等|先(?!生)|在这?之前|对了|顺便|话说)|\bfirst\W*$|\bbefore (?:that|we)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedWish:
    """flow: what is wanted. told: what the message says after it, "" when nothing that could be a text. is_whole: the
    message is nothing but the wish."""

    flow: str
    told: str = ""
    is_whole: bool = False


class NamedWishes:
    """The names and examples of all flows, as the words that are left of them; one that two flows have is neither's."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._flows: dict[frozenset[str], str] = {}
        self._words: dict[str, frozenset[str]] = {}
        for flow in flows:
            names = [flow.name, *(flow.names.values() if isinstance(flow, NamedFlow) else ())]
            named = [_left(name) for name in names]
            self._words[flow.id] = frozenset(word for words in named for word in words)
            said = [_left(clause) for text in flow.examples[:_MAX_EXAMPLES] for clause, _ in _clauses(text)]
            for words in filter(None, (*named, *(words for words in said if _shares(words, self._words[flow.id])))):
                self._flows[words] = flow.id if self._flows.get(words, flow.id) == flow.id else ""

    def find(self, text: str) -> NamedWish | None:
        """The flow that a clause of the message names, with what follows that clause; None for none, or for two."""
        if len(text) > _MAX_CHARS:
            return None
        found: dict[str, str] = {}
        for clause, end in _clauses(text):
            if len(clause) <= _MAX_NAME_CHARS and (flow := self._flows.get(_left(clause), "")):
                found.setdefault(flow, _told(text, clause, end))
        if len(found) != 1:
            return None
        flow, told = next(iter(found.items()))
        told = "".join(clause for clause, _ in _clauses(told) if self._flows.get(_left(clause), "") != flow).strip()
        return NamedWish(flow=flow, told=told, is_whole=self.is_of(text, flow))

    def is_of(self, text: str, flow: str) -> bool:
        """True when the message is nothing but the name of this flow and the wish for it."""
        return len(text) <= _MAX_NAME_CHARS and self._flows.get(_left(text), "") == flow

    def is_talk(self, text: str, flow: str) -> bool:
        """True for a message that says nothing but to go on with the open flow, to return to it or to submit it."""
        folded = fold(text).replace("’", "'")
        if len(folded) > _MAX_TALK_CHARS or "?" in folded or not _TALK.search(folded):
            return False
        rest = _WISH.sub(" ", _TALK.sub(" ", folded))
        return _stems(rest) <= self._words.get(flow, frozenset())


def turns_aside(text: str) -> bool:
    """True for "wait, …", "before that, …", 先…: what follows may be about something else."""
    return _ASIDE.search(fold(text)[:_MAX_CHARS]) is not None


def _clauses(text: str) -> list[tuple[str, int]]:
    """The clauses with their marks, and where in the text each ends."""
    found: list[tuple[str, int]] = []
    for match in _CLAUSE.finditer(text):
        edges = [match.start(), *(match.start() + gap.end() for gap in _HAN_SPACE.finditer(match[0])), match.end()]
        found += [(text[start:end], end) for start, end in pairwise(edges)]
    return found


def _left(clause: str) -> frozenset[str]:
    """The words of a clause that are not any wish's; none for a question."""
    if _QUESTION.search(fold(clause)):
        return frozenset()
    masked = mask_values(clause)
    return _stems(_WISH.sub(" ", fold(masked).replace("’", "'")))


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(text) if any(map(str.isalpha, word)))


def _shares(words: frozenset[str], named: frozenset[str]) -> bool:
    """True when a word of the example is a word of the flow's name: "about your service" alone names no complaint."""
    return any(
        word == name or (len(name) >= _SHARED_LETTERS and word[:_SHARED_LETTERS] == name[:_SHARED_LETTERS])
        for word in words
        for name in named
    )


def _told(text: str, clause: str, end: int) -> str:
    """What follows the clause: after a colon anything, after another mark only what tells something."""
    rest = text[end:].strip()
    if clause.rstrip().endswith((":", "：")):
        return rest
    num_han = len(re.findall(r"[\u4e00-\u9fff]", rest))
    is_text = num_han >= _LEAST_TEXT_HAN or len(re.findall(r"[A-Za-z']+", rest)) >= _LEAST_TEXT_WORDS
    return rest if is_text and not _QUESTION.search(fold(rest)) else ""
