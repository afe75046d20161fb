"""What may follow a beginning, as a tree: threads with the same beginning share it and part where they differ.

In: the events of a thread, one thread after the other. Out: Nodes. Where two threads contradict each other (the bot
does one thing here and another there, and nothing said or known makes the difference) the first one counts, and it is
told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatwright.bot.rasa_import.threads import Does, Event, Said, Was

Known = tuple[Was, ...]


@dataclass(slots=True)
class Node:
    """does: what the bot does next, and what comes after. says: what the visitor may say next. known: by what is known.

    ends: a thread may end here; is_final: a rule ends here, so nothing is added that the bot does by itself.
    goes_on: the rule that ends here does not listen, another one may go on.
    """

    does: Does | None = None
    after: "Node | None" = None
    says: "dict[Said, Node]" = field(default_factory=dict)
    known: "dict[Known, Node]" = field(default_factory=dict)
    ends: bool = False
    is_final: bool = False
    goes_on: bool = False

    @property
    def is_leaf(self) -> bool:
        return self.does is None and not self.says and not self.known


def add_thread(node: Node, events: Sequence[Event], *, is_rule: bool, waits: bool) -> list[str]:
    """Adds one thread below `node`; what contradicted what is there already."""
    place = 0
    while place < len(events):
        event = events[place]
        place += 1
        if isinstance(event, Was):
            facts = [event]
            while place < len(events) and isinstance(known := events[place], Was):
                facts.append(known)
                place += 1
            node = node.known.setdefault(tuple(dict.fromkeys(facts)), Node())
        elif isinstance(event, Said):
            if node.does is not None:
                return [
                    f"Where it waits, another runs {node.does.action!r} after the same beginning; that one was taken."
                ]
            node = node.says.setdefault(event, Node())
        elif isinstance(event, Does):
            if node.does is None and not node.says and not (node.is_final and not is_rule):
                node.does, node.after = event, Node()
            if node.does != event or node.after is None:
                return [_contradiction(node, event)]
            node = node.after
    node.ends = True
    if is_rule and waits:
        node.is_final = True
    node.goes_on = node.goes_on or (is_rule and not waits)
    return []


def _contradiction(node: Node, event: Does) -> str:
    other = f"runs {node.does.action!r}" if node.does else "waits, by a rule"
    return f"Where it runs {event.action!r}, another {other} after the same beginning; that one was taken."


def shape(node: Node) -> tuple[object, ...]:
    """Equal for trees that say the same, whatever threads they came from."""
    return (
        node.does,
        shape(node.after) if node.after else None,
        tuple((said, shape(child)) for said, child in node.says.items()),
        tuple((known, shape(child)) for known, child in node.known.items()),
        node.goes_on,
    )
