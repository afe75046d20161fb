"""Reads the responses of a domain file: variants with texts, buttons, conditions. In: YAML values. Out: Variants.

Rasa's shape, with two additions: `text` may be `{zh: …, en: …}`, and so may `buttons`. Rasa's `translation:` is read
too. Problems go to the Findings; a variant with a problem is left out.
"""

from collections.abc import Mapping
from typing import Any, get_args

from chatwright.dialogue.domain import Variant
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.folder_yaml import Findings, Keys, as_text
from chatwright.errors import ConfigError
from chatwright.messages import Button, Language
from chatwright.yamlfile import YamlFile

LANGUAGES: tuple[Language, ...] = get_args(Language)
_VARIANT_KEYS = frozenset(
    """text buttons image attachment custom channel condition metadata translation
    elements quick_replies id button_type allow_interruptions template template_vars""".split()  # noqa: SIM905
)
_BUTTON_KEYS = frozenset({"title", "payload", "type", "url", "content_type", "image_url", "translation"})


def read_responses(file: YamlFile, findings: Findings) -> dict[str, tuple[Variant, ...]]:
    """Every response of the file by name."""
    responses = file.values.get("responses") or {}
    if not findings.expect(file, ["responses"], responses, dict, "`responses` must be a mapping of names"):
        return {}
    read: dict[str, tuple[Variant, ...]] = {}
    for name, variants in responses.items():
        keys = ["responses", name]
        if isinstance(variants, dict):
            variants = [variants]
        if findings.expect(file, keys, variants, list, f"Response {name!r} must be a list of variants"):
            found = [_variant(file, [*keys, i], value, findings) for i, value in enumerate(variants)]
            read[name] = tuple(variant for variant in found if variant is not None)
    return read


def _variant(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> Variant | None:
    if isinstance(value, str):
        value = {"text": value}
    if not findings.expect(file, keys, value, dict, "A variant of a response must be a mapping with `text`"):
        return None
    findings.check_keys(file, keys, value, _VARIANT_KEYS, "of a response")
    text, buttons = _text(file, keys, value, findings), _buttons(file, keys, value, findings)
    variant = Variant(
        text=text,
        buttons=buttons,
        image=as_text(value.get("image")),
        attachment=value.get("attachment"),
        custom=_mapping(value.get("custom")),
        channel=as_text(value.get("channel")),
        condition=_conditions(file, [*keys, "condition"], value.get("condition"), findings),
        metadata=_mapping(value.get("metadata")),
    )
    if not (text or buttons or variant.image or variant.attachment or variant.custom or value.get("elements")):
        findings.add(file, keys, "A variant of a response says nothing.", "Give it a `text`.")
    return variant


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(file: YamlFile, keys: Keys, value: Mapping[str, Any], findings: Findings) -> dict[Language, str]:
    """By language; a text without one stands under both, `translation` over it."""
    written = value.get("text")
    if isinstance(written, dict):
        findings.check_keys(file, [*keys, "text"], written, LANGUAGES, "of a text in several languages")
        read = {language: as_text(written[language]) for language in LANGUAGES if written.get(language) is not None}
    elif isinstance(written, list):
        findings.add(file, [*keys, "text"], "`text` must be a text.", "Several wordings are several variants.")
        read = {}
    else:
        read = dict.fromkeys(LANGUAGES, as_text(written)) if as_text(written) else {}
    return read | _translated(value)


def _translated(value: Mapping[str, Any], key: str = "") -> dict[Language, str]:
    translation = value.get("translation")
    if not isinstance(translation, dict):
        return {}
    found: dict[Language, str] = {}
    for code, text in translation.items():
        text = text.get(key) if key and isinstance(text, dict) else text
        for language in LANGUAGES:
            if code.lower().split("-")[0] == language and isinstance(text, str):
                found[language] = text
    return found


def _buttons(
    file: YamlFile, keys: Keys, value: Mapping[str, Any], findings: Findings
) -> dict[Language, tuple[Button, ...]]:
    written = value.get("buttons") or value.get("quick_replies")
    if not written:
        return {}
    place = [*keys, "buttons"]
    if isinstance(written, dict):
        findings.check_keys(file, place, written, LANGUAGES, "of buttons in several languages")
        return {
            language: _button_row(file, [*place, language], written[language], language, findings)
            for language in LANGUAGES
            if language in written
        }
    return {language: _button_row(file, place, written, language, findings) for language in LANGUAGES}


def _button_row(file: YamlFile, keys: Keys, written: Any, language: Language, findings: Findings) -> tuple[Button, ...]:
    if not findings.expect(file, keys, written, list, "Buttons must be a list"):
        return ()
    row: list[Button] = []
    for i, value in enumerate(written):
        value = {"title": value} if isinstance(value, str) else value
        if not findings.expect(file, [*keys, i], value, dict, "A button must have a `title` and a `payload`"):
            continue
        findings.check_keys(file, [*keys, i], value, _BUTTON_KEYS, "of a button")
        title = _translated(value, "title").get(language) or _localized(value.get("title"), language)
        payload = as_text(value.get("payload") or value.get("url")) or title
        if title:
            row.append(Button(title=title, payload=payload))
        else:
            findings.add(file, [*keys, i], "A button has no `title`.")
    return tuple(row)


def _localized(value: Any, language: Language) -> str:
    if isinstance(value, dict):
        return as_text(value.get(language) or next(iter(value.values()), ""))
    return as_text(value)


def _conditions(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> tuple[Mapping[str, Any], ...]:
    """Rasa's `{type: slot, name, value}` as written; a condition in words becomes `{type: expression, if: …}`."""
    if value is None:
        return ()
    read: list[Mapping[str, Any]] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            try:
                parse_condition(item)
            except ConfigError as err:
                findings.add(file, keys, err.message, err.hint)
            read.append({"type": "expression", "if": item})
        elif isinstance(item, dict) and item.get("type", "slot") == "slot" and isinstance(item.get("name"), str):
            read.append(item)
        else:
            findings.add(file, keys, "A condition of a response must have `type: slot`, a `name` and a `value`.")
    return tuple(read)
