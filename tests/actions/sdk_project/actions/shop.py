"""A Rasa project's actions, as people write them: every event of the SDK, responses of every kind, all ways to fail."""

import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk import events as sdk_events
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection


class OrderStatus(Action):
    def name(self) -> str:
        return "action_order_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list:
        order = tracker.get_slot("order_id")
        dispatcher.utter_message(text=f"订单 {order} 已发货 / order {order} was sent")
        dispatcher.utter_message(response="utter_order_sent", order=order)
        dispatcher.utter_message(
            text="还需要什么？",
            buttons=[{"title": "退货", "payload": '/return{"order": "7"}'}],
            image="https://example.com/parcel.png",
            attachment="https://example.com/bill.pdf",
            json_message={"carrier": "SF"},
            elements=[{"title": "parcel"}],
        )
        return [
            sdk_events.SlotSet("order_status", "sent"),
            sdk_events.SlotSet("carrier", {"name": "顺丰"}),
            sdk_events.SlotSet("order_status", "delivered"),
        ]


class EveryEvent(Action):
    def name(self) -> str:
        return "action_every_event"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list:
        return [
            sdk_events.UserUttered("hi"),
            sdk_events.BotUttered("hello"),
            sdk_events.AgentUttered("here"),
            sdk_events.AllSlotsReset(),
            sdk_events.SlotSet("a", 1),
            sdk_events.Restarted(),
            sdk_events.SlotSet("b", None),
            sdk_events.SessionStarted(),
            sdk_events.SessionEnded(),
            sdk_events.UserUtteranceReverted(),
            sdk_events.ActionReverted(),
            sdk_events.StoryExported(),
            sdk_events.ReminderScheduled("ask_again", datetime.datetime(2027, 1, 2, 3, 4)),
            sdk_events.ReminderCancelled("later"),
            sdk_events.FollowupAction("action_listen"),
            sdk_events.ConversationPaused(),
            sdk_events.ConversationResumed(),
            sdk_events.ActionExecuted("action_x"),
            sdk_events.ActiveLoop("form"),
            sdk_events.LoopInterrupted(True),
            sdk_events.ActionExecutionRejected("action_y"),
            {"event": "not_of_the_protocol"},
            {"no": "event"},
        ]


class Echo(Action):
    """Says what arrived, so that the caller's every field can be looked at from this side."""

    def name(self) -> str:
        return "action_echo"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list:
        seen = tracker.current_state() | {
            "followup_action": tracker.followup_action,
            "entities": list(tracker.get_latest_entity_values("city")),
            "intent": tracker.get_intent_of_latest_message(),
            "loop": tracker.active_loop_name,
            "last_action_was_track": tracker.last_executed_action_has("action_track"),
            "domain_slots": sorted((domain or {}).get("slots", {})),
        }
        return [sdk_events.SlotSet("seen", seen)]


class Declines(Action):
    def name(self) -> str:
        return "action_declines"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list:
        raise ActionExecutionRejection(self.name(), "not now / 现在不行")


class Fails(Action):
    def name(self) -> str:
        return "action_fails"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list:
        raise RuntimeError("the warehouse is on fire")
