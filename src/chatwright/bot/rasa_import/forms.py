"""Writes a form as a flow: one collect step for each slot it asks for, then what follows its end.

In: a Form of the domain. Out: steps. Where the project checks the form's values (`validate_FORM`), that action runs
after each answer, and what it empties is asked again; where it decides what is asked (`required_slots`), it does so.
"""

from collections.abc import Sequence
from typing import Any

from chatwright.bot.rasa_import.domain import Form
from chatwright.bot.rasa_import.steps import StepWriter, Workshop
from chatwright.bot.rasa_import.tree import Node

_UNCHANGED = "?"  # requested_slot before the form's action was asked what to ask next


def form_steps(
    shop: Workshop, form: Form, after: Node | None, more: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The steps of the form's flow. after: what follows its end. more: where the form's action decides what is asked,
    the slots that it may ask for beside the form's own; None where it does not decide."""
    writer = StepWriter(flow=shop.form_ids[form.name], shop=shop, place=form.place)
    check = f"validate_{form.name}"
    is_checked, is_dynamic = check in shop.draft.actions, more is not None
    slots = [*form.slots, *(more or ())]
    asks = [(slot, writer.add(f"ask_{slot}", _collect(shop, form, slot))) for slot in slots]
    if is_checked and is_dynamic:
        _ask_by_action(writer, asks, check, form.slots)
    elif is_checked:
        for _, step in asks:
            step["metadata"] = {"validate": check}
    end = "END"
    if shop.uses_requested_slot:
        done = writer.add("done", {"set_slots": [{"requested_slot": None}]})
        done["next"] = writer.put(after) if after else "END"
        end = str(done["id"])
    elif after:
        end = writer.put(after)
    _chain(writer, asks, end, is_decided=is_checked and is_dynamic)
    if not writer.steps:
        writer.add("nothing", {"noop": True, "next": "END"})
    return writer.finished()


def _chain(writer: StepWriter, asks: list[tuple[str, dict[str, Any]]], end: str, *, is_decided: bool) -> None:
    """Joins the questions, and the last of them to what follows. is_decided: an action says which comes next."""
    if is_decided:
        decide = next(step for step in writer.steps if str(step["id"]).startswith("decide"))
        decide["next"] = [*decide["next"], {"else": end}]
        return
    for i, (_, step) in enumerate(asks):
        step["next"] = str(asks[i + 1][1]["id"]) if i + 1 < len(asks) else end


def _ask_by_action(writer: StepWriter, asks: list[tuple[str, dict[str, Any]]], check: str, own: Sequence[str]) -> None:
    """The action says what is asked next; when it says nothing, the first of the form's own slots that is empty."""
    start = writer.add("next_question", {"set_slots": [{"requested_slot": _UNCHANGED}]})
    decide = writer.add("decide", {"action": check})
    start["next"] = decide["id"]
    named = [{"if": f'slots.requested_slot = "{slot}"', "then": str(step["id"])} for slot, step in asks]
    empty = [
        {"if": f'slots.requested_slot = "{_UNCHANGED}" and slots.{slot} is null', "then": str(step["id"])}
        for slot, step in asks
        if slot in own
    ]
    decide["next"] = [*named, *empty]
    for _, step in asks:
        step["next"] = start["id"]
    questions = [step for _, step in asks]
    writer.steps[:] = [start, decide, *questions]


def _collect(shop: Workshop, form: Form, slot: str) -> dict[str, Any]:
    step: dict[str, Any] = {"collect": slot}
    own, shared = f"utter_ask_{form.name}_{slot}", f"utter_ask_{slot}"
    actions = {f"action_ask_{form.name}_{slot}", f"action_ask_{slot}"} & set(shop.draft.actions)
    if own in shop.draft.responses and f"action_ask_{form.name}_{slot}" not in actions:
        step["utter"] = own
    elif shared not in shop.draft.responses and not actions:
        words = slot.replace("_", " ")
        shop.draft.responses[shared] = [{"text": {"zh": f"请告诉我：{words}。", "en": f"Please tell me: {words}."}}]
        note = f"Nothing in the project asks for {slot!r}; a plain question was written ({shared})."
        shop.report.add("form", form.name, form.place, "approximated", note)
    return step
