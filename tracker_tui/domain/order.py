"""An order: its facts, its current state and the milestones of its history (PROTOCOL §3).

Fields with a default are optional in the protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen, Predicate

from tracker_tui.domain.cursor import MAX_NUMBER
from tracker_tui.domain.sanitize import sanitize

_ORDER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_FIRST_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_TIME = datetime(9000, 1, 1, tzinfo=UTC)


def is_order_id(text: str) -> bool:
    """Return whether the whole `text` is an order id (PROTOCOL §3)."""
    return _ORDER_ID.fullmatch(text) is not None


def check_order_ids(order_ids: Iterable[str]) -> None:
    """Raise ValueError with one line for the first text that is not an order id."""
    for order_id in order_ids:
        if not is_order_id(order_id):
            raise ValueError(f"not an order id: {sanitize(order_id)!r}")


def _is_usable(time: datetime) -> bool:
    # Naive times cannot be compared; times at the edge of the calendar cannot be converted to local time.
    return time.tzinfo is not None and _FIRST_TIME <= time <= _LAST_TIME


OrderId = Annotated[str, Predicate(is_order_id)]
Time = Annotated[datetime, Predicate(_is_usable)]
Epoch = Annotated[int, Ge(0), Le(MAX_NUMBER)]
Seq = Annotated[int, Ge(1), Le(MAX_NUMBER)]
Status = Annotated[str, MinLen(1), MaxLen(64)]
Latitude = Annotated[float, Ge(-90), Le(90)]
Longitude = Annotated[float, Ge(-180), Le(180)]


class Outcome(StrEnum):
    """The outcome of an ended order."""

    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    RETURNED = "returned"
    LOST = "lost"


class Precision(StrEnum):
    """The precision of an ETA."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class MilestoneKind(StrEnum):
    """The kind of a milestone."""

    UPDATE = "update"
    NOTE = "note"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Eta:
    """The window in which the order is expected to arrive."""

    earliest: Time
    latest: Time
    precision: Precision


@dataclass(frozen=True, slots=True)
class Location:
    """The newest known position of courier or parcel: degrees (WGS 84), accuracy in metres."""

    lat: Latitude
    lon: Longitude
    captured_at: Time
    accuracy_m: Annotated[float, Ge(0)] | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Courier:
    """The courier; its `state` is independent of the order's status."""

    name: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class OrderState:
    """The whole current state of an order, as every event and snapshot carries it."""

    status: Status
    outcome: Outcome | None
    eta: Eta | None
    location: Location | None
    flags: tuple[str, ...]
    courier: Courier | None
    attempt: Annotated[int, Ge(1)]
    updated_at: Time


@dataclass(frozen=True, slots=True)
class Milestone:
    """A line of history, identified by (order, epoch, seq)."""

    seq: Seq
    kind: MilestoneKind
    status: Status
    occurred_at: Time
    note: str | None = None
    source: str | None = None
    supersedes: tuple[Seq, ...] = ()
    command_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a flow; `sla_seconds` is its time limit."""

    id: Status
    label: str
    sla_seconds: Annotated[float, Ge(0)] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """The stages of a kind of order, in sequence."""

    id: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An end of the route; `time_zone` is an IANA name."""

    lat: Latitude
    lon: Longitude
    label: str
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Links to more about the order."""

    web: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The facts of an order, which do not change with its status."""

    id: OrderId
    title: str
    flow: Flow
    placed_at: Time
    customer: str | None = None
    promised_at: Time | None = None
    origin: Place | None = None
    destination: Place | None = None
    route: Annotated[tuple[tuple[Latitude, Longitude], ...], MaxLen(200)] = ()
    links: Links | None = None
