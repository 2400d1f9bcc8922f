"""Faults as text: `NAME[:key=value,…]`, and what may be written there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from mock_server.faults.base import Fault
from mock_server.faults.catalogue import FAULTS
from mock_server.faults.tcp import TCP_FAULTS
from tracker_tui.domain.order import is_order_id

HEAL = "heal"
"""What stands in the place of a fault where everything is to heal."""

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_YES = ("true", "yes", "1")
_NO = ("false", "no", "0")
_UNSET = ("none", "all")


class FaultError(Exception):
    """A fault that there isn't, or a parameter that it can't have; one line for people."""


@dataclass(frozen=True, slots=True)
class FaultParameter:
    """One parameter of a fault.

    Attributes:
        name: As it is written.
        default: As it is written; `none` where there is none.
        allowed: What it may be, for people.
    """

    name: str
    default: str
    allowed: str


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A fault as the catalogue shows it."""

    name: str
    level: str
    summary: str
    advice: str
    parameters: tuple[FaultParameter, ...]


def is_heal(text: str) -> bool:
    """Whether `text` asks for healing instead of a fault."""
    return text.strip() == HEAL


def parse_fault(text: str, faults: Mapping[str, type[Fault]] = FAULTS) -> Fault:
    """Read `NAME[:key=value,…]`.

    Args:
        text: What was written.
        faults: The catalogue: the gateway's or the proxy's.

    Raises:
        FaultError: No such fault, no such parameter, or not a value for it.
    """
    name, _, rest = text.strip().partition(":")
    kind = faults.get(name)
    if kind is None:
        raise FaultError(f"{_missing(name)}; `mock-server faults` lists them")
    values: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        known = {parameter.name for parameter in _parameters(kind)}
        if not equals or key not in known:
            takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            raise FaultError(f"{name} has no parameter {key!r}; {takes}")
        if _attribute(key) in values:
            raise FaultError(f"{name}: {key} is written twice")
        values[_attribute(key)] = _value(kind, key, value)
    return kind(**values)


def format_fault(fault: Fault) -> str:
    """Write a fault as `parse_fault` reads it, without what is at its default."""
    chosen = [
        f"{_key(field.name)}={_text(getattr(fault, field.name))}"
        for field in fields(fault)
        if getattr(fault, field.name) != field.default
    ]
    return ":".join([fault.name, ",".join(chosen)] if chosen else [fault.name])


def list_faults(faults: Mapping[str, type[Fault]] = FAULTS) -> list[CatalogueEntry]:
    """Every fault with its parameters."""
    return [
        CatalogueEntry(kind.name, kind.level.value, (kind.__doc__ or "").strip(), kind.advice, tuple(_parameters(kind)))
        for kind in faults.values()
    ]


def _missing(name: str) -> str:
    if name in TCP_FAULTS:
        return f"{name} is a fault of `mock-server proxy`, not of the gateway"
    if name in FAULTS:
        return f"{name} is a fault of the gateway, not of `mock-server proxy`"
    return f"there is no fault {name!r}"


def _parameters(kind: type[Fault]) -> list[FaultParameter]:
    hints = get_type_hints(kind)
    return [
        FaultParameter(_key(field.name), _text(field.default), _allowed(hints[field.name], field.metadata))
        for field in fields(kind)
    ]


def _value(kind: type[Fault], key: str, text: str) -> Any:
    field = next(field for field in fields(kind) if field.name == _attribute(key))
    hint = get_type_hints(kind)[field.name]
    wrong = FaultError(f"{kind.name}: {key} is {_allowed(hint, field.metadata)}, not {text!r}")
    base, optional = _base(hint)
    if key == "order":
        if not is_order_id(text):
            raise wrong
        return text
    if base is str:
        if not field.metadata.get("allowed", lambda _: True)(text):
            raise wrong
        return text
    if optional and text in _UNSET:
        return None
    if base is bool:
        if text not in _YES + _NO:
            raise wrong
        return text in _YES
    if issubclass(base, StrEnum):
        if text not in list(base):
            raise wrong
        return base(text)
    if _NUMBER.fullmatch(text) is None or (base is int and "." in text):
        raise wrong
    number = base(text)
    low, high = field.metadata.get("range", (number, number))
    allowed = field.metadata.get("allowed", lambda _: True)
    if not low <= number <= high or not allowed(number):
        raise wrong
    return number


def _allowed(hint: Any, metadata: Any) -> str:
    base, optional = _base(hint)
    if base is str:
        return str(metadata.get("hint", "an order id" if optional else "text"))
    if base is bool:
        return "true or false"
    if issubclass(base, StrEnum):
        return " | ".join(base)
    kind = "a whole number" if base is int else "a number"
    if "hint" in metadata:
        return f"{kind}: {metadata['hint']}"
    low, high = metadata["range"]
    return f"{kind} from {low:g} to {high:g}" + (", or none" if optional else "")


def _base(hint: Any) -> tuple[type[Any], bool]:
    """The type inside an optional one, and whether it is optional."""
    if get_origin(hint) in (Union, UnionType):
        (base,) = (part for part in get_args(hint) if part is not type(None))
        return base, True
    return hint, False


def _key(attribute: str) -> str:
    # `for` is a word of Python's; with an underscore a shell user may write it either way.
    return attribute.rstrip("_")


def _attribute(key: str) -> str:
    return "for_" if key == "for" else key


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
