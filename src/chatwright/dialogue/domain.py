"""What flows speak of: slots with their types, and the responses the bot says, as Rasa's domain has them.

Values only; `domain_file.py` reads them from a bot folder's `domain.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chatwright.messages import Button, Language

SlotType = Literal["text", "bool", "categorical", "float", "list", "any"]
# What a text slot holds, when the owner says so (`format:`): how it is read from a message and checked.
SlotFormat = Literal["", "date", "time", "number", "money", "phone", "email", "order_id", "address", "name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One slot. `values` for categorical; `min_value`, `max_value` for float. mappings are Rasa's, as written.

    labels: what a value is called in each language, for reading it from a message and for saying it.
    is_shared: kept when a session ends. pattern: a regular expression the whole text must match (`format: order_id`).
    """

    name: str
    type: SlotType = "text"
    initial_value: Any = None
    values: tuple[Any, ...] = ()
    min_value: float | None = None
    max_value: float | None = None
    format: SlotFormat = ""
    pattern: str = ""
    description: str = ""
    labels: Mapping[Any, Mapping[Language, tuple[str, ...]]] = field(default_factory=dict)
    mappings: tuple[Mapping[str, Any], ...] = ()
    is_shared: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One wording of a response. text: by language; a text written without a language stands under both.

    condition: the slots that must have these values (Rasa's conditional responses). is_jinja: the text is a template of
    Jinja's sandbox (`metadata: {template: jinja}`), otherwise `{slot}` is replaced.
    """

    text: Mapping[Language, str] = field(default_factory=dict)
    buttons: Mapping[Language, tuple[Button, ...]] = field(default_factory=dict)
    image: str = ""
    attachment: Any = None
    custom: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""
    condition: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_jinja(self) -> bool:
        return self.metadata.get("template") == "jinja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """All of it. intents: name → its options as written. raw: the domain as Rasa's action server wants it."""

    slots: Mapping[str, Slot] = field(default_factory=dict)
    responses: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    intents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    entities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    session_expiration_time_min: float = 60.0
    carry_over_slots: bool = True
    raw: Mapping[str, Any] = field(default_factory=dict)
