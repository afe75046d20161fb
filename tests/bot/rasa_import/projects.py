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


CLINIC = {
    "config.yml": "language: zh\npipeline:\n  - name: JiebaTokenizer\npolicies:\n  - name: RulePolicy\n",
    "domain/intents.yml": """
version: "3.1"
intents:
  - 问候
  - 心情好
  - 心情差
  - affirm
  - deny
  - faq
  - 预约挂号
  - 预约体检
  - 查询进度
entities:
  - 科室
""",
    "domain/slots.yml": """
version: "3.1"
slots:
  科室:
    type: categorical
    values: [内科, 外科]
    mappings:
      - type: from_entity
        entity: 科室
  姓名:
    type: text
    mappings:
      - type: from_text
        conditions:
          - active_loop: visit_form
            requested_slot: 姓名
  kind:
    type: categorical
    values: [visit, checkup]
    mappings:
      - type: from_trigger_intent
        intent: 预约挂号
        value: visit
      - type: from_trigger_intent
        intent: 预约体检
        value: checkup
  is_ready:
    type: bool
    mappings:
      - type: custom
forms:
  visit_form:
    ignored_intents: [问候]
    required_slots: [kind, 科室, 姓名]
actions:
  - action_look_up
""",
    "domain/responses.yml": """
version: "3.1"
responses:
  utter_问候:
    - text: 您好，今天感觉怎么样？
      buttons:
        - title: 很好
          payload: /心情好
        - title: 不舒服
          payload: /心情差
  utter_高兴:
    - text: 太好了，祝您健康。
  utter_安慰:
    - text: 别担心，需要帮您挂号吗？
  utter_再见:
    - text: 好的，再见。
  utter_ask_科室:
    - text: 请问挂哪个科？
  utter_ask_姓名:
    - text: 请问您的姓名？
  utter_已预约:
    - text: "{姓名}，{科室}已约好。"
      condition:
        - type: slot
          name: kind
          value: visit
    - text: "{姓名}，体检已约好。"
      condition:
        - type: slot
          name: kind
          value: checkup
  utter_好了:
    - text: 您的报告已经出来了。
  utter_没好:
    - text: 报告还没有出来。
  utter_faq/停车:
    - text: 医院地下车库可以停车，每小时五元。
  utter_faq/地址:
    - text: 人民路一号。
      image: https://example.com/map.png
""",
    "data/nlu/talk.yml": """
version: "3.1"
nlu:
  - intent: 问候
    examples: |
      - 你好
      - 您好呀
  - intent: 心情好
    examples: |
      - 挺好的
      - 很好
  - intent: 心情差
    examples: |
      - 不舒服
      - 头疼得厉害
  - intent: affirm
    examples: |
      - 是的
      - 好的
  - intent: deny
    examples: |
      - 不用
      - 不用了
""",
    "data/nlu/visits.yml": """
version: "3.1"
nlu:
  - intent: 预约挂号
    examples: |
      - 我要挂号
      - 帮我挂[内科](科室)的号
  - intent: 预约体检
    examples: |
      - 我要预约体检
  - intent: 查询进度
    examples: |
      - 我的报告出来了吗
  - intent: faq/停车
    examples: |
      - 医院可以停车吗
      - 停车怎么收费
  - intent: faq/地址
    examples: |
      - 医院在哪里
  - regex: 科室
    examples: |
      - (内|外)科
""",
    "data/stories.yml": """
version: "3.1"
stories:
  - story: 心情好
    steps:
      - intent: 问候
      - action: utter_问候
      - intent: 心情好
      - action: utter_高兴
  - story: 心情差
    steps:
      - intent: 问候
      - action: utter_问候
      - intent: 心情差
      - action: utter_安慰
      - checkpoint: 要不要挂号
  - story: 挂号
    steps:
      - checkpoint: 要不要挂号
      - intent: affirm
      - action: visit_form
      - active_loop: visit_form
      - active_loop: null
      - action: utter_已预约
  - story: 不挂号
    steps:
      - checkpoint: 要不要挂号
      - intent: deny
      - action: utter_再见
  - story: 报告好了
    steps:
      - intent: 查询进度
      - action: action_look_up
      - slot_was_set:
          - is_ready: true
      - action: utter_好了
  - story: 报告没好
    steps:
      - intent: 查询进度
      - action: action_look_up
      - slot_was_set:
          - is_ready: false
      - action: utter_没好
""",
    "data/rules.yml": """
version: "3.1"
rules:
  - rule: 开始预约
    steps:
      - or:
          - intent: 预约挂号
          - intent: 预约体检
      - action: visit_form
      - active_loop: visit_form
  - rule: 预约完成
    condition:
      - active_loop: visit_form
    steps:
      - action: visit_form
      - active_loop: null
      - action: utter_已预约
  - rule: 常见问题
    steps:
      - intent: faq
      - action: utter_faq
""",
    "actions/actions.py": """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet


class LookUp(Action):
    def name(self):
        return "action_look_up"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("is_ready", False)]
""",
    "endpoints.yml": 'action_endpoint:\n  url: "http://localhost:{port}/webhook"\n',
}

