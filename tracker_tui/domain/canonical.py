"""Domain values as JSON: camelCase names, RFC 3339 times, unset optional fields omitted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

from tracker_tui.domain.cursor import Cursor

_EXACT = 1 << 53
"""Below this every whole number has a float of its own (IEEE 754)."""


def rfc3339(time: datetime) -> str:
    """Format `time` in UTC with milliseconds, as on the wire."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def plain(value: Any, time: Callable[[datetime], str] = rfc3339, key: Callable[[str], str] | None = None) -> Any:
    """Convert a domain value to what `json.dumps` accepts; equal numbers are written alike.

    Args:
        value: A dataclass, a number, a text, a time, or a collection of these.
        time: Formats a time.
        key: Returns the key for the name of a field; `wire_name` unless given.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, Cursor):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(item, time, key) for item in value]
    if isinstance(value, dict):
        return {name: plain(item, time, key) for name, item in value.items()}
    return {
        name: plain(item, time, key)
        for attribute, name, default in _layout(value.__class__, key or wire_name)
        if (item := getattr(value, attribute)) != default
    }


def canonical(value: Any) -> str:
    """Return a domain value as canonical JSON: sorted keys, no spaces, no unneeded escapes (PROTOCOL §2).

    Values are equal exactly if their canonical JSON is equal, so times include microseconds.
    """
    return json.dumps(plain(value, _to_the_microsecond), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _to_the_microsecond(time: datetime) -> str:
    return f"{rfc3339(time)[:-1]}{time.microsecond % 1000:03d}Z" if time.microsecond % 1000 else rfc3339(time)


@cache
def _layout(kind: type, key: Callable[[str], str]) -> tuple[tuple[str, str, Any], ...]:
    """Return, for each field of a dataclass, its attribute, its key and the value that is left out."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no JSON form")
    return tuple(
        (
            field.name,
            key(field.name),
            # Only None and () may be omitted: `type` has a default in Python, but is required on the wire.
            field.default if field.default in (None, ()) else MISSING,
        )
        for field in fields(kind)
    )


def wire_name(attribute: str) -> str:
    """Return the camelCase name of a snake_case attribute, without a trailing underscore (``from_``)."""
    head, *rest = attribute.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in rest)
