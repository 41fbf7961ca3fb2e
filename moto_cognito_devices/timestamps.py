"""``TIMESTAMP``: ``EEE MMM d HH:mm:ss z yyyy`` of Java, in English whatever the locale, the day without a zero."""

from __future__ import annotations

import re
from datetime import datetime

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FORM = re.compile(
    rf"(?:{'|'.join(_WEEKDAYS)}) ({'|'.join(_MONTHS)}) "
    r"(\d{1,2}) (\d{1,2}):(\d{2}):(\d{2}) ([A-Z]{1,5}) (\d{4})",
    re.ASCII,
)


def write(moment: datetime, zone: str = "UTC") -> str:
    """``Tue Sep 5 00:09:40 UTC 2023``."""
    weekday, month = _WEEKDAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{weekday} {month} {moment.day} {moment:%H:%M:%S} {zone} {moment.year:04}"


def is_exact(text: str) -> bool:
    """Whether a timestamp is as Java would write it: a zero-padded day or a wrong weekday is not.

    :raises ValueError: if it is no timestamp at all
    """
    parts = _FORM.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not in the form EEE MMM d HH:mm:ss z yyyy")
    month, day, hour, minute, second, zone, year = parts.groups()
    moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))  # noqa: DTZ001
    return write(moment, zone) == text
