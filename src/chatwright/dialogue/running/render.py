"""Renders a response of the domain: chooses its wording, puts the slots in. In: name, slots, language. Out: Utterance.

Which variant is said depends only on language, condition, channel, conversation and turn, so a replay says the same.
`{slot}` is replaced once, in one pass: a visitor's value is never read as a template again. Jinja's templates are the
owner's; they run in Jinja's immutable sandbox, limited in size. A value that is missing becomes "" and is reported.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeVar

from chatwright.dialogue.domain import Domain, Variant
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.running.show_value import show_value
from chatwright.errors import ConfigError
from chatwright.messages import Button, Language, Utterance

_Value = TypeVar("_Value")
MAX_TEMPLATE_CHARS = 8000
MAX_RENDERED_CHARS = 8000
_PLACE = re.compile(r"\{([^\W\d][\w.-]{0,79})\}")
_PAYLOAD_MARKS = re.compile(r"[()=,{}\[\]\"'\\/\n\r]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a response is rendered with. context: what a repair pattern knows; seed: of conversation and turn."""

    slots: Mapping[str, Any]
    language: Language
    seed: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What is said, and the names of the places for which there was no value."""

    utterance: Utterance
    missing: tuple[str, ...] = ()


def render_response(domain: Domain, name: str, filling: Filling) -> Rendered | None:
    """The response `name`, or None when the domain has no wording of it that fits."""
    variant = choose_variant(domain.responses.get(name, ()), name, filling)
    if variant is None:
        return None
    places = _Places(domain, filling)
    template = _in_language(variant.text, filling.language) or ""
    text = _render_jinja(template, places) if variant.is_jinja else places.fill(template)
    utterance = Utterance(
        text=text[:MAX_RENDERED_CHARS],
        buttons=tuple(places.button(button) for button in _in_language(variant.buttons, filling.language) or ()),
        image=places.fill(variant.image),
        attachment=places.fill_deep(variant.attachment),
        custom=places.fill_deep(variant.custom),
    )
    return Rendered(utterance=utterance, missing=tuple(dict.fromkeys(places.missing)))


def choose_variant(variants: Iterable[Variant], name: str, filling: Filling) -> Variant | None:
    """One that fits: of the channel before others, with a condition that holds before those without, in the language
    before others; among equals by a stable hash."""
    fitting = [variant for variant in variants if variant.channel in ("", filling.channel) and _holds(variant, filling)]
    if not fitting:
        return None

    def rank(variant: Variant) -> tuple[bool, bool, bool]:
        speaks = not variant.text or filling.language in variant.text
        return (bool(variant.channel), bool(variant.condition), speaks)

    best = max(map(rank, fitting))
    equal = [variant for variant in fitting if rank(variant) == best]
    digest = hashlib.sha256(f"{filling.seed}\0{name}".encode()).digest()
    return equal[int.from_bytes(digest[:4], "big") % len(equal)]


def _holds(variant: Variant, filling: Filling) -> bool:
    for condition in variant.condition:
        if "if" in condition:
            try:
                if not parse_condition(str(condition["if"])).holds(filling.slots, filling.context):
                    return False
            except ConfigError:
                return False
        elif not _same(filling.slots.get(str(condition.get("name"))), condition.get("value")):
            return False
    return True


def _same(value: Any, wanted: Any) -> bool:
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _in_language(by_language: Mapping[Language, _Value], language: Language) -> _Value | None:
    if language in by_language:
        return by_language[language]
    return next(iter(by_language.values()), None)


class _Places:
    """Fills places with values, and remembers which were missing."""

    def __init__(self, domain: Domain, filling: Filling) -> None:
        self.filling = filling
        self.missing: list[str] = []
        self._domain = domain

    def value(self, name: str) -> str:
        """What stands for `{name}`: the context's value, else the slot's, worded for people."""
        key = name.removeprefix("slots.").removeprefix("context.")
        value = self.filling.context.get(key)
        if value is None:
            value = self.filling.slots.get(key)
        if value is None:
            self.missing.append(key)
        return show_value(value, self.filling.language, self._domain.slots.get(key))

    def fill(self, template: str) -> str:
        return _PLACE.sub(lambda match: self.value(match[1]), template)

    def fill_deep(self, value: Any) -> Any:
        """Every text inside a JSON value, filled."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, Mapping):
            return {key: self.fill_deep(item) for key, item in value.items()}
        return [self.fill_deep(item) for item in value] if isinstance(value, list) else value

    def button(self, button: Button) -> Button:
        """A payload is a command: a value in it cannot bring commands of its own."""
        payload = _PLACE.sub(lambda match: _PAYLOAD_MARKS.sub(" ", self.value(match[1])), button.payload)
        return replace(button, title=self.fill(button.title), payload=payload)


def _render_jinja(template: str, places: _Places) -> str:
    """The template's text; where it fails, its source with plain places filled."""
    from jinja2 import TemplateError

    filling = places.filling
    names = {**filling.slots, "slots": dict(filling.slots), "context": dict(filling.context)}
    pieces: list[str] = []
    try:
        num_chars = 0
        for piece in _compiled(template).generate(names):
            pieces.append(piece)
            num_chars += len(piece)
            if num_chars > MAX_RENDERED_CHARS:
                break
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError):
        places.missing.append("jinja")
        return places.fill("".join(pieces))
    return "".join(pieces)


@lru_cache(maxsize=256)
def _compiled(template: str) -> Any:
    """Jinja is imported here so that bots without such templates do not pay for it."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """Without `**` and with short ranges: an expression cannot take for ever."""

        intercepted_binops = frozenset({"**", "*", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" or not all(isinstance(side, int | float) for side in (left, right)):
                raise ValueError(f"{operator} is not available in templates")
            return super().call_binop(context, operator, left, right)

    environment = Sandbox(autoescape=False)
    environment.globals.clear()  # range, lipsum, cycler: nothing that could run long
    return environment.from_string(template[:MAX_TEMPLATE_CHARS])
