"""Sorts threads by what they are for: what an intent begins, what follows a form, what interrupts one, what goes on.

In: the threads of rules and stories. Out: Plan: for each beginning one tree of everything that may follow. Stories that
are joined by checkpoints are put together first; forms inside of stories are taken out of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from chatwright.bot.rasa_import.report import Report
from chatwright.bot.rasa_import.threads import Does, Event, Loop, Mark, Said, Thread, Was
from chatwright.bot.rasa_import.tree import Node, add_thread

MAX_THREADS = 5000
MAX_JOINED = 8  # checkpoints in a row
DEACTIVATING = frozenset({"action_deactivate_loop", "action_deactivate_form"})
FALLBACK = "nlu_fallback"


@dataclass(slots=True)
class Plan:
    """begins: by intent, or by the words themselves. submits: what follows a form. goes_on: what rules that begin with
    an action add behind it. fallback: after a message that nobody understood. session: when a conversation begins."""

    begins: dict[Said, Node] = field(default_factory=dict)
    submits: dict[str, Node] = field(default_factory=dict)
    goes_on: dict[str, Node] = field(default_factory=dict)
    fallback: Node | None = None
    session: Node | None = None
    places: dict[Said | str, list[str]] = field(default_factory=dict)


def make_plan(threads: Sequence[Thread], forms: Collection[str], report: Report) -> Plan:
    """Rules first, as they decide before stories do."""
    plan = Plan()
    joined = _joined(threads, report)
    ordered = [thread for thread in joined if thread.is_rule] + [thread for thread in joined if not thread.is_rule]
    taken = [_cleaned(thread, forms) for thread in ordered]
    for thread in taken:
        if thread.form and _is_submit(thread):
            _add_submit(plan, thread, report)
    for thread in taken:
        if not (thread.form and _is_submit(thread)):
            _add(plan, thread, report)
    return plan


def _joined(threads: Sequence[Thread], report: Report) -> list[Thread]:
    """The threads with those that follow a checkpoint put behind those that lead to it."""
    after: dict[str, list[Thread]] = {}
    for thread in threads:
        if thread.events and isinstance(thread.events[0], Mark):
            after.setdefault(thread.events[0].name, []).append(thread)
    used: set[str] = set()
    found: list[Thread] = []
    for thread in threads:
        if not (thread.events and isinstance(thread.events[0], Mark)):
            found += _followed(thread, after, used, 0, report)
        if len(found) > MAX_THREADS:
            note = f"There are more than {MAX_THREADS} stories after checkpoints are joined; the rest was left out."
            report.add(thread.kind, thread.name, thread.place, "left", note)
            break
    for name in after.keys() - used:
        for thread in after[name]:
            report.add(thread.kind, thread.name, thread.place, "left", f"Nothing leads to its checkpoint {name!r}.")
    return found[:MAX_THREADS]


def _followed(
    thread: Thread, after: dict[str, list[Thread]], used: set[str], depth: int, report: Report
) -> Iterable[Thread]:
    place = next((i for i, event in enumerate(thread.events) if isinstance(event, Mark)), None)
    if place is None:
        return [thread]
    mark = thread.events[place]
    assert isinstance(mark, Mark)
    rest = tuple(event for event in thread.events[place + 1 :] if not isinstance(event, Mark))
    following = after.get(mark.name, [])
    used.add(mark.name)
    if not following or depth >= MAX_JOINED:
        if following:
            note = f"Its checkpoints go round; they were followed {MAX_JOINED} times."
            report.add(thread.kind, thread.name, thread.place, "approximated", note)
        return [replace(thread, events=(*thread.events[:place], *rest))]
    found: list[Thread] = []
    for other in following:
        longer = replace(thread, events=(*thread.events[:place], *rest, *other.events[1:]), waits=other.waits)
        found += _followed(longer, after, used, depth + 1, report)
        if len(found) > MAX_THREADS:
            break
    return found


def _cleaned(thread: Thread, forms: Collection[str]) -> Thread:
    """Forms marked as such; what says nothing taken out: listening, and that no slot is asked for any more."""
    events: list[Event] = []
    for event in thread.events:
        if isinstance(event, Does) and event.action in forms:
            event = replace(event, is_form=True)
        is_silent = isinstance(event, Does) and event.action in ("action_listen", "action_unlikely_intent")
        if not is_silent and not (isinstance(event, Was) and event.slot == "requested_slot" and event.value is None):
            events.append(event)
    form = thread.form
    # Early Rasa 2 says in the steps of a rule that a form is active.
    if thread.is_rule and form is None and events and isinstance(events[0], Loop):
        form, events = events[0].form, events[1:]
    return replace(thread, events=tuple(events), form=form)


def _is_submit(thread: Thread) -> bool:
    """A rule for the end of a form: it runs once more, then none is active."""
    events = [event for event in thread.events if not isinstance(event, Was)]
    is_run = bool(events) and events[0] == Does(action=thread.form or "", is_form=True)
    return is_run and len(events) > 1 and isinstance(events[1], Loop) and not events[1].form


def _add_submit(plan: Plan, thread: Thread, report: Report) -> None:
    end = next(i for i, event in enumerate(thread.events) if isinstance(event, Loop) and not event.form)
    assert thread.form is not None
    tree = plan.submits.setdefault(thread.form, Node())
    plan.places.setdefault(thread.form, []).append(thread.place)
    _put(tree, thread, _without_loops(thread.events[end + 1 :]), report)


def _add(plan: Plan, thread: Thread, report: Report) -> None:
    """A thread that begins with what the visitor says, or goes on behind an action."""
    if thread.form:
        _, inside = _through_form(thread.events, 0, thread.form)
        events: tuple[Event, ...] = ()
    else:
        events, inside = _without_forms(thread.events, plan)
    for part in inside:
        _begin(plan, replace(thread, events=part, form="*"), report)
    if not events and not inside:
        report.add(
            thread.kind, thread.name, thread.place, "left", "Nothing is said or done in it that can be begun with."
        )
    elif not events:
        pass
    elif isinstance(events[0], Said):
        _begin(plan, replace(thread, events=events), report)
    elif isinstance(events[0], Does) and thread.is_rule:
        tree = plan.goes_on.setdefault(events[0].action, Node())
        _put(tree, thread, events[1:], report)
    elif isinstance(events[0], Was) and any(isinstance(event, Said) for event in events):
        first = next(i for i, event in enumerate(events) if isinstance(event, Said))
        known = tuple(event for event in events[:first] if isinstance(event, Was))
        _begin(plan, replace(thread, events=events[first:], known=(*thread.known, *known)), report)
    else:
        note = "It does not begin with what the visitor says; here a conversation does."
        report.add(thread.kind, thread.name, thread.place, "left", note, "Make it a flow of its own and call it.")


def _begin(plan: Plan, thread: Thread, report: Report) -> None:
    said = thread.events[0]
    assert isinstance(said, Said)
    rest = _without_loops(thread.events[1:])
    if said.intent == FALLBACK:
        plan.fallback = plan.fallback or Node()
        _put(plan.fallback, thread, rest, report)
        return
    if said.intent == "session_start":
        plan.session = plan.session or Node()
        _put(plan.session, thread, rest, report)
        return
    if thread.is_first and said in plan.begins:
        note = "It holds only where a conversation begins; another rule for the same intent was taken."
        report.add(thread.kind, thread.name, thread.place, "approximated", note)
        return
    if thread.is_first:
        note = "It holds at any time here, not only where a conversation begins."
        report.add(thread.kind, thread.name, thread.place, "approximated", note)
    plan.places.setdefault(said, []).append(thread.place)
    _put(plan.begins.setdefault(said, Node()), thread, rest, report)


def _put(tree: Node, thread: Thread, events: tuple[Event, ...], report: Report) -> None:
    conditions = tuple(event for event in thread.known)
    for note in add_thread(tree, (*conditions, *events), is_rule=thread.is_rule, waits=thread.waits):
        report.add(thread.kind, thread.name, thread.place, "approximated", note)


def _without_loops(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(event for event in events if not isinstance(event, Loop | Mark))


def _without_forms(events: tuple[Event, ...], plan: Plan) -> tuple[tuple[Event, ...], list[tuple[Event, ...]]]:
    """The thread with each form as one step, and what visitors say in between while the form is active.

    Of what follows a form that has a rule for its end, nothing stays: the rule says it. Where the thread says more
    than the rule, it is put behind it.
    """
    outside: list[Event] = []
    inside: list[tuple[Event, ...]] = []
    place = 0
    while place < len(events):
        event = events[place]
        outside.append(event)
        place += 1
        if not (isinstance(event, Does) and event.is_form):
            continue
        place, parts = _through_form(events, place, event.action)
        inside += parts
        if event.action in plan.submits and place < len(events):
            rest, more = _without_forms(events[place:], plan)
            known = plan.submits[event.action]
            add_thread(known, _without_loops(rest), is_rule=False, waits=True)
            inside += more
            break
    return tuple(outside), inside


@dataclass(slots=True)
class _Inside:
    """Walks through the events while a form is active. part: the interruption that is going on."""

    form: str
    parts: list[tuple[Event, ...]] = field(default_factory=list)
    part: list[Event] = field(default_factory=list)
    known: list[Event] = field(default_factory=list)

    def close(self, more: tuple[Event, ...] = ()) -> None:
        if len(self.part) + len(more) > 1:
            self.parts.append((*self.part, *more))
        self.part, self.known = [], []

    def take(self, event: Event) -> None:
        if isinstance(event, Does) and event.action == self.form:
            self.close()
        elif isinstance(event, Said) and not self.part:
            self.part = [event, *self.known]
        elif self.part:
            self.part.append(event)
        elif isinstance(event, Was):
            self.known.append(event)

    @property
    def is_given_up(self) -> bool:
        return any(isinstance(each, Does) and each.action in DEACTIVATING for each in self.part)


def _through_form(events: tuple[Event, ...], place: int, form: str) -> tuple[int, list[tuple[Event, ...]]]:
    """Where the thread goes on after the form, and the interruptions on the way."""
    inside = _Inside(form)
    for here in range(place, len(events)):
        event = events[here]
        if not isinstance(event, Loop):
            inside.take(event)
        elif not event.form and inside.is_given_up:
            inside.close(_without_loops(events[here + 1 :]))
            return len(events), inside.parts
        elif not event.form:
            return here + 1, inside.parts
        elif event.form != form:  # another form took over: what begins it begins it at any time
            inside.close()
            return len(events), inside.parts
    inside.close()
    return len(events), inside.parts
