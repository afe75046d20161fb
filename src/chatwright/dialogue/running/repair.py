"""What the bot says when a process does not go straight on: the texts of repair, in both languages, and who overrides.

In: a name and values. Out: text. A bot folder overrides a text by a response `utter_NAME` (or the response that Rasa
uses there), by `texts:` in bot.yaml, and the whole behaviour by a flow `pattern_…`. `{name}` is replaced by a value; a
stretch in double square brackets is left out when one of its values is empty.
"""

# ruff: noqa: E501 - a text reads best on one line

from collections.abc import Mapping

from chatwright.dialogue.extract import PROBLEM_TEXTS
from chatwright.dialogue.texts import fill_text
from chatwright.messages import Language

Texts = Mapping[str, Mapping[Language, str]]

REPAIR_TEXTS: dict[str, dict[Language, str]] = {
    "session_start": {
        "zh": "您好，我是 AI 助手，不是真人。请问有什么可以帮您？",
        "en": "Hello, I am an AI assistant, not a person. How can I help?",
    },
    "restarted": {
        "zh": "好的，我们重新开始。请问需要办理什么？",
        "en": "All right, let's start over. What can I do for you?",
    },
    "completed": {
        "zh": "请问还有其他可以帮您的吗？",
        "en": "Is there anything else I can help you with?",
    },
    "flow_cancelled": {
        "zh": "好的，已取消“{flow}”。",
        "en": "All right, I have cancelled “{flow}”.",
    },
    "flow_cancelled_after_write": {
        "zh": "好的，“{flow}”就到这里。请注意：之前已经确认办理的部分不会因此撤销。",
        "en": "All right, I am leaving “{flow}” here. Please note that what you already confirmed stays done.",
    },
    "nothing_to_cancel": {
        "zh": "目前没有正在办理的事项，不需要取消。",
        "en": "There is nothing in progress to cancel.",
    },
    "corrected": {
        "zh": "好的，已更正：{changes}。",
        "en": "All right, I have changed that: {changes}.",
    },
    "correction_too_late": {
        "zh": "抱歉，“{slot}”已经按“{value}”办理完成，我在这里无法再修改。如需更改，我可以为您转接人工客服。",
        "en": "I am sorry, this has already been carried out with {slot}: {value}, and I cannot change it here. A colleague can; just ask for a person.",
    },
    "which_value": {
        "zh": "您给出了不止一个“{slot}”：{values}。请问以哪个为准？",
        "en": "You gave more than one value for {slot}: {values}. Which one should I take?",
    },
    "which_flow": {
        "zh": "请问您想办理的是哪一项？",
        "en": "Which of these would you like to do?",
    },
    "which_flow_one": {
        "zh": "请问您是想办理“{flow}”吗？",
        "en": "Would you like to do this: “{flow}”?",
    },
    "flow_interrupted": {
        "zh": "好的，我们先办理“{flow}”，之后再继续“{interrupted}”。",
        "en": "All right, let's do “{flow}” first and come back to “{interrupted}” afterwards.",
    },
    "continue_interrupted": {
        "zh": "我们继续办理“{flow}”。",
        "en": "Let's go on with “{flow}”.",
    },
    "next_flow": {
        "zh": "接下来办理“{flow}”。",
        "en": "Next: “{flow}”.",
    },
    "too_many_flows": {
        "zh": "我们手上已经有好几件事没办完了，先完成当前这件吧。",
        "en": "Several things are still open already; let's finish the current one first.",
    },
    "flow_not_available": {
        "zh": "抱歉，目前无法为您办理“{flow}”。",
        "en": "I am sorry, “{flow}” is not available to you at the moment.",
    },
    "digression_return": {
        "zh": "回到刚才的“{flow}”：",
        "en": "Back to “{flow}”:",
    },
    "no_answer": {
        "zh": "抱歉，这个问题我在现有资料里没有找到答案。",
        "en": "I am sorry, I could not find the answer to that in our documents.",
    },
    "ask_slot": {
        "zh": "请告诉我：{slot}。",
        "en": "Please tell me: {slot}.",
    },
    "cannot_skip": {
        "zh": "这一项办理“{flow}”时需要，暂时不能跳过。如果不想继续，可以说“取消”。",
        "en": "I need this to go on with “{flow}”, so I cannot skip it. If you would rather not go on, just say “cancel”.",
    },
    "skipped": {
        "zh": "好的，这一项先跳过。",
        "en": "All right, I will leave that out.",
    },
    "nothing_to_skip": {
        "zh": "目前没有需要跳过的问题。",
        "en": "There is no question to skip right now.",
    },
    "nothing_to_repeat": {
        "zh": "我还没有说过什么。请问有什么可以帮您？",
        "en": "I have not said anything yet. How can I help?",
    },
    "user_silence": {
        "zh": "您还在吗？不着急，准备好了再回复我就可以。",
        "en": "Are you still there? No hurry; reply whenever you are ready.",
    },
    "empty": {
        "zh": "您好像还没有输入内容。",
        "en": "Your message seems to be empty.",
    },
    "too_long": {
        "zh": "您的消息太长了，我一次最多能读 {limit} 个字符。请缩短一些，或分几次发给我。",
        "en": "That message is too long for me: I can read up to {limit} characters at once. Please shorten it or send it in parts.",
    },
    "cannot_handle": {
        "zh": "抱歉，我没有听明白，能换一种说法吗？",
        "en": "I am sorry, I did not understand that. Could you put it another way?",
    },
    "cannot_handle_in_flow": {
        "zh": "抱歉，我还是没有听明白。您可以直接回答下面的问题，也可以说“取消”或“转人工”。",
        "en": "I am sorry, I still did not understand. You can answer the question below, or say “cancel” or “talk to a person”.",
    },
    "cannot_handle_choices": {
        "zh": "抱歉，我还是没有听明白。以下是我可以帮您办理的：",
        "en": "I am sorry, I still did not understand. Here is what I can do for you:",
    },
    "cannot_handle_person": {
        "zh": "抱歉，我一直没能听懂您的意思。需要我为您转接人工客服吗？",
        "en": "I am sorry, I keep failing to understand you. Would you like me to pass you to a colleague?",
    },
    "flow_failed": {
        "zh": "抱歉，我这边出了点问题，“{flow}”没能办完。您填写的信息我都留着。需要我为您转接人工客服吗？",
        "en": "I am sorry, something went wrong on our side and I could not finish “{flow}”. What you told me is kept. Would you like me to pass you to a colleague?",
    },
    "write_unclear": {
        "zh": "抱歉，“{flow}”提交时出了问题，我无法确定是否已经办理成功，所以不会自动重试。需要我为您转接人工客服核实吗？",
        "en": "I am sorry, something went wrong while submitting “{flow}”. I cannot tell whether it was carried out, so I will not try again by myself. Would you like me to pass you to a colleague who can check?",
    },
    "human_handoff": {
        "zh": "好的，已为您登记转接人工客服，我们的同事会看到这段对话并尽快回复您。",
        "en": "Of course. I have asked a colleague to take over; they will see this conversation and reply as soon as they can.",
    },
    "person_declined": {
        "zh": "好的，需要的时候随时告诉我。",
        "en": "All right. If you need one later, just say so.",
    },
    "code_changed": {
        "zh": "我们的办理流程刚刚更新了，之前未完成的部分需要重新开始；您提供过的信息我都留着。",
        "en": "Our process has just been updated, so what was not finished has to start again; what you told me is kept.",
    },
    "confirm_write": {
        "zh": "请核对以下信息，确认无误后我再提交{action}：",
        "en": "Please check these details before I submit them{action}:",
    },
    "confirm_question": {
        "zh": "确认提交吗？",
        "en": "Shall I go ahead?",
    },
    "confirm_unread": {
        "zh": "抱歉，我没有听明白“{said}”，所以还没有提交，内容也没有改动。要按下面这样办请说“确认提交”；不办了请说“取消”；要改请告诉我改哪一项、改成什么。",
        "en": "I am sorry, I did not understand “{said}”, so nothing has been submitted and nothing has been changed. Say “submit” to go ahead exactly as below, “cancel” to stop, or tell me what to change and to what.",
    },
    "confirm_which": {
        "zh": "您要改的是哪一项：{slots}？请说“把……改成……”。目前内容没有改动，也没有提交。",
        "en": "Which of these do you want to change: {slots}? Please say “change … to …”. So far nothing has been changed or submitted.",
    },
    "confirm_waits": {
        "zh": "好的，不着急，现在还没有提交。想好了请说“确认提交”，不办了请说“取消”。",
        "en": "No hurry; nothing has been submitted yet. Say “submit” when you are ready, or “cancel” to stop.",
    },
    "confirm_open": {
        "zh": "好的。下面的内容还没有提交，要办请说“确认提交”：",
        "en": "All right. The details below have not been submitted yet; say “submit” if I should:",
    },
    "confirm_yes": {"zh": "确认提交", "en": "Yes, go ahead"},
    "confirm_no": {"zh": "不，要修改", "en": "No, change something"},
    "not_confirmed": {
        "zh": "好的，还没有提交。请告诉我要修改哪一项、改成什么；不想办了可以说“取消”。",
        "en": "All right, nothing has been submitted. Tell me what to change and to what, or say “cancel”.",
    },
    "nothing_to_confirm": {
        "zh": "这个确认已经失效，没有重复提交。",
        "en": "That confirmation is no longer open, so nothing was submitted because of it.",
    },
    "yes": {"zh": "是", "en": "Yes"},
    "no": {"zh": "否", "en": "No"},
    "person": {"zh": "转人工", "en": "Talk to a person"},
}  # fmt: skip

