"""Domain files: slots, responses and the rest, of one file or many; every mistake with its line."""

from pathlib import Path

import pytest

from chatwright.dialogue.domain import Domain, Slot, Variant
from chatwright.dialogue.flows.domain_file import load_domain, read_domain
from chatwright.errors import ConfigError
from chatwright.messages import Button

WHOLE = """version: "3.1"
intents: [greet, {ask: {use_entities: []}}]
entities: [city, {person: {roles: [sender]}}]
actions: [action_a, {action_b: {send_domain: true}}, action_a]
session_config: {session_expiration_time: 30, carry_over_slots_to_new_session: false}
slots:
  city:
    type: categorical
    values: [paris, beijing]
    influence_conversation: true
    mappings: [{type: from_llm}]
    labels: {city: {zh: 城市, en: [city, town]}, beijing: {zh: [北京, 首都]}, paris: [巴黎, Paris]}
  amount: {type: float, min_value: 0, max_value: 10.5, initial_value: 3}
  sure: {type: bool, labels: {true: {zh: 要, en: please do}}}
  day: {type: text, format: date, shared: true, description: the day}
  code: {pattern: "[A-Z]{3}"}
  old: {type: unfeaturized}
  own: {type: my.module.Slot}
  empty:
responses:
  utter_hi:
    - text: Hello {name}
      buttons: [{title: Yes, payload: /affirm}, No]
      condition: [{type: slot, name: city, value: paris}]
      channel: rest
    - text: {zh: 你好, en: Hi}
      buttons: {zh: [{title: 是, payload: /affirm}], en: [{title: 'Yes', payload: /affirm}]}
    - text: Hallo
      translation: {zh-CN: 您好}
      condition: slots.amount > 2
      metadata: {template: jinja, rephrase: true}
    - custom: {a: 1}
    - image: http://x/y.png
"""


