"""Hears what a visitor does not want: "no need to change the address then", 不用退货了, "actually leave the return".

In: a message and the words of flows. Out: which flows are refused, and the rest of the message. A clause refuses a flow
when all that it says is unwanted are words of that flow; whatever else it names makes it something else. Linear time.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterable, Mapping

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.understanding.flow_choice import flow_texts
from chatwright.language.fold import fold
from chatwright.language.words import content_words, stem

_MAX_CHARS = 200
_CLAUSE_END = re.compile(r"[,.!?;:~…、，。！？；：～\n]+|(?<=了)\s|\s(?:and|but)\s|但是?|不过|而是")
_REFUSES = (
    re.compile(
        r"(?:(?:actually|ok(?:ay)?|well|then|so|oh|no|wait|sorry|please|just|let's|let us|we|you) )*"
        r"(?:(?:i |we )?(?:do not|don't|no longer|won't|will not|am not going to|'m not going to) (?:(?:really |actually )?(?:want|need|wish|have)(?: to)? )?"
        r"|(?:there is |there's )?no need (?:to|for) |(?:leave|forget|drop|scrap|skip|never ?mind) (?:about )?)(?P<what>.{2,60})"
    ),
    re.compile(
        r"(?:那就?|就|先|我|暂时|其实|还是|算了|也|那|哦|嗯)*(?:不用|不要|不想|不需要|不必|别|不)(?:再|帮我|给我|去)*(?P<what>.{2,12})"
    ),
)
# Words that make no difference to what is refused.
_EMPTY = frozenset(
    "anything something it this that them any more anymore now then today after all longer thing things either one 东西 这个 那个 了 吧 啦".split()
)


def words_of_flow(flow: Flow) -> frozenset[str]:
    """The stems of all that the flow is called by."""
    return frozenset(stem(word) for text in flow_texts(flow) for word in content_words(text))


def read_refusals(text: str, words: Mapping[str, frozenset[str]]) -> tuple[frozenset[str], str]:
    """The flows that the message refuses, and its other clauses. words: flow → its words."""
    folded = fold(text).replace("’", "'").strip()
    if len(folded) > _MAX_CHARS or "?" in folded:
        return frozenset(), text
    refused: set[str] = set()
    rest: list[str] = []
    for clause in filter(None, (clause.strip() for clause in _CLAUSE_END.split(folded))):
        unwanted = _unwanted(clause)
        found = {name for name, known in words.items() if unwanted and unwanted <= known}
        refused |= found
        rest += [] if found else [clause]
    return frozenset(refused), ", ".join(rest)


def _unwanted(clause: str) -> frozenset[str]:
    """The words of what the clause says is not wanted."""
    match = next(filter(None, (pattern.fullmatch(clause) for pattern in _REFUSES)), None)
    return _stems(content_words(match["what"])) if match else frozenset()


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words if word not in _EMPTY)
