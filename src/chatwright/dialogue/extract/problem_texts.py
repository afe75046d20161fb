"""How the bot says that a value cannot be taken: a sentence in each language for every problem of `checks.py`.

`{name}` is replaced as in `dialogue/texts.py`; an owner overrides them the same way, by name.
"""

from chatwright.messages import Language

PROBLEM_TEXTS: dict[str, dict[Language, str]] = {
    "slot_not_yes_no": {
        "zh": "抱歉，我没有听出您的意思是“是”还是“不是”。",
        "en": "Sorry, I could not tell whether that is a yes or a no.",
    },
    "slot_not_a_number": {
        "zh": "抱歉，“{value}”我没能读成一个数字，请直接写数字，例如 3。",
        "en": "Sorry, I could not read “{value}” as a number. Please write one, such as 3.",
    },
    "slot_too_small": {
        "zh": "{value} 太小了，最少是 {min}。",
        "en": "{value} is too small; the least is {min}.",
    },
    "slot_too_large": {
        "zh": "{value} 太大了，最多是 {max}。",
        "en": "{value} is too large; the most is {max}.",
    },
    "slot_not_a_choice": {
        "zh": "抱歉，没有“{value}”这个选项。可选的有：{choices}。",
        "en": "Sorry, “{value}” is not one of the choices. They are: {choices}.",
    },
    "slot_near_choice": {
        "zh": "抱歉，没有“{value}”这个选项。您是指 {choices} 吗？",
        "en": "Sorry, “{value}” is not one of the choices. Did you mean {choices}?",
    },
    "slot_not_a_date": {
        "zh": "抱歉，“{value}”我没能读成一个日期，请写成例如 11月25日 或 下周三。",
        "en": "Sorry, I could not read “{value}” as a date. Please write it like 25 November or next Wednesday.",
    },
    "slot_no_such_date": {
        "zh": "日历上没有 {value} 这一天，请再确认一下日期。",
        "en": "There is no such day as {value}. Please check the date.",
    },
    "slot_not_a_time": {
        "zh": "抱歉，“{value}”我没能读成一个时间，请写成例如 14:30 或 下午两点半。",
        "en": "Sorry, I could not read “{value}” as a time. Please write it like 14:30 or half past two.",
    },
    "slot_not_money": {
        "zh": "抱歉，“{value}”我没能读成一个金额，请写成例如 12.50 元。",
        "en": "Sorry, I could not read “{value}” as an amount. Please write it like $12.50.",
    },
    "slot_not_a_phone": {
        "zh": "“{value}”看起来不是一个完整的电话号码，请再核对一下。",
        "en": "“{value}” does not look like a complete phone number. Please check it.",
    },
    "slot_not_an_email": {
        "zh": "“{value}”看起来不是一个完整的邮箱地址，请再核对一下。",
        "en": "“{value}” does not look like a complete e-mail address. Please check it.",
    },
    "slot_not_of_form": {
        "zh": "“{value}”的格式不对，请再核对一下。",
        "en": "“{value}” does not have the right form. Please check it.",
    },
    "slot_not_a_text": {
        "zh": "抱歉，这里需要一段文字。",
        "en": "Sorry, some text is needed here.",
    },
    "slot_empty": {
        "zh": "抱歉，我没有读到内容，请再说一次。",
        "en": "Sorry, I did not get anything. Please say it again.",
    },
    "slot_too_long": {
        "zh": "这段内容太长了，请控制在 {max_chars} 个字以内。",
        "en": "That is too long; please keep it within {max_chars} characters.",
    },
    "slot_too_many": {
        "zh": "一次最多可以有 {max_items} 项。",
        "en": "There can be at most {max_items} items.",
    },
}
