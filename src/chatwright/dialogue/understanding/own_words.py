"""Knows what the owner wrote that visitors say: a message that is an example of a flow, word for word, begins it.

In: flows once, then messages. Out: a flow's id, or "". Where most examples of a flow are greetings (or thanks,
goodbyes, doubts whether it is a bot), or a flow without examples is called so, such small talk begins that flow
instead of getting the bot's own answer; likewise the wish for a person begins a flow that is called human handoff.
"""

import re
from collections import Counter
from collections.abc import Iterable

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.language.fold import fold

_KINDS = frozenset({"greeting", "thanks", "bye", "is_bot"})
_CALLED = {
    "greeting": re.compile(r"(?:say )?(?:hello|hi|greet(?:ing)?s?|welcome)(?: user)?|问候|打招呼|欢迎"),
    "bye": re.compile(r"(?:say )?(?:good ?bye|bye|farewell)|再见|告别|道别"),
    "thanks": re.compile(r"(?:say )?(?:thanks|thank ?you)|感谢|致谢|道谢"),
    "is_bot": re.compile(r"bot challenge|are you a bot|机器人质疑|是否机器人"),
    "person": re.compile(
        r"human hand ?(?:off|over)|hand ?(?:off|over)(?: to human)?|talk to (?:a )?human|转人工|人工客服"
    ),
}
_SHARE = 0.5  # of a flow's examples that must be small talk of one kind
_MAX_EXAMPLES = 200  # of one flow


class OwnWords:
    """The examples of all flows, folded; one that two flows have stands for neither."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._flows: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        shares: dict[str, float] = {}
        for flow in flows:
            examples = flow.examples[:_MAX_EXAMPLES]
            for kind in () if examples else _kinds_of_name(flow):
                self._kinds.setdefault(kind, flow.id)
            for text in examples:
                key = _key(text)
                self._flows[key] = flow.id if self._flows.get(key, flow.id) == flow.id else ""
            counted = Counter(kind for text in examples if (kind := str(classify_smalltalk(text))) in _KINDS)
            for kind, number in counted.items():
                share = number / len(examples)
                if share >= max(_SHARE, shares.get(kind, 0.0)):
                    self._kinds[kind], shares[kind] = flow.id, share
        self._flows.pop("", None)

    def flow_of_example(self, text: str) -> str:
        """The flow of which this message is an example."""
        return self._flows.get(_key(text), "")

    def flow_of_smalltalk(self, text: str) -> str:
        """The flow that is for small talk of this message's kind."""
        return self._kinds.get(str(classify_smalltalk(text)), "") if self._kinds else ""


def _kinds_of_name(flow: Flow) -> list[str]:
    """The small talk that the flow's id or name says it is for."""
    words = [fold(name).replace("_", " ").removesuffix(" flow").strip() for name in (flow.id, flow.name)]
    return [kind for kind, called in _CALLED.items() if any(called.fullmatch(name) for name in words)]


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))
