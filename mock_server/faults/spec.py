"""Faults as text: `NAME[:key=value,…]`, and what may be written there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from annotated_types import Interval
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from mock_server.faults.base import Fault
from mock_server.faults.catalogue import FAULTS
from mock_server.faults.tcp import TCP_FAULTS

HEAL = "heal"
"""The word that stands in place of a fault to heal all faults."""

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_UNSET = ("none", "all")


class FaultError(Exception):
    """An unknown fault, or a parameter or value that it does not have; the text is one line for people."""


@dataclass(frozen=True, slots=True)
class FaultParameter:
    """One parameter of a fault.

    Attributes:
        name: Its name, as it is written.
        default: Its default value, as it is written; `none` where there is none.
        allowed: A description of the allowed values, for people.
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


@dataclass(frozen=True, slots=True)
class _ParameterType:
    """The type of a parameter: its Python type, whether it may be unset, and its allowed values for people."""

    base: type[Any]
    optional: bool
    allowed: str


def is_heal(text: str) -> bool:
    """Return whether `text` asks to heal all faults instead of naming one."""
    return text.strip() == HEAL


def parse_fault(text: str, faults: Mapping[str, type[Fault]] = FAULTS) -> Fault:
    """Parse `NAME[:key=value,…]`.

    Args:
        text: The fault, as it was written.
        faults: The catalogue: the server's or the proxy's.

    Raises:
        FaultError: The fault, a parameter or a value does not exist.
    """
    name, _, rest = text.strip().partition(":")
    kind = faults.get(name)
    if kind is None:
        raise FaultError(f"{_missing(name)}; `mock-server faults` lists them")
    types = _parameter_types(kind)
    written: dict[str, str] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals or key not in types:
            takes = f"it takes {', '.join(sorted(types))}" if types else "it takes none"
            raise FaultError(f"{name} has no parameter {key!r}; {takes}")
        if key in written:
            raise FaultError(f"{name}: {key} is written twice")
        written[key] = value
    values = {_attribute(key): _prepare(kind, key, value) for key, value in written.items()}
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        key = _key(str(error.errors()[0]["loc"][0]))
        raise _wrong_value(kind, key, written[key]) from error


def format_fault(fault: Fault) -> str:
    """Write a fault in the form that `parse_fault` reads, without parameters at their defaults."""
    chosen = [
        f"{_key(field.name)}={_text(getattr(fault, field.name))}"
        for field in fields(fault)
        if getattr(fault, field.name) != field.default
    ]
    return ":".join([fault.name, ",".join(chosen)] if chosen else [fault.name])


def list_faults(faults: Mapping[str, type[Fault]] = FAULTS) -> list[CatalogueEntry]:
    """Return every fault of a catalogue with its parameters."""
    return [
        CatalogueEntry(kind.name, kind.level.value, (kind.__doc__ or "").strip(), kind.advice, tuple(_parameters(kind)))
        for kind in faults.values()
    ]


def _missing(name: str) -> str:
    if name in TCP_FAULTS:
        return f"{name} is a fault of `mock-server proxy`, not of the server"
    if name in FAULTS:
        return f"{name} is a fault of the server, not of `mock-server proxy`"
    return f"there is no fault {name!r}"


def _parameters(kind: type[Fault]) -> list[FaultParameter]:
    types = _parameter_types(kind)
    return [
        FaultParameter(key, _text(field.default), types[key].allowed)
        for key, field in zip(types, fields(kind), strict=True)
    ]


def _prepare(kind: type[Fault], key: str, text: str) -> str | None:
    """Return the text for pydantic: None for an unset value; numbers only in plain decimal notation."""
    parameter = _parameter_types(kind)[key]
    if parameter.base is str:
        return text
    if parameter.optional and text in _UNSET:
        return None
    if parameter.base in (int, float) and _NUMBER.fullmatch(text) is None:
        raise _wrong_value(kind, key, text)
    return text


def _wrong_value(kind: type[Fault], key: str, text: str) -> FaultError:
    return FaultError(f"{kind.name}: {key} is {_parameter_types(kind)[key].allowed}, not {text!r}")


def _parameter_types(kind: type[Fault]) -> dict[str, _ParameterType]:
    hints = get_type_hints(kind, include_extras=True)
    return {_key(field.name): _parameter_type(hints[field.name]) for field in fields(kind)}


def _parameter_type(hint: Any) -> _ParameterType:
    optional = get_origin(hint) in (Union, UnionType)
    if optional:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    base, *constraints = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    return _ParameterType(base, optional, _allowed(base, constraints, optional=optional))


def _allowed(base: type[Any], constraints: list[Any], *, optional: bool) -> str:
    for constraint in constraints:
        if isinstance(constraint, FieldInfo) and constraint.description is not None:
            return constraint.description
        if isinstance(constraint, Interval):
            kind = "a whole number" if base is int else "a number"
            return f"{kind} from {constraint.ge:.12g} to {constraint.le:.12g}" + (", or none" if optional else "")
    if base is bool:
        return "true or false"
    return " | ".join(base) if issubclass(base, StrEnum) else "text"


def _key(attribute: str) -> str:
    # `for` is a keyword of Python, so the attribute is named `for_`.
    return attribute.rstrip("_")


def _attribute(key: str) -> str:
    return "for_" if key == "for" else key


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
