"""Threads become trees: shared beginnings, branches, contradictions; and every story can still be walked in its tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.bot.rasa_import.plan import make_plan
from chatwright.bot.rasa_import.report import Report
from chatwright.bot.rasa_import.threads import Does, Event, Loop, Mark, Said, Thread, Was
from chatwright.bot.rasa_import.tree import Node, add_thread, shape


def said(intent: str) -> Said:
    return Said(intent=intent)


def does(action: str) -> Does:
    return Does(action=action)


def story(*events: Event, name: str = "s", is_rule: bool = False, **fields: object) -> Thread:
    return Thread(name=name, place=f"{name}:1", is_rule=is_rule, events=events, **fields)  # type: ignore[arg-type]


def walked(node: Node, events: list[Event]) -> bool:
    """Whether the tree allows the events, one after the other."""
    for event in events:
        following: Node | None
        if isinstance(event, Said):
            following = node.says.get(event)
        elif isinstance(event, Was):
            following = node.known.get((event,))
        else:
            following = node.after if node.does == event else None
        if following is None:
            return False
        node = following
    return True


EVENTS = st.one_of(
    st.sampled_from([said("a"), said("b")]),
    st.sampled_from([does("utter_x"), does("utter_y")]),
    st.sampled_from([Was(slot="s", value=1), Was(slot="t", value="v")]),
)


@given(st.lists(st.lists(EVENTS, min_size=1, max_size=6), min_size=1, max_size=6))
def test_a_thread_is_in_the_tree_or_contradicts_one_before_it(threads: list[list[Event]]) -> None:
    tree = Node()
    for events in threads:
        apart = [
            event
            for i, event in enumerate(events)
            if not (isinstance(event, Was) and i and isinstance(events[i - 1], Was))
        ]
        notes = add_thread(tree, apart, is_rule=False, waits=True)
        assert walked(tree, apart) == (not notes)


@given(st.lists(st.lists(EVENTS, min_size=1, max_size=6), min_size=1, max_size=4))
def test_saying_it_twice_changes_nothing(threads: list[list[Event]]) -> None:
    once, twice = Node(), Node()
    for events in threads:
        add_thread(once, events, is_rule=False, waits=True)
    for events in [*threads, *threads]:
        add_thread(twice, events, is_rule=False, waits=True)
    assert shape(once) == shape(twice)


@pytest.mark.parametrize(
    ("threads", "intent", "paths"),
    [
        pytest.param(
            [story(said("hi"), does("utter_hi"), Mark(name="c")), story(Mark(name="c"), said("ok"), does("utter_ok"))],
            "hi",
            [[does("utter_hi"), said("ok"), does("utter_ok")]],
            id="a checkpoint",
        ),
        pytest.param(
            [
                story(said("go"), does("form"), Loop(form="form"), said("why"), does("utter_why"), does("form"), Loop(form=""), does("utter_done")),
            ],
            "why",
            [[does("utter_why")]],
            id="an interruption is taken out of the form",
        ),
        pytest.param(
            [story(said("go"), does("form"), Loop(form="form"), Loop(form=""), does("utter_done"))],
            "go",
            [[Does(action="form", is_form=True), does("utter_done")]],
            id="what follows a form",
        ),
        pytest.param(
            [
                story(said("stop"), does("action_deactivate_loop"), Loop(form=""), does("utter_stopped"), is_rule=True, form="form"),
            ],
            "stop",
            [[does("action_deactivate_loop"), does("utter_stopped")]],
            id="a rule that gives a form up",
        ),
        pytest.param(
            [story(said("faq"), does("utter_faq"), is_rule=True, known=(Was(slot="long", value=True),))],
            "faq",
            [[Was(slot="long", value=True), does("utter_faq")]],
            id="the condition of a rule",
        ),
    ],
)  # fmt: skip
def test_a_plan_has_what_follows_an_intent(threads: list[Thread], intent: str, paths: list[list[Event]]) -> None:
    plan = make_plan(threads, ["form"], Report())
    assert all(walked(plan.begins[said(intent)], path) for path in paths)


def test_checkpoints_that_go_round_end_and_are_told() -> None:
    report = Report()
    threads = [
        story(said("hi"), Mark(name="c"), name="a"),
        story(Mark(name="c"), said("more"), does("utter_more"), Mark(name="c"), name="b"),
    ]
    plan = make_plan(threads, [], report)
    assert walked(plan.begins[said("hi")], [said("more"), does("utter_more")] * 8)
    assert "go round" in report.entries[0].note


def test_rules_come_before_stories() -> None:
    report = Report()
    threads = [
        story(said("hi"), does("utter_story"), name="s"),
        story(said("hi"), does("utter_rule"), name="r", is_rule=True),
    ]
    plan = make_plan(threads, [], report)
    assert plan.begins[said("hi")].does == does("utter_rule")
    assert [(entry.name, entry.outcome) for entry in report.entries] == [("s", "approximated")]


def test_a_rule_for_the_end_of_a_form_counts_for_every_story() -> None:
    end = (does("form"), Loop(form=""), does("utter_done"))
    threads = [
        story(said("go"), does("form"), Loop(form="form"), Loop(form=""), does("utter_done"), name="s"),
        story(*end, name="r", is_rule=True, form="form"),
    ]
    plan = make_plan(threads, ["form"], Report())
    assert walked(plan.submits["form"], [does("utter_done")])
    assert walked(plan.begins[said("go")], [Does(action="form", is_form=True)])
    after = plan.begins[said("go")].after
    assert after is not None
    assert after.is_leaf
