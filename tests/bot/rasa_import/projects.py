"""Whole Rasa projects in each generation's shape, as people write them: NLU with rules, stories and forms, and CALM; in
English and in Chinese. Values only: file name → text."""

RESTAURANT = {
    "config.yml": """
recipe: default.v1
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: DIETClassifier
    epochs: 100
  - name: FallbackClassifier
    threshold: 0.3
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
    core_fallback_threshold: 0.3
    core_fallback_action_name: action_default_fallback
""",
    "endpoints.yml": """
action_endpoint:
  url: "http://localhost:{port}/webhook"
tracker_store:
  type: sql
  dialect: sqlite
""",
    "credentials.yml": "rest:\nslack:\n  slack_token: xoxb-secret\n",
    "domain.yml": """
version: "3.1"
intents:
  - greet
  - thankyou
  - stop
  - affirm
  - deny
  - inform
  - ask_why
  - request_restaurant:
      use_entities: []
entities:
  - cuisine
  - seating
slots:
  cuisine:
    type: text
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: cuisine
        not_intent: stop
  num_people:
    type: float
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: number
      - type: from_text
        conditions:
          - active_loop: restaurant_form
            requested_slot: num_people
  outdoor_seating:
    type: bool
    influence_conversation: false
    mappings:
      - type: from_intent
        intent: affirm
        value: true
        conditions:
          - active_loop: restaurant_form
            requested_slot: outdoor_seating
      - type: from_intent
        intent: deny
        value: false
        conditions:
          - active_loop: restaurant_form
            requested_slot: outdoor_seating
  booking_id:
    type: text
    influence_conversation: false
    mappings:
      - type: custom
forms:
  restaurant_form:
    required_slots:
      - cuisine
      - num_people
      - outdoor_seating
responses:
  utter_greet:
    - text: Welcome to the table desk!
  utter_noworries:
    - text: Any time.
  utter_why:
    - text: I need it to find you a table.
  utter_ask_restaurant_form_cuisine:
    - text: Which kitchen do you like?
      buttons:
        - title: Italian
          payload: '/inform{{"cuisine": "italian"}}'
  utter_ask_num_people:
    - text: For how many people?
  utter_ask_outdoor_seating:
    - text: Would you like to sit outside?
  utter_wrong_cuisine:
    - text: We have no {{wanted}} kitchen.
  utter_ask_continue:
    - text: Shall we go on with your table?
  utter_stopped:
    - text: No table then.
  utter_submit:
    - text: Looking for a {{cuisine}} table for {{num_people}}.
  utter_booked:
    - text: Your table is {{booking_id}}.
  utter_default:
    - text: Sorry, I did not get that.
actions:
  - validate_restaurant_form
  - action_book_table
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hi
      - hello
      - good evening
  - intent: thankyou
    examples: |
      - thank you
      - thanks a lot
  - intent: stop
    examples: |
      - stop asking
      - I changed my mind about this
      - leave it
  - intent: affirm
    examples: |
      - yes
      - sure
  - intent: deny
    examples: |
      - no
      - not really
  - intent: ask_why
    examples: |
      - why do you need to know that
      - what do you need this for
  - intent: inform
    examples: |
      - [italian](cuisine) please
      - [thai](cuisine)
  - intent: request_restaurant
    examples: |
      - I need a table
      - book a table please
      - a table at an [italian]{{"entity": "cuisine"}} place
  - synonym: italian
    examples: |
      - from italy
  - lookup: cuisine
    examples: |
      - italian
      - thai
""",
    "data/rules.yml": """
version: "3.1"
rules:
  - rule: say hello
    steps:
      - intent: greet
      - action: utter_greet
  - rule: thanks
    steps:
      - intent: thankyou
      - action: utter_noworries
  - rule: begin the form
    steps:
      - intent: request_restaurant
      - action: restaurant_form
      - active_loop: restaurant_form
  - rule: why, inside of the form
    condition:
      - active_loop: restaurant_form
    steps:
      - intent: ask_why
      - action: utter_why
      - action: restaurant_form
      - active_loop: restaurant_form
  - rule: end of the form
    condition:
      - active_loop: restaurant_form
    steps:
      - action: restaurant_form
      - active_loop: null
      - slot_was_set:
          - requested_slot: null
      - action: utter_submit
      - action: action_book_table
      - action: utter_booked
  - rule: not understood
    steps:
      - intent: nlu_fallback
      - action: utter_default
""",
    "data/stories.yml": """
version: "3.1"
stories:
  - story: stops, and goes on
    steps:
      - intent: request_restaurant
      - action: restaurant_form
      - active_loop: restaurant_form
      - intent: stop
      - action: utter_ask_continue
      - intent: affirm
      - action: restaurant_form
      - active_loop: null
      - action: utter_submit
  - story: stops for good
    steps:
      - intent: request_restaurant
      - action: restaurant_form
      - active_loop: restaurant_form
      - intent: stop
      - action: utter_ask_continue
      - intent: deny
      - action: action_deactivate_loop
      - active_loop: null
      - action: utter_stopped
""",
    "tests/test_stories.yml": """
stories:
  - story: hello
    steps:
      - user: |
          hi
        intent: greet
      - action: utter_greet
  - story: a table
    steps:
      - user: a table at an [italian](cuisine) place
        intent: request_restaurant
      - action: restaurant_form
      - active_loop: restaurant_form
      - slot_was_set:
          - cuisine: italian
          - requested_slot: num_people
""",
    "actions/__init__.py": "",
    "actions/actions.py": """
from typing import Any, Text

from rasa_sdk import Action, FormValidationAction
from rasa_sdk.events import SlotSet


class ValidateRestaurantForm(FormValidationAction):
    def name(self) -> Text:
        return "validate_restaurant_form"

    def validate_cuisine(self, slot_value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[Text, Any]:
        if str(slot_value).lower() not in ("italian", "thai"):
            dispatcher.utter_message(response="utter_wrong_cuisine", wanted=slot_value)
            return {{"cuisine": None}}
        return {{"cuisine": str(slot_value).lower()}}


class ActionBookTable(Action):
    def name(self) -> Text:
        return "action_book_table"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[Text, Any]]:
        place = "out" if tracker.get_slot("outdoor_seating") else "in"
        number = int(float(tracker.get_slot("num_people")))
        return [SlotSet("booking_id", f"{{place}}-{{tracker.get_slot('cuisine')}}-{{number}}")]
""",
}


def restaurant(port: int = 5055) -> dict[str, str]:
    """The English project with rules, stories, a form and custom actions, whose server is at `port`."""
    return {
        name: text.format(port=port) if "{{" in text or "{port}" in text else text for name, text in RESTAURANT.items()
    }
