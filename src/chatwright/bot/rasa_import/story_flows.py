"""Writes the flows of stories, rules and forms. In: a Workshop. Out: flows by file and id, in the YAML shape of flows.

What begins with the same intent is one flow; intents that lead to the same are one flow with several triggers. A form
that is begun by an intent and nothing else takes the trigger itself; otherwise it is called.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from chatwright.bot.rasa_import.domain import Form
from chatwright.bot.rasa_import.forms import form_steps
from chatwright.bot.rasa_import.steps import StepWriter, Workshop
from chatwright.bot.rasa_import.threads import Does, Said, as_id
from chatwright.bot.rasa_import.tree import Node, shape
from chatwright.language.detect import has_han

Flows = dict[str, dict[str, dict[str, Any]]]  # file → id → flow; `_from` in a flow: where it comes from
MAX_NAME_CHARS = 24
MAX_EXAMPLES = 30  # of one intent; all of them stay in nlu.yaml
MAX_EXAMPLE_CHARS = 120
_BUILT_IN = frozenset({"restart", "back"})


def story_flows(shop: Workshop, taken: Collection[str], *, dynamic_forms: Mapping[str, Sequence[str]]) -> Flows:
    """All flows that stories, rules and forms make. taken: ids that other flows have.

    dynamic_forms: forms whose action decides what is asked, with words of its code, slots among them.
    """
    writer = _FlowWriter(shop, dict.fromkeys(taken))
    return writer.write(dynamic_forms)


class _FlowWriter:
    def __init__(self, shop: Workshop, ids: dict[str, None]) -> None:
        self._shop = shop
        self._ids = ids
        self._flows: Flows = {}

    def write(self, dynamic_forms: Mapping[str, Sequence[str]]) -> Flows:
        shop = self._shop
        for form in shop.draft.forms.values():
            shop.form_ids[form.name] = self._id(form.name)
        shop.uses_requested_slot = bool(dynamic_forms) or _looks_at_requested_slot(shop)
        groups = self._groups()
        direct = self._direct(groups)
        for form in shop.draft.forms.values():
            self._form(form, direct.get(form.name, []), groups, dynamic_forms.get(form.name))
        inlined = {said for saids in direct.values() for said in saids}
        for saids in groups:
            if not set(saids) & inlined:
                self._conversation(saids)
        self._patterns()
        return self._flows

    def _id(self, name: str) -> str:
        found = as_id(name, self._ids)
        self._ids[found] = None
        return found

    def _groups(self) -> list[list[Said]]:
        """Beginnings that lead to the same; those that only Rasa itself needs are told and left out."""
        groups: dict[object, list[Said]] = {}
        for said, node in self._shop.plan.begins.items():
            if node.is_leaf:
                continue
            if said.intent in _BUILT_IN and not _says_something(node):
                continue  # the bot understands these wishes itself
            key = (shape(node), tuple(map(str, self._triggered(said, node))))
            groups.setdefault(key, []).append(said)
        return list(groups.values())

    def _direct(self, groups: list[list[Said]]) -> dict[str, list[Said]]:
        """Forms that one group of intents begins, and nothing else does anything before or calls them."""
        users: dict[str, list[list[Said]]] = {}
        for saids in groups:
            for form in _forms_of(self._shop.plan.begins[saids[0]]):
                users.setdefault(form, []).append(saids)
        for tree in [*self._shop.plan.submits.values(), *self._shop.plan.goes_on.values()]:
            for form in _forms_of(tree):
                users.setdefault(form, []).append([])
        direct: dict[str, list[Said]] = {}
        for form, groups_of_form in users.items():
            saids = groups_of_form[0]
            node = self._shop.plan.begins[saids[0]] if saids else Node()
            is_first = node.does == Does(action=form, is_form=True) and not node.known
            has_rest = node.after is not None and not node.after.is_leaf
            is_free = not (has_rest and form in self._shop.plan.submits)
            if len(groups_of_form) == 1 and is_first and is_free and not self._triggered(saids[0], node):
                direct[form] = saids
        return direct

    def _triggered(self, said: Said, node: Node) -> list[dict[str, Any]]:
        """Slots that the form at the beginning takes from the intent that begins it (`from_trigger_intent`)."""
        form = self._shop.draft.forms.get(node.does.action) if node.does and node.does.is_form else None
        found: list[dict[str, Any]] = []
        for slot in form.slots if form else ():
            for mapping in self._shop.draft.slots.get(slot, {}).get("mappings") or []:
                intents = mapping.get("intent")
                if mapping.get("type") == "from_trigger_intent" and said.intent in (
                    intents if isinstance(intents, list) else [intents]
                ):
                    found.append({slot: mapping.get("value")})
        return found

    def _form(
        self, form: Form, saids: list[Said], groups: list[list[Said]], dynamic: Sequence[str] | None = None
    ) -> None:
        plan = self._shop.plan
        flow_id = self._shop.form_ids[form.name]
        after = plan.submits.get(form.name)
        if after is None and saids:
            after = plan.begins[saids[0]].after
        begun_by = saids or next((group for group in groups if form.name in _forms_of(plan.begins[group[0]])), [])
        flow = self._head(begun_by, form.name.replace("_", " "))
        if saids:
            flow |= self._triggers(saids)
        else:
            flow["if"] = "false"  # it is called, never begun by a visitor
        flow["run_pattern_completed"] = False
        more = [
            name for name in dict.fromkeys(dynamic or ()) if name in self._shop.draft.slots and name not in form.slots
        ]
        flow["persisted_slots"] = [*form.slots, *more]
        flow["steps"] = form_steps(self._shop, form, after, None if dynamic is None else more)
        places = [
            form.place,
            *plan.places.get(form.name, []),
            *(place for said in saids for place in plan.places[said]),
        ]
        self._put("flows/forms.yaml", flow_id, flow, places)
        self._shop.report.add("form", form.name, form.place, "converted", f"flow {flow_id}")
        if not (saids or begun_by):
            self._shop.report.add("form", form.name, form.place, "approximated", "No story or rule begins it.")

    def _conversation(self, saids: list[Said]) -> None:
        plan = self._shop.plan
        node = plan.begins[saids[0]]
        flow_id = self._id(saids[0].intent or saids[0].text)
        writer = StepWriter(flow=flow_id, shop=self._shop, place=plan.places[saids[0]][0])
        triggered = self._triggered(saids[0], node)
        if triggered:
            writer.add("begin", {"set_slots": triggered})
        first = writer.put(node)
        if triggered:
            writer.steps[0]["next"] = first
        if not writer.steps:
            for place in plan.places[saids[0]]:
                self._shop.report.tell(place, "Nothing of it is left to do here.", "left")
            return
        flow = self._head(saids, "") | self._triggers(saids) | {"run_pattern_completed": False}
        flow["steps"] = writer.finished()
        waits = any("collect" in step or "call" in step for step in writer.steps)
        file = "flows/conversations.yaml" if waits else "flows/replies.yaml"
        self._put(file, flow_id, flow, [place for said in saids for place in plan.places[said]])

    def _patterns(self) -> None:
        """What happens when nothing is understood, and when a conversation begins."""
        plan = self._shop.plan
        for pattern, tree in (("pattern_cannot_handle", plan.fallback), ("pattern_session_start", plan.session)):
            if tree is None or pattern in self._ids:
                continue
            writer = StepWriter(flow=pattern, shop=self._shop, place="")
            writer.put(_without_says(tree))
            if writer.steps:
                flow = {"description": pattern.removeprefix("pattern_").replace("_", " "), "steps": writer.finished()}
                self._put("flows/patterns.yaml", pattern, flow, [])
        if "pattern_continue_interrupted" not in self._ids:
            # Stories and rules go back to a form without a word; the form asks again.
            flow = {
                "description": "go back to what was interrupted, without a word",
                "steps": [{"noop": True, "next": "END"}],
            }
            self._put("flows/patterns.yaml", "pattern_continue_interrupted", flow, [])

    def _head(self, saids: list[Said], name: str) -> dict[str, Any]:
        """Name and description: an intent in words, or, in a Chinese project, how visitors say it."""
        said = saids[0] if saids else Said()
        words = said.intent.replace("_", " ").replace("-", " ").replace("/", " ").strip() or said.text or name
        examples = [text for text in self._shop.training.examples.get(said.intent, []) if len(text) <= MAX_NAME_CHARS]
        shown = examples[0] if examples and has_han(examples[0]) else words
        return {"name": shown, "description": words or shown}

    def _triggers(self, saids: list[Said]) -> dict[str, Any]:
        intents = [said.intent for said in saids if said.intent]
        trained = self._shop.training.examples
        texts = [said.text for said in saids if said.text]
        for said in saids:
            texts += [text for text in trained.get(said.intent, []) if len(text) <= MAX_EXAMPLE_CHARS][:MAX_EXAMPLES]
        found: dict[str, Any] = {"nlu_trigger": [{"intent": intent} for intent in intents]} if intents else {}
        return found | ({"examples": list(dict.fromkeys(texts))} if texts else {})

    def _put(self, file: str, flow_id: str, flow: dict[str, Any], places: list[str]) -> None:
        self._ids[flow_id] = None
        self._flows.setdefault(file, {})[flow_id] = {"_from": ", ".join(dict.fromkeys(places)), **flow}


def _forms_of(node: Node | None) -> Iterator[str]:
    """The forms that a tree runs, each once."""
    waiting, seen = [node], set()
    while waiting:
        each = waiting.pop()
        if each is None:
            continue
        if each.does and each.does.is_form and each.does.action not in seen:
            seen.add(each.does.action)
            yield each.does.action
        waiting += [each.after, *each.says.values(), *each.known.values()]


def _says_something(node: Node) -> bool:
    while node.does is not None and node.after is not None:
        if node.does.action not in ("action_restart", "action_back", "action_listen"):
            return True
        node = node.after
    return bool(node.says or node.known)


def _without_says(node: Node) -> Node:
    """A pattern does not wait for what the visitor says next."""
    after = _without_says(node.after) if node.after else None
    known = {facts: _without_says(child) for facts, child in node.known.items()}
    return Node(does=node.does, after=after, known=known, ends=True)


def _looks_at_requested_slot(shop: Workshop) -> bool:
    trees = [*shop.plan.begins.values(), *shop.plan.submits.values(), *shop.plan.goes_on.values()]
    waiting: list[Node | None] = list(trees)
    while waiting:
        each = waiting.pop()
        if each is None:
            continue
        if any(fact.slot == "requested_slot" for facts in each.known for fact in facts):
            return True
        waiting += [each.after, *each.says.values(), *each.known.values()]
    return False
