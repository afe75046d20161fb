"""Words a slot's value for people: dates, times, money, lists, yes and no, in either language.

In: a JSON value, the slot it belongs to if any, the language. Out: text on one line, never longer than MAX_SHOWN_CHARS.
Never raises: what is not of the expected form is shown as it is.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chatwright.dialogue.domain import Slot
from chatwright.messages import Language

MAX_SHOWN_CHARS = 2000
_WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_YES_NO: Mapping[Language, Mapping[bool, str]] = {"zh": {True: "是", False: "否"}, "en": {True: "yes", False: "no"}}
_CURRENCIES: Mapping[str, Mapping[Language, str]] = {
    "CNY": {"zh": "{} 元", "en": "CNY {}"}, "USD": {"zh": "{} 美元", "en": "US${}"},
    "HKD": {"zh": "{} 港元", "en": "HK${}"}, "TWD": {"zh": "{} 新台币", "en": "NT${}"},
    "EUR": {"zh": "{} 欧元", "en": "€{}"}, "GBP": {"zh": "{} 英镑", "en": "£{}"}, "JPY": {"zh": "{} 日元", "en": "¥{}"},
}  # fmt: skip


def show_value(value: Any, language: Language, slot: Slot | None = None) -> str:
    """The value as a person would write it; "" for null."""
    shown = " ".join(_shown(value, language, slot).split())
    return shown if len(shown) <= MAX_SHOWN_CHARS else shown[: MAX_SHOWN_CHARS - 1] + "…"


def _shown(value: Any, language: Language, slot: Slot | None) -> str:
    if value is None:
        return ""
    if slot and (label := _label(value, language, slot)):
        return label
    if isinstance(value, bool):
        return _YES_NO[language][value]
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, list | tuple):
        return _listed([_shown(item, language, slot) for item in value], language)
    if isinstance(value, Mapping):
        return _money(value, language) or _pairs(value, language)
    if slot and slot.format == "date":
        return _date(str(value), language)
    return str(value)


def _label(value: Any, language: Language, slot: Slot) -> str:
    if not isinstance(value, str | int | float | bool) or value == slot.name:
        return ""
    for known, labels in slot.labels.items():
        if type(known) is type(value) and known == value:
            return next(iter(labels.get(language, ())), "")
    return ""


def _date(value: str, language: Language) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _money(value: Mapping[str, Any], language: Language) -> str:
    if set(value) != {"amount", "currency"}:
        return ""
    form = _CURRENCIES.get(str(value["currency"]), {}).get(language)
    return form.format(value["amount"]) if form else f"{value['amount']} {value['currency']}".strip()


def _listed(items: list[str], language: Language) -> str:
    if language == "zh" or len(items) < 2:
        return "、".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _pairs(value: Mapping[str, Any], language: Language) -> str:
    mark, joint = ("：", "；") if language == "zh" else (": ", "; ")
    return joint.join(f"{key}{mark}{_shown(item, language, None)}" for key, item in value.items())
