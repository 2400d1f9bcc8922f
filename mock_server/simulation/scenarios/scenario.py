"""Scenarios: the orders that a mock server simulates and the faults that it injects, written in TOML."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mock_server.simulation.lifecycles.lifecycle import draw_lifecycle
from mock_server.simulation.lifecycles.spec import MAX_SECONDS, OrderSpec
from mock_server.validation import describe_error, integer_field, number_field, show_value, tables_field, text_field

_FAULT = re.compile(r"[a-z][a-z-]*(:[a-z_-]+=[^,=\s]+(,[a-z_-]+=[^,=\s]+)*)?", re.ASCII)
_FAULT_FORM = "a fault as NAME or NAME:key=value,key=value, or 'heal'"


class ScenarioError(Exception):
    """A scenario cannot be used; the text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario.

    Attributes:
        name: The name of the bundled scenario, or of the file.
        orders: The orders; with `fill`, also the templates of generated orders.
        fill: The number of orders including generated ones; None for `orders` alone.
        timeline: Faults by seconds after the start at speed 1; ``heal`` heals all faults.
    """

    name: str
    title: str
    description: str
    orders: tuple[OrderSpec, ...]
    fill: int | None = None
    timeline: tuple[tuple[float, str], ...] = ()


def scenario_names() -> list[str]:
    """Return the names of the bundled scenarios."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__package__).iterdir() if entry.name.endswith(".toml")
    )


def load_scenario(name_or_path: str) -> Scenario:
    """Read a scenario.

    Args:
        name_or_path: The name of a bundled scenario, or the path of a TOML file.

    Raises:
        ScenarioError: The scenario does not exist, or the file is not valid.
    """
    if name_or_path in scenario_names():
        return _parse(
            name_or_path, f"{name_or_path}.toml", files(__package__).joinpath(f"{name_or_path}.toml").read_bytes()
        )
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise ScenarioError(
            f"no scenario is called {name_or_path!r}; there are {', '.join(scenario_names())}, or give the path of a"
            " .toml file"
        )
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ScenarioError(f"cannot read the scenario {name_or_path!r}: {reason}; check the path") from error
    return _parse(path.stem, name_or_path, content)


def _check_fault(text: str) -> str:
    if _FAULT.fullmatch(text) is None:
        raise ValueError(f"must be {_FAULT_FORM}")
    return text


class _TimelineEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: Annotated[float, number_field(0, MAX_SECONDS, "a number: seconds after the start")]
    fault: Annotated[str, AfterValidator(_check_fault), Field(description=_FAULT_FORM)]


class _ScenarioFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str | None, text_field()] = None
    description: Annotated[str | None, text_field()] = None
    fill: Annotated[int | None, integer_field(1, 10_000)] = None
    orders: Annotated[list[OrderSpec], tables_field("orders")] = []
    timeline: Annotated[list[_TimelineEntry], tables_field("timeline")] = []


_TABLES = {
    "": _ScenarioFile.model_fields,
    "orders": OrderSpec.__pydantic_fields__,  # type: ignore[attr-defined]
    "timeline": _TimelineEntry.model_fields,
}


def _parse(name: str, file: str, content: bytes) -> Scenario:
    try:
        values = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{file} is not TOML in UTF-8: {' '.join(str(error).split())}") from error
    try:
        scenario = _ScenarioFile.model_validate(values)
    except ValidationError as error:
        raise ScenarioError(describe_error(error, file, _TABLES, first_index=1)) from error
    _check_orders(file, scenario)
    return Scenario(
        name=name,
        title=scenario.title or name,
        description=scenario.description or "",
        orders=tuple(scenario.orders),
        fill=scenario.fill,
        timeline=tuple(sorted(((entry.at, entry.fault) for entry in scenario.timeline), key=lambda entry: entry[0])),
    )


def _check_orders(file: str, scenario: _ScenarioFile) -> None:
    """Check rules about several orders, or about the lifecycle of one.

    Raises:
        ScenarioError: A rule is broken.
    """
    orders = scenario.orders
    if not orders:
        raise ScenarioError(f"{file} has no orders; add at least one as [[orders]]")
    if scenario.fill is not None and scenario.fill < len(orders):
        raise ScenarioError(f"{file}: fill must be at least the number of orders, {len(orders)}, not {scenario.fill}")
    taken: set[str] = set()
    for number, spec in enumerate(orders, start=1):
        place = f"{file}: orders[{number}]"
        if spec.id in taken:
            raise ScenarioError(f"{place}.id: {spec.id!r} is taken; give every order an id of its own")
        taken.add(spec.id)
        try:
            # The stages of a lifecycle depend on the scenario alone, never on the seed.
            draw_lifecycle(spec, Random(0))
        except ValueError as error:
            raise ScenarioError(
                f"{place}.start must be a stage of its lifecycle ({error}), not {show_value(spec.start)}"
            ) from error
