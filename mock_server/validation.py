"""Files that pydantic validates: parameters of their fields, and one line for the first error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

_MESSAGES = {
    "dataclass_type": "must be a table",
    "model_type": "must be a table",
    "string_type": "must be a text",
}
"""Messages by pydantic's type of error, where its own message speaks of Python."""

_EXTRA_KEY = ("extra_forbidden", "unexpected_keyword_argument")
_MAX_SHOWN = 60


def text_field() -> Any:
    """Describe a text that is not empty."""
    return Field(min_length=1, max_length=1000, description="a text of 1 to 1000 characters")


def number_field(low: float, high: float, description: str | None = None) -> Any:
    """Describe a finite number within limits; the limits are allowed."""
    description = description or f"a number from {low:.12g} to {high:.12g}"
    return Field(strict=True, ge=low, le=high, allow_inf_nan=False, description=description)


def integer_field(low: int, high: int) -> Any:
    """Describe a whole number within limits; the limits are allowed."""
    return Field(strict=True, ge=low, le=high, description=f"a whole number from {low} to {high}")


def tables_field(name: str) -> Any:
    """Describe a list of tables."""
    return Field(max_length=1000, description=f"a list of at most 1000 tables, each written as [[{name}]]")


def describe_error(
    error: ValidationError, file: str, tables: Mapping[str, Mapping[str, FieldInfo]], *, first_index: int
) -> str:
    """Describe the first error of a file: its place, what is allowed there, and what was found.

    Args:
        error: The errors that pydantic found.
        file: The file's name, as it is shown.
        tables: The fields of the file under "", and those of each of its lists of tables under the list's name.
        first_index: The number of the first element of a list.
    """
    found = error.errors(include_url=False)[0]
    location, kind = found["loc"], found["type"]
    fields = tables[str(location[0]) if len(location) > 2 else ""] if location else {}
    if kind in _EXTRA_KEY:
        table = f"{file}{_place(location[:-1], first_index)}"
        return f"{table}: unknown key {show_value(location[-1])}; allowed: {', '.join(fields)}"
    place, value = f"{file}{_place(location, first_index)}", show_value(found["input"])
    field = fields.get(str(location[-1])) if location else None
    if kind == "value_error":
        return f"{place} {found['ctx']['error']}, not {value}"
    if field is not None and field.description:
        return f"{place} must be {field.description}" + ("; it is missing" if kind == "missing" else f", not {value}")
    message = _MESSAGES.get(kind) or re.sub(r"^\w+ should", "must", found["msg"])
    return f"{place} {message}, not {value}"


def show_value(value: object) -> str:
    """Return a value as one line of at most 60 characters."""
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"


def _place(location: tuple[Any, ...], first_index: int) -> str:
    parts = [f"[{part + first_index}]" if isinstance(part, int) else f".{part}" for part in location]
    path = "".join(parts).removeprefix(".")
    return f": {path}" if path else ""
