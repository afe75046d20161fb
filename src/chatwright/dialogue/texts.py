"""Every sentence the bot says of itself, in Chinese and English. In: a name and a language. Out: the text.

The owner of a bot may override any of them by name (`texts:` in bot.yaml). `{name}` is replaced by a value; a stretch
in double square brackets is left out when one of its values is empty. Nothing else in a text has a meaning: it is
never given to `str.format`.
"""

import re
from collections.abc import Mapping

from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language

_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_VALUE = re.compile(r"\{(\w+)\}")

_TEXTS: dict[str, dict[Language, str]] = {
    "greeting": {
        "zh": "您好，我是 AI 助手，不是真人。请问有什么可以帮您？我只根据现有资料回答，查不到的会如实告诉您。",
        "en": "Hello, I am an AI assistant, not a person. How can I help? I answer only from our own documents, "
        "and I will tell you when I cannot find something.",
    },
    "abstain": {
        "zh": "抱歉，我在现有资料里没有找到这个问题的答案，不想随便猜测误导您。需要我为您转接人工客服吗？"
        "[[您也可以直接联系我们：{contact}。]]",
        "en": "I am sorry, I could not find the answer to that in our documents, and I would rather not guess. "
        "Would you like me to pass you to a colleague?[[ You can also reach us directly: {contact}.]]",
    },
    "quoted_other_language": {
        "zh": "以下内容来自英文资料：",
        "en": "This is from our Chinese-language documents:",
    },
    "person": {
        "zh": "好的，已为您登记转接人工客服，我们的同事会看到这段对话并尽快回复您。"
        "[[着急的话也可以直接联系：{contact}。]]",
        "en": "Of course. I have asked a colleague to take over; they will see this conversation and reply as soon as "
        "they can.[[ If it is urgent, you can also reach us directly: {contact}.]]",
    },
    "accept": {
        "zh": "好的，已为您登记转接人工客服，我们的同事会看到这段对话并尽快回复您。"
        "[[着急的话也可以直接联系：{contact}。]]",
        "en": "Thank you. I have asked a colleague to take over; they will see this conversation and reply as soon as "
        "they can.[[ If it is urgent, you can also reach us directly: {contact}.]]",
    },
    "decline": {
        "zh": "好的，有其他问题随时问我。",
        "en": "All right. If anything else comes up, just ask.",
    },
    "ok": {
        "zh": "好的。还有其他想了解的吗？",
        "en": "Good. Is there anything else I can help you with?",
    },
    "thanks": {
        "zh": "不客气，很高兴能帮到您。还有问题的话随时告诉我。",
        "en": "You are welcome. If there is anything else, just ask.",
    },
    "bye": {
        "zh": "感谢您的咨询，再见，祝您一切顺利！",
        "en": "Thank you for getting in touch. Goodbye, and have a good day!",
    },
    "is_bot": {
        "zh": "我是 AI 助手，不是真人。我会根据现有资料回答您的问题；如果您想和真人沟通，说一声“转人工”就可以。",
        "en": "I am an AI assistant, not a person. I answer from our own documents; if you would rather talk to a "
        "person, just say so.",
    },
    "no_words": {
        "zh": "收到！不过我看不出您想问什么，方便用一句话告诉我吗？",
        "en": "Got it! I cannot tell what you would like to know from that, though. Could you put it in a few words?",
    },
    "empty": {
        "zh": "您好像还没有输入内容，请告诉我您想了解什么。",
        "en": "Your message seems to be empty. What would you like to know?",
    },
    "too_long": {
        "zh": "您的消息太长了，我一次最多能读 {limit} 个字符。请缩短一些，或分几次发给我。",
        "en": "That message is too long for me: I can read up to {limit} characters at once. Please shorten it or send "
        "it in parts.",
    },
    "refused": {
        "zh": "抱歉，这个请求我无法处理。如果您有关于产品或服务的问题，我很乐意帮忙。",
        "en": "I am sorry, I cannot help with that request. I am happy to help with questions about our products and "
        "services.",
    },
    "internal_error": {
        "zh": "抱歉，我这边出了点问题，没能完成回答。请稍后再试一次。[[着急的话可以直接联系：{contact}。]]",
        "en": "I am sorry, something went wrong on our side and I could not finish. Please try again in a moment."
        "[[ If it is urgent, you can reach us directly: {contact}.]]",
    },
}

TEXT_NAMES = frozenset(_TEXTS)


def text(
    name: str, language: Language, overrides: Mapping[str, Mapping[Language, str]] | None = None, /, **values: str
) -> str:
    """The sentence `name` in `language`, the owner's where there is one.

    Raises ConfigError for a name that is not in TEXT_NAMES.
    """
    if name not in _TEXTS:
        raise ConfigError(f"There is no fixed text {name!r}.", hint=nearest(name, sorted(_TEXTS)))
    template = (overrides or {}).get(name, {}).get(language) or _TEXTS[name][language]
    return fill_text(template, values)


def fill_text(template: str, values: Mapping[str, str], *, missing: str | None = None) -> str:
    """`template` with its values. missing: what stands where a value is not given; None leaves the place as it is."""

    def optional(match: re.Match[str]) -> str:
        return match[1] if all(values.get(needed) for needed in _VALUE.findall(match[1])) else ""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0] if missing is None else missing)

    return _VALUE.sub(value, _OPTIONAL.sub(optional, template))
