"""Date arithmetic on a given today: weeks begin on Monday, nothing reads the clock.

Preference "future" takes the first such day from today on (today included), "past" the last one up to today.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

Preference = Literal["future", "past"]

_MAX_DAYS = 366 * 200  # further away nobody means a date, and date arithmetic would overflow


def add_days(today: date, days: int) -> date | None:
    """None when that is further than 200 years away."""
    return today + timedelta(days=days) if abs(days) <= _MAX_DAYS else None


def add_months(today: date, months: int) -> date | None:
    """The same day `months` later, or the month's last day where it has no such day."""
    if abs(months) > 12 * 200:
        return None
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def first_of_month(today: date, months: int) -> date | None:
    """The first day of the month `months` after this one."""
    return add_months(today.replace(day=1), months)


def last_of_month(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def make_date(year: int, month: int, day: int) -> date | None:
    """None when there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def nearest_month_day(today: date, month: int, day: int, prefer: Preference) -> date | None:
    """Such a day of this or a neighbouring year; 29 February looks up to 8 years away."""
    years = range(9) if prefer == "future" else range(0, -9, -1)
    for years_away in years:
        found = make_date(today.year + years_away, month, day)
        if found and (found >= today if prefer == "future" else found <= today):
            return found
    return None


def nearest_day_of_month(today: date, day: int, prefer: Preference) -> date | None:
    """The 5th from today on, in a month that has such a day."""
    months = range(4) if prefer == "future" else range(0, -4, -1)
    for months_away in months:
        first = first_of_month(today, months_away)
        found = make_date(first.year, first.month, day) if first else None
        if found and (found >= today if prefer == "future" else found <= today):
            return found
    return None


def weekday_of_week(today: date, weekday: int, weeks: int) -> date | None:
    """Weekday 1 (Monday) to 7 of the calendar week `weeks` after this one."""
    return add_days(today, 7 * weeks + weekday - today.isoweekday())


def nearest_weekday(today: date, weekday: int, prefer: Preference) -> date:
    away = (weekday - today.isoweekday()) % 7
    if prefer == "past" and away:
        away -= 7
    return today + timedelta(days=away)


def as_date(value: str) -> date | None:
    """The date of an ISO text "2026-11-25"; None for anything else, a day that does not exist included."""
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