def write(folder: Path, text: str, name: str = "domain.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_is_read(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    domain, problems = read_domain(tmp_path)
    assert [problem.severity for problem in problems] == ["warning", "warning"]
    assert domain.intents == {"greet": {}, "ask": {"use_entities": []}}
    assert domain.entities == {"city": {}, "person": {"roles": ["sender"]}}
    assert domain.actions == ("action_a", "action_b")
    assert (domain.session_expiration_time_min, domain.carry_over_slots) == (30.0, False)
    assert domain.slots["city"] == Slot(
        name="city", type="categorical", values=("paris", "beijing"), mappings=({"type": "from_llm"},), line=7,
        labels={"city": {"zh": ("城市",), "en": ("city", "town")}, "beijing": {"zh": ("北京", "首都")}, "paris": {"zh": ("巴黎", "Paris"), "en": ("巴黎", "Paris")}},
    )  # fmt: skip
    assert (
        domain.slots["amount"].min_value,
        domain.slots["amount"].max_value,
        domain.slots["amount"].initial_value,
    ) == (0.0, 10.5, 3)
    assert domain.slots["sure"].labels == {True: {"zh": ("要",), "en": ("please do",)}}
    assert (domain.slots["day"].format, domain.slots["day"].is_shared, domain.slots["day"].description) == (
        "date",
        True,
        "the day",
    )
    assert [domain.slots[name].type for name in ("old", "own", "empty")] == ["any", "any", "text"]


def test_responses_are_read_in_both_languages(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    first, second, third, custom, image = load_domain(tmp_path).responses["utter_hi"]
    row = (Button(title="Yes", payload="/affirm"), Button(title="No", payload="No"))
    assert first == Variant(
        text={"zh": "Hello {name}", "en": "Hello {name}"}, buttons={"zh": row, "en": row}, channel="rest", condition=({"type": "slot", "name": "city", "value": "paris"},)
    )  # fmt: skip
    assert second.text == {"zh": "你好", "en": "Hi"}
    assert second.buttons["zh"] == (Button(title="是", payload="/affirm"),)
    assert third.text == {"zh": "您好", "en": "Hallo"}
    assert (third.is_jinja, third.condition) == (True, ({"type": "expression", "if": "slots.amount > 2"},))
    assert (custom.custom, image.image) == ({"a": 1}, "http://x/y.png")


def test_raw_is_the_domain_of_an_action_server(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    raw = load_domain(tmp_path).raw
    assert {"intents", "entities", "slots", "responses", "actions", "forms", "e2e_actions", "session_config"} <= set(
        raw
    )
    assert set(raw["slots"]["city"]) == {"type", "values", "influence_conversation", "mappings"}
    assert raw["responses"]["utter_hi"][1]["text"] == "你好"


def test_several_files_are_one_domain(tmp_path: Path) -> None:
    write(tmp_path, "slots: {a: {type: text}}\nresponses: {utter_a: [{text: A}]}\nactions: [x]\n")
    write(tmp_path, "slots: {b: {type: text}, a: {type: text}}\nactions: [y]\n", "domain/more.yml")
    domain = load_domain(tmp_path)
    assert (set(domain.slots), set(domain.responses), domain.actions) == ({"a", "b"}, {"utter_a"}, ("x", "y"))
    assert set(domain.raw["slots"]) == {"a", "b"}
    assert domain.raw["actions"] == ["x", "y"]


def test_one_name_with_two_meanings(tmp_path: Path) -> None:
    write(tmp_path, "slots: {a: {type: text}}\n")
    second = write(tmp_path, "slots:\n  a: {type: bool}\n", "domain/more.yml")
    with pytest.raises(ConfigError, match="already defined") as caught:
        load_domain(tmp_path)
    assert str(caught.value).startswith(f"{second}:2: ")


def test_a_folder_without_a_domain(tmp_path: Path) -> None:
    domain = load_domain(tmp_path)
    assert (domain.slots, domain.responses) == (Domain().slots, Domain().responses)


MISTAKES = [
    ("slotz: {}\n", 1, "Did you mean 'slots'"),
    ("slots:\n  a: {typ: text}\n", 2, "Did you mean 'type'"),
    ("slots:\n  a:\n    type: txt\n", 3, "unknown type 'txt'"),
    ("slots:\n  a:\n    format: dat\n", 3, "Did you mean 'date'"),
    ("slots:\n  a b: {type: text}\n", 2, "cannot name a slot"),
    ("slots:\n  a(b): {type: text}\n", 2, "cannot name a slot"),
    ("slots:\n  confirmed_action: {type: bool}\n", 2, "taken by the bot"),
    ("slots:\n  a: {type: categorical}\n", 2, "no `values`"),
    ("slots:\n  a: {type: float, min_value: 5, max_value: 1}\n", 2, "above its max_value"),
    ("slots:\n  a: {type: float, min_value: low}\n", 2, "must be a number"),
    ("slots:\n  a: {pattern: '('}\n", 2, "pattern"),
    ("slots:\n  a: {type: categorical, values: [x], labels: {y: {en: why}}}\n", 2, "not a value of it"),
    ("slots: [a]\n", 1, "must be a mapping"),
    ("slots:\n  a: text\n", 2, "must be a mapping with `type`"),
    ("responses:\n  utter_a: [{txt: hi}]\n", 2, "Did you mean 'text'"),
    ("responses:\n  utter_a: [{text: {de: hallo}}]\n", 2, "Unknown key 'de'"),
    ("responses:\n  utter_a: [{}]\n", 2, "says nothing"),
    ("responses:\n  utter_a: [{text: a, buttons: [{payload: x}]}]\n", 2, "no `title`"),
    ("responses:\n  utter_a: [{text: a, condition: 'slots.a >'}]\n", 2, "does not parse"),
    ("responses:\n  utter_a: 5\n", 2, "must be a list of variants"),
    ("actions: 5\n", 1, "must be a list of names"),
    ("session_config: {session_expiration_time: -1}\n", 1, "must not be negative"),
    ("session_config: {session_time: 1}\n", 1, "Unknown key 'session_time'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_domain(tmp_path)
    assert f"{path}:{line}: " in str(caught.value)
    assert words in str(caught.value)
