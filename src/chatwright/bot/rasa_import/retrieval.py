"""Turns retrieval intents (`faq/ask_hours` with `utter_faq/ask_hours`) into curated questions, or flows where those
cannot say it.

In: the trained intents and the responses. Out: entries of faq.yaml, and flows for answers with several wordings,
pictures, buttons or places for slots. A question that two intents have counts for the first.
"""

from typing import Any

from chatwright.bot.rasa_import.steps import Workshop
from chatwright.bot.rasa_import.threads import as_id
from chatwright.language.fold import fold

MAX_WORDINGS = 40


def retrieval_parts(shop: Workshop, taken: dict[str, None]) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """(entries of faq.yaml, flows by id). taken: ids of other flows; new ones are added."""
    entries: list[dict[str, Any]] = []
    flows: dict[str, dict[str, Any]] = {}
    asked: set[str] = set()
    for group, intents in shop.training.retrieval().items():
        is_answered = any(f"utter_{intent}" in shop.draft.responses for intent in intents)
        for intent in intents:
            _convert(shop, intent, entries, flows, asked, taken)
        if is_answered:
            _forget(shop, group)
    return entries, flows


def _convert(
    shop: Workshop,
    intent: str,
    entries: list[dict[str, Any]],
    flows: dict[str, dict[str, Any]],
    asked: set[str],
    taken: dict[str, None],
) -> None:
    name = f"utter_{intent}"
    variants = shop.draft.responses.get(name)
    if not variants:
        note = f"There is no response {name!r} for this retrieval intent."
        shop.report.add("retrieval", intent, shop.training.places[intent], "left", note, "Write it under `responses:`.")
        return
    questions = [text for text in dict.fromkeys(shop.training.examples[intent]) if _is_new(text, asked)]
    if _is_plain(variants) and questions:
        entry: dict[str, Any] = {"question": questions[0], "answer": str(variants[0]["text"]).strip()}
        if len(questions) > 1:
            entry["also"] = questions[1 : MAX_WORDINGS + 1]
        entries.append(entry)
        del shop.draft.responses[name]
        shop.report.add("retrieval", intent, shop.training.places[intent], "converted", "knowledge/faq.yaml")
        return
    flow_id = as_id(intent, taken)
    taken[flow_id] = None
    words = intent.partition("/")[2].replace("_", " ")
    flows[flow_id] = {
        "_from": shop.training.places[intent],
        "name": words,
        "description": words,
        "nlu_trigger": [{"intent": intent}],
        "examples": questions[:MAX_WORDINGS],
        "run_pattern_completed": False,
        "steps": [{"action": name}],
    }
    shop.report.add("retrieval", intent, shop.training.places[intent], "converted", f"flow {flow_id}")


def _is_plain(variants: list[dict[str, Any]]) -> bool:
    """One text and nothing else: what a curated answer can say."""
    text = variants[0].get("text")
    return len(variants) == 1 and set(variants[0]) <= {"text", "metadata"} and isinstance(text, str) and "{" not in text


def _is_new(text: str, asked: set[str]) -> bool:
    folded = "".join(filter(str.isalnum, fold(text)))
    if not folded or folded in asked:
        return False
    asked.add(folded)
    return True


def _forget(shop: Workshop, group: str) -> None:
    """The rule that answers the group as a whole (`faq` → `utter_faq`) is what the parts do by themselves."""
    names = {f"utter_{group}", f"respond_{group}"}
    for said, node in list(shop.plan.begins.items()):
        if (
            said.intent.partition("/")[0] == group
            and node.does
            and node.does.action in names
            and node.after
            and node.after.is_leaf
        ):
            del shop.plan.begins[said]
    shop.draft.actions.pop(f"respond_{group}", None)