CARDS = {
    "config.yml": "recipe: default.v1\nlanguage: en\nassistant_id: cards\npipeline:\n  - name: CompactLLMCommandGenerator\n"
    "policies:\n  - name: FlowPolicy\n  - name: EnterpriseSearchPolicy\n",
    "endpoints.yml": "action_endpoint:\n  actions_module: actions\nnlg:\n  type: rephrase\n",
    "domain/cards.yml": """
version: "3.1"
slots:
  card_kind:
    type: categorical
    values: [debit, credit]
    mappings:
      - type: from_llm
  limit_amount:
    type: float
    mappings:
      - type: from_llm
    validation:
      rejections:
        - if: slots.limit_amount > 5000
          utter: utter_limit_too_high
  limit_sure:
    type: bool
    mappings:
      - type: from_llm
  block_reason:
    type: text
    mappings:
      - type: from_llm
responses:
  utter_ask_card_kind:
    - text: Which card is it, debit or credit?
      buttons:
        - title: Debit
          payload: /SetSlots(card_kind=debit)
        - title: Credit
          payload: /SetSlots(card_kind=credit)
  utter_ask_limit_amount:
    - text: What should the new limit be?
  utter_limit_too_high:
    - text: The limit cannot be above 5000.
  utter_ask_limit_sure:
    - text: "Set your {card_kind} card to {limit_amount}?"
  utter_limit_set:
    - text: Done, the limit is set.
  utter_limit_kept:
    - text: I left the limit as it was.
  utter_ask_block_reason:
    - text: Why should I block it?
  utter_blocked:
    - text: It is blocked.
""",
    "data/flows/limit.yml": """
flows:
  change_limit:
    name: change a card limit
    description: change how much can be spent with a card
    nlu_trigger:
      - intent: change_limit
    steps:
      - call: pick_card
      # the amount is checked by the slot's own rule
      - collect: limit_amount
        description: an amount of money
      - collect: limit_sure
        ask_before_filling: true
        next:
          - if: slots.limit_sure
            then:
              - action: utter_limit_set
                next: END
          - else:
              - action: utter_limit_kept
                next: END
  pick_card:
    if: False
    description: find out which card is meant
    steps:
      - collect: card_kind
""",
    "data/flows/block.yml": """
flows:
  block_card:
    description: block a lost or stolen card
    steps:
      - collect_information: card_kind
      - collect: block_reason
        force_slot_filling: true
      - action: utter_blocked
      - link: pattern_human_handoff
""",
    "data/patterns.yml": """
flows:
  pattern_completed:
    description: nothing is left to do
    steps:
      - action: utter_can_do_something_else
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
  - intent: change_limit
    examples: |
      - raise my card limit
""",
    "docs/fees.txt": "A debit card costs nothing. A credit card costs 30 dollars a year.\n",
    "e2e_tests/limit.yml": """
test_cases:
  - test_case: the limit is changed
    steps:
      - user: change how much can be spent with a card
      - utter: utter_ask_card_kind
      - user: credit
      - utter: utter_ask_limit_amount
""",
}

