"""What a CALM project may use without defining it, because Rasa itself brings it: responses, slots, patterns.

Values only, in our own words. In: a name. Out: what to put into the domain or the flows.
"""

from collections.abc import Mapping
from typing import Any

from chatwright.dialogue.running.repair import RASA_RESPONSES, REPAIR_TEXTS

_TEXTS: Mapping[str, tuple[str, str]] = {
    "utter_inform_hangup": (
        "我一直没有收到您的回复，这次对话先到这里。",
        "I have not heard from you, so I will end our conversation here.",
    ),
    "utter_closing_words": ("好的，需要的时候随时找我。", "All right. I am here whenever you need me."),
    "utter_cannot_handle": ("抱歉，这件事我帮不上忙。", "I am sorry, that is something I cannot help with."),
    "utter_free_chitchat_response": ("抱歉，这个我现在答不上来。", "I am sorry, I have no answer to that right now."),
    "utter_human_handoff_not_available": (
        "我明白您想和人工客服沟通，但目前没有人可以接待。",
        "I understand that you want to talk to a person, but nobody is available at the moment.",
    ),
    "utter_ask_continue_conversation": (
        "请问还有其他可以帮您的吗？",
        "Is there anything else I can help you with?",
    ),
    "utter_clarification_no_options_rasa": (
        "请再具体说说您想办什么。",
        "Please tell me a little more about what you would like to do.",
    ),
    "utter_ask_csat_score": ("您对今天的服务满意吗？", "How satisfied are you with today's service?"),
    "utter_csat_thank_you_satisfied": ("谢谢您的反馈，很高兴能帮到您。", "Thank you; I am glad that I could help."),
    "utter_csat_thank_you_unsatisfied": (
        "谢谢您的反馈，很抱歉没能让您满意。",
        "Thank you for telling me. I am sorry that I could not do better.",
    ),
    "utter_not_corrected_previous_input": ("好的，保持不变。", "All right, it stays as it was."),
    "utter_agent_busy": ("我还在处理，请稍等。", "I am still working on it, one moment please."),
}
SLOTS: Mapping[str, Mapping[str, Any]] = {
    "silence_timeout": {"type": "float", "initial_value": 7.0},
    "consecutive_silence_timeouts": {"type": "float", "initial_value": 0.0},
    "confirm_correction": {"type": "bool"},
    "confirm_slot_correction": {"type": "bool"},
    "interrupted_flow_to_continue": {"type": "text"},
    "continue_interrupted_flow_confirmation": {"type": "bool"},
    "continue_conversation": {"type": "bool"},
    "max_clarification_options": {"type": "float", "initial_value": 3.0},
    "csat_score": {"type": "categorical", "values": ["satisfied", "unsatisfied"]},
}
_ENDING = {"noop": True, "next": "END"}
_PATTERNS: Mapping[str, list[dict[str, Any]]] = {
    "pattern_human_handoff": [{"action": "action_human_handoff"}, {"action": "utter_human_handoff"}],
    "pattern_chitchat": [{"action": "action_trigger_chitchat"}],
    "pattern_search": [{"action": "action_trigger_search"}],
    "pattern_completed": [{"action": "utter_can_do_something_else"}],
    "pattern_cannot_handle": [{"action": "utter_ask_rephrase"}],
}


def default_response(name: str) -> dict[str, str] | None:
    """The text of one of Rasa's own responses, by language; None for a name that is none."""
    if name in _TEXTS:
        return {"zh": _TEXTS[name][0], "en": _TEXTS[name][1]}
    ours = next((ours for ours, theirs in RASA_RESPONSES.items() if name in theirs), "")
    return {str(language): text for language, text in REPAIR_TEXTS[ours].items()} if ours else None


def default_pattern(name: str) -> dict[str, Any]:
    """A flow for one of Rasa's patterns, for a project that links to it and does not have it."""
    steps = _PATTERNS.get(name, [_ENDING])
    return {"description": name.removeprefix("pattern_").replace("_", " "), "steps": [dict(step) for step in steps]}
