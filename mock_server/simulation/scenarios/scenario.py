"""Scenarios: which orders a mock server lives, and which faults it shows when. Written in TOML."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from random import Random

from mock_server.orders.flows import FLOWS
from mock_server.simulation.lifecycles.lifecycle import draw_lifecycle
from mock_server.simulation.lifecycles.places import CITIES
from mock_server.simulation.lifecycles.spec import ENDED, ENDINGS, TWISTS, OrderSpec
from mock_server.simulation.scenarios.table import ScenarioError, Table
from tracker_tui.domain.order import Outcome, is_order_id

__all__ = ["Scenario", "ScenarioError", "load_scenario", "scenario_names"]

_SCENARIO_KEYS = ("title", "description", "fill", "orders", "timeline")
_ORDER_KEYS = tuple(OrderSpec.__dataclass_fields__)
_TIMELINE_KEYS = ("at", "fault")

_FAULT = re.compile(r"[a-z][a-z-]*(:[a-z_-]+=[^,=\s]+(,[a-z_-]+=[^,=\s]+)*)?", re.ASCII)

_MOST_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a mock server lives.

    Attributes:
        orders: The orders; with `fill`, also the templates of further ones.
        fill: How many orders there are in all; None = those of `orders`.
        timeline: Faults by seconds after the start at speed 1; ``heal`` ends them all. The names are the
            catalogue's to judge.
    """

    name: str
    title: str
    description: str
    orders: tuple[OrderSpec, ...]
    fill: int | None = None
    timeline: tuple[tuple[float, str], ...] = ()


def scenario_names() -> list[str]:
    """The names of the bundled scenarios."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__package__).iterdir() if entry.name.endswith(".toml")
    )


def load_scenario(name_or_path: str) -> Scenario:
    """Read a scenario.

    Args:
        name_or_path: The name of a bundled scenario, or the path of a TOML file.

    Raises:
        ScenarioError: There is no such scenario, or the file has a mistake.
    """
    if name_or_path in scenario_names():
        return _read(
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
    return _read(path.stem, name_or_path, content)


def _read(name: str, file: str, content: bytes) -> Scenario:
    try:
        values = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{file} is not TOML in UTF-8: {' '.join(str(error).split())}") from error
    table = Table(file, values, _SCENARIO_KEYS)
    orders: dict[str, OrderSpec] = {}
    for number, entry in enumerate(table.tables("orders"), start=1):
        spec = _order(f"{file}: orders[{number}]", entry)
        if spec.id in orders:
            raise ScenarioError(f"{file}: orders[{number}].id: {spec.id!r} is taken; give every order an id of its own")
        orders[spec.id] = spec
    if not orders:
        raise ScenarioError(f"{file} has no orders; add at least one as [[orders]]")
    return Scenario(
        name=name,
        title=table.text("title") or name,
        description=table.text("description") or "",
        orders=tuple(orders.values()),
        fill=table.whole("fill", len(orders), 10_000),
        timeline=_timeline(file, table.tables("timeline")),
    )


def _order(place: str, entry: object) -> OrderSpec:
    table = Table(place, entry, _ORDER_KEYS)
    order_id = table.text("id")
    if order_id is None or not is_order_id(order_id):
        raise table.mistake("id", "an order id: 1 to 64 letters, digits and . _ - with a letter or digit first")
    flow = table.choice("flow", FLOWS) or "food"
    ending = table.choice("ending", ENDINGS[flow]) or Outcome.DELIVERED
    if table.has("ends_in") and ending is not Outcome.CANCELLED:
        raise table.mistake("ends_in", "left out unless ending is 'cancelled'")
    if table.has("pace") and table.has("lasts"):
        raise table.mistake("pace", "left out where lasts is given")
    if table.has("appears") and table.has("start"):
        raise table.mistake("appears", "left out where start is given: an order appears as placed")
    progress = table.number("progress", 0, 1)
    if progress is not None and not table.has("start"):
        raise table.mistake("progress", "left out unless start names a stage")
    spec = OrderSpec(
        id=order_id,
        flow=flow,
        title=table.text("title"),
        customer=table.text("customer"),
        city=table.choice("city", CITIES),
        start=table.text("start"),
        progress=0.3 if progress is None else progress,
        appears=table.number("appears", 0, _MOST_SECONDS) or 0.0,
        ending=ending,
        ends_in=table.choice("ends_in", _cancellable(flow)),
        slips=table.whole("slips", 0, 3),
        failed_attempts=table.whole("failed_attempts", 0, 5) or 0,
        twists=table.choices("twists", TWISTS[flow]),
        promised_minutes=table.number("promised_minutes", 0, 60 * 24 * 30),
        pace=table.number("pace", 0.01, 100_000) or 1.0,
        lasts=table.number("lasts", 1, _MOST_SECONDS),
        position_seconds=table.number("position_seconds", 0.01, 3600),
        notes=table.texts("notes"),
    )
    _check_life(table, spec)
    return spec


def _check_life(table: Table, spec: OrderSpec) -> None:
    if spec.failed_attempts and spec.flow != "parcel":
        raise table.mistake("failed_attempts", "left out unless flow is 'parcel'")
    if spec.start == ENDED and table.has("lasts"):
        raise table.mistake("lasts", f"left out where start is {ENDED!r}")
    try:
        # Which stages a life passes depends on the scenario alone, never on the seed.
        draw_lifecycle(spec, Random(0))
    except ValueError as error:
        raise table.mistake("start", f"a stage of its life ({error})") from error


def _cancellable(flow: str) -> tuple[str, ...]:
    """The stages in which an order can be cancelled: all but the last two."""
    return tuple(stage.id for stage in FLOWS[flow].stages[:-2])


def _timeline(file: str, entries: list[object]) -> tuple[tuple[float, str], ...]:
    timeline = []
    for number, entry in enumerate(entries, start=1):
        table = Table(f"{file}: timeline[{number}]", entry, _TIMELINE_KEYS)
        at, fault = table.number("at", 0, _MOST_SECONDS), table.text("fault")
        if at is None:
            raise table.mistake("at", "a number: seconds after the start")
        if fault is None or not _FAULT.fullmatch(fault):
            raise table.mistake("fault", "a fault as NAME or NAME:key=value,key=value, or 'heal'")
        timeline.append((at, fault))
    return tuple(sorted(timeline, key=lambda entry: entry[0]))