PARCELS = {
    "config.yml": "language: zh\npipeline: []\npolicies:\n  - name: FlowPolicy\n",
    "domain.yml": """
version: "3.1"
slots:
  单号:
    type: text
    mappings:
      - type: from_llm
  送达方式:
    type: categorical
    values: [自提, 派送]
    mappings:
      - type: from_llm
responses:
  utter_ask_单号:
    - text: 请告诉我快递单号。
  utter_ask_送达方式:
    - text: 您想自提还是派送？
  utter_自提:
    - text: "{单号}已改为自提。"
  utter_派送:
    - text: "{单号}已改为派送。"
      translation:
        en: "{单号} will be delivered."
""",
    "data/flows.yml": """
flows:
  change_delivery:
    name: 修改配送方式
    description: 修改快递的配送方式
    steps:
      - collect: 单号
      - collect: 送达方式
        next:
          - if: slots.送达方式 = "自提"
            then:
              - action: utter_自提
                next: END
          - else:
              - action: utter_派送
                next: END
""",
}


def clinic(port: int = 5055) -> dict[str, str]:
    """The Chinese project with stories, checkpoints, retrieval intents and a form; the action server is at `port`."""
    return {name: text.replace("{port}", str(port)) for name, text in CLINIC.items()}


PIZZA = {
    "domain.yml": """
version: "3.1"
intents: [order_pizza]
slots:
  size:
    type: categorical
    values: [small, large]
    mappings: [{type: custom}]
  topping:
    type: categorical
    values: [cheese, ham]
    mappings: [{type: custom}]
  street:
    type: text
    mappings: [{type: from_text}]
forms:
  pizza_form:
    required_slots: [size, topping]
responses:
  utter_ask_size:
    - text: Small or large?
  utter_ask_topping:
    - text: Cheese or ham?
  utter_ask_street:
    - text: Which street?
  utter_coming:
    - text: "A {size} pizza is on its way to {street}."
actions: [validate_pizza_form]
""",
    "data/nlu.yml": 'version: "3.1"\nnlu:\n  - intent: order_pizza\n    examples: |\n      - I want a pizza\n',
    "data/rules.yml": """
version: "3.1"
rules:
  - rule: order
    steps:
      - intent: order_pizza
      - action: pizza_form
      - active_loop: pizza_form
  - rule: done
    condition:
      - active_loop: pizza_form
    steps:
      - action: pizza_form
      - active_loop: null
      - action: utter_coming
""",
    "endpoints.yml": 'action_endpoint:\n  url: "http://localhost:{port}/webhook"\n',
    "actions/__init__.py": "",
    "actions/actions.py": '''
from rasa_sdk import FormValidationAction


class ValidatePizzaForm(FormValidationAction):
    def name(self):
        return "validate_pizza_form"

    async def required_slots(self, domain_slots, dispatcher, tracker, domain):
        """No topping on a small one; then where it goes."""
        wanted = [slot for slot in domain_slots if slot != "topping" or tracker.get_slot("size") != "small"]
        return [*wanted, "street"]
''',
}


def pizza(port: int = 5055) -> dict[str, str]:
    """A form whose action decides what is asked (`required_slots`); the action server is at `port`."""
    return {name: text.replace("{port}", str(port)) for name, text in PIZZA.items()}