REPAIR_TEXT_NAMES = frozenset(REPAIR_TEXTS) | frozenset(PROBLEM_TEXTS)

# The responses that a Rasa project may have reworded, by our name of the same text.
RASA_RESPONSES: Mapping[str, tuple[str, ...]] = {
    "flow_cancelled": ("utter_flow_cancelled_rasa",),
    "completed": ("utter_can_do_something_else",),
    "corrected": ("utter_corrected_previous_input",),
    "which_flow": ("utter_clarification_options_rasa",),
    "continue_interrupted": ("utter_flow_continue_interrupted",),
    "flow_failed": ("utter_internal_error_rasa",),
    "cannot_skip": ("utter_skip_question_answer",),
    "cannot_handle": ("utter_ask_rephrase", "utter_default"),
    "code_changed": ("utter_inform_code_change",),
    "empty": ("utter_user_input_empty_error_rasa",),
    "too_long": ("utter_user_input_too_long_error_rasa",),
    "user_silence": ("utter_ask_still_there",),
    "human_handoff": ("utter_human_handoff",),
    "session_start": ("utter_greet_session_start",),
    "no_answer": ("utter_no_relevant_answer_found", "utter_no_knowledge_base"),
}

# The patterns that are run instead, the first that the bot folder has a flow of. Too long and empty have ids of their own
# and, as in Rasa, are internal errors otherwise.
PATTERNS: Mapping[str, tuple[str, ...]] = {
    "session_start": ("pattern_session_start",),
    "restarted": ("pattern_restart",),
    "completed": ("pattern_completed",),
    "flow_cancelled": ("pattern_cancel_flow",),
    "flow_cancelled_after_write": ("pattern_cancel_flow",),
    "corrected": ("pattern_correction",),
    "which_flow": ("pattern_clarification",),
    "which_flow_one": ("pattern_clarification",),
    "continue_interrupted": ("pattern_continue_interrupted",),
    "digression_return": ("pattern_continue_interrupted",),
    "cannot_skip": ("pattern_skip_question",),
    "skipped": ("pattern_skip_question",),
    "nothing_to_skip": ("pattern_skip_question",),
    "nothing_to_repeat": ("pattern_repeat_bot_messages",),
    "user_silence": ("pattern_user_silence",),
    "cannot_handle": ("pattern_cannot_handle",),
    "cannot_handle_in_flow": ("pattern_cannot_handle",),
    "cannot_handle_choices": ("pattern_cannot_handle",),
    "cannot_handle_person": ("pattern_cannot_handle",),
    "confirm_unread": ("pattern_cannot_handle",),
    "flow_failed": ("pattern_internal_error",),
    "write_unclear": ("pattern_internal_error",),
    "empty": ("pattern_empty", "pattern_internal_error"),
    "too_long": ("pattern_too_long", "pattern_internal_error"),
    "human_handoff": ("pattern_human_handoff",),
    "code_changed": ("pattern_code_change",),
}
SEARCH, CHITCHAT, REPEAT = "pattern_search", "pattern_chitchat", "pattern_repeat_bot_messages"

# Rasa's, which have nothing to do here: the engine collects and validates by itself.
_LEFT_PATTERNS = frozenset({"pattern_collect_information", "pattern_validate_slot", "pattern_validate_collect"})
PATTERN_NAMES = (
    {pattern for patterns in PATTERNS.values() for pattern in patterns} | {SEARCH, CHITCHAT, REPEAT} | _LEFT_PATTERNS
)

# What Rasa's own patterns branch on, by our name of the same text.
RASA_ERRORS: Mapping[str, str] = {
    "too_long": "rasa_error_user_input_too_long",
    "empty": "rasa_error_user_input_empty",
    "flow_failed": "rasa_internal_error",
    "write_unclear": "rasa_internal_error",
}


def repair_text(
    name: str, language: Language, overrides: Texts | None = None, values: Mapping[str, str] | None = None
) -> str:
    """The text `name`, the owner's where there is one. Raises KeyError for a name that is not ours."""
    template = (overrides or {}).get(name, {}).get(language)
    template = template or (REPAIR_TEXTS.get(name) or PROBLEM_TEXTS[name])[language]
    return fill_text(template, values or {}, missing="")
