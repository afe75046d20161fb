"""Writes a spreadsheet's value as a person sees it in its cell.

In: a value and its number format. Out: text. Dates are ISO; percentages, thousands, decimals and currency follow the
format; what the format leaves open is written the shortest way that is exact.
"""

import datetime as dt
import re

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]|_.|\*.')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.([#0?]+))?[#0?,]*")


def write_value(value: object, number_format: str) -> str:
    """The empty text for an empty cell and for a formula's error."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _write_number(value, number_format or "General")
    if isinstance(value, dt.datetime):
        has_time = value.time() != dt.time(0)
        return value.strftime("%Y-%m-%d %H:%M") if has_time else value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    text = str(value)
    return "" if text in ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!") else text


def _write_number(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 and sections[1] else sections[0]
    bare = _QUOTED.sub(lambda match: "".join(map(_keep, match.groups(default=""))), section)
    digits = _DIGITS.search(bare)
    if digits is None or "General" in section or "E+" in section or "/" in bare:
        return _shortest(value)
    prefix, suffix = (_unmark(part) for part in (bare[: digits.start()], bare[digits.end() :]))
    has_own_sign = value < 0 and section is not sections[0]
    number = abs(value) if has_own_sign else value
    if "%" in suffix or "%" in prefix:
        number *= 100
    decimals = len(digits[1] or "")
    optional = (digits[1] or "").count("#")
    text = f"{number:{',' if ',' in digits[0].strip(',') else ''}.{decimals}f}"
    if optional and "." in text:
        whole, fraction = text.split(".")
        kept = fraction[: decimals - optional] + fraction[decimals - optional :].rstrip("0")
        text = f"{whole}.{kept}" if kept else whole
    sign = "-" if text.startswith("-") else ""
    return f"{sign}{prefix}{text.removeprefix('-')}{suffix}".strip()


def _shortest(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.12g}"


# Literal text may itself hold format letters: it is moved to the private use area while the format is read.
def _keep(literal: str) -> str:
    return "".join(chr(0xF0000 + ord(letter)) if ord(letter) < 0x80 else letter for letter in literal)


def _unmark(text: str) -> str:
    return "".join(chr(ord(letter) - 0xF0000) if 0xF0000 <= ord(letter) < 0xF0080 else letter for letter in text)
