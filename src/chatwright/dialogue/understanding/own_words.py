"""Knows what the owner wrote that visitors say: a message that is an example of a flow, word for word, begins it.

In: flows once, then messages. Out: a flow's id, or "". Where most examples of a flow are greetings (or thanks,
goodbyes, doubts whether it is a bot), such small talk begins that flow instead of getting the bot's own answer.
"""

from collections import Counter
from collections.abc import Iterable

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.language.fold import fold

_KINDS = frozenset({"greeting", "thanks", "bye", "is_bot"})
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


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))