FLIGHTS = {
    "config.yml": """
recipe: default.v1
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: CountVectorsFeaturizer
  - name: DIETClassifier
  - name: EntitySynonymMapper
  - name: RegexEntityExtractor
  - name: FallbackClassifier
    threshold: 0.4
policies:
  - name: RulePolicy
""",
    "domain.yml": """
version: "3.1"
intents: [greet, book_flight, check_baggage, refund_ticket, inform, affirm, deny, out_of_scope, faq]
entities:
  - city:
      roles: [departure, destination]
  - passenger:
      groups: ["1", "2"]
  - ticket_number
  - airline
slots:
  from_city:
    type: text
    mappings:
      - type: from_entity
        entity: city
        role: departure
  to_city:
    type: text
    mappings:
      - type: from_entity
        entity: city
        role: destination
  ticket_number:
    type: text
    mappings:
      - type: from_entity
        entity: ticket_number
  airline:
    type: text
    mappings:
      - type: from_entity
        entity: airline
forms:
  flight_form:
    required_slots: [from_city, to_city]
  refund_form:
    required_slots: [ticket_number]
responses:
  utter_greet: [{text: Hello!}]
  utter_ask_from_city: [{text: Where do you fly from?}]
  utter_ask_to_city: [{text: Where do you fly to?}]
  utter_ask_ticket_number: [{text: What is the ticket number?}]
  utter_booked: [{text: "Flight from {from_city} to {to_city}."}]
  utter_refunded: [{text: "Refund of {ticket_number}."}]
  utter_baggage: [{text: You may bring 23 kg.}]
  utter_oos: [{text: I cannot help with that.}]
  utter_faq/ask_pets: [{text: Small pets may fly in the cabin.}]
  utter_faq/ask_checkin: [{text: Check-in opens 24 hours before.}]
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hi
    - hello there
    - good morning
    - 你好
- intent: book_flight
  examples: |
    - book a flight from [Berlin]{"entity": "city", "role": "departure"} to [NYC]{"entity": "city", "role": "destination", "value": "New York City"}
    - I want to fly from [Paris]{"entity": "city", "role": "departure"} to [Rome]{"entity": "city", "role": "destination"}
    - I need a plane ticket
    - get me on a plane to [London]{"entity": "city", "role": "destination"}
    - can you reserve a flight with [Lufthansa](airline)
    - 帮我订一张从[北京]{"entity": "city", "role": "departure"}到[上海]{"entity": "city", "role": "destination"}的机票
    - 我想买机票
    - 订机票
- intent: check_baggage
  examples: |
    - how many bags can I take
    - what is the baggage allowance
    - how heavy may my suitcase be
    - 行李可以带多少公斤
    - 行李限额是多少
- intent: refund_ticket
  examples:
    - text: |
        - I want my money back for ticket [TK-123456](ticket_number)
      metadata:
        sentiment: -1
    - text: please refund my ticket
    - text: cancel my flight and give me the money back
    - text: 我要退票
    - text: 机票退款
- intent: inform
  examples: |
    - from [Berlin]{"entity": "city", "role": "departure"}
    - to [Rome]{"entity": "city", "role": "destination"}
    - [TK-654321](ticket_number)
    - two passengers, [Ann]{"entity": "passenger", "group": "1"} and [Bob]{"entity": "passenger", "group": "2"}
- intent: affirm
  examples: |
    - yes
    - sure
- intent: deny
  examples: |
    - no
    - not at all
- intent: out_of_scope
  examples: |
    - order me a pizza
    - what is the meaning of life
    - 今晚吃什么
- intent: faq/ask_pets
  examples: |
    - can I bring my dog
    - are pets allowed on board
    - 可以带宠物吗
- intent: faq/ask_checkin
  examples: |
    - when can I check in
    - when does check-in open
    - 什么时候可以值机
- synonym: New York City
  examples: |
    - big apple
    - new york
    - NYC
- synonym: 上海
  examples: |
    - 魔都
- regex: ticket_number
  examples: |
    - TK-\\d{6}
- lookup: airline
  examples: |
    - Lufthansa
    - Air France
    - 国航
- lookup: city
  examples: |
    - Berlin
    - Rome
    - Madrid
    - 广州
""",
    "data/rules.yml": """
version: "3.1"
rules:
- rule: hi
  steps: [{intent: greet}, {action: utter_greet}]
- rule: baggage
  steps: [{intent: check_baggage}, {action: utter_baggage}]
- rule: oos
  steps: [{intent: out_of_scope}, {action: utter_oos}]
- rule: faq
  steps: [{intent: faq}, {action: utter_faq}]
- rule: flight
  steps: [{intent: book_flight}, {action: flight_form}, {active_loop: flight_form}]
- rule: flight done
  condition: [{active_loop: flight_form}]
  steps: [{action: flight_form}, {active_loop: null}, {slot_was_set: [{requested_slot: null}]}, {action: utter_booked}]
- rule: refund
  steps: [{intent: refund_ticket}, {action: refund_form}, {active_loop: refund_form}]
- rule: refund done
  condition: [{active_loop: refund_form}]
  steps: [{action: refund_form}, {active_loop: null}, {slot_was_set: [{requested_slot: null}]}, {action: utter_refunded}]
""",
}
