"""Position of a courier along the route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

from tracker_tui.domain.order import Location, Order

_EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""

_MIN_BEND = 15.0
"""Degrees by which the direction changes at a bend."""

Point = tuple[float, float]
"""(latitude, longitude) in degrees."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress along the route: `share` from 0 to 1, `remaining` in metres."""

    share: float
    remaining: float


def distance(one: Point, other: Point) -> float:
    """Return the great-circle distance in metres."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    root = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS * asin(sqrt(min(1.0, root)))


def count_bends(route: Sequence[Point]) -> int:
    """Return the number of points at which the route changes its direction."""
    directions = [
        degrees(atan2(to[0] - start[0], (to[1] - start[1]) * cos(radians(start[0]))))
        for start, to in pairwise(route)
        if start != to
    ]
    return sum(abs((after - before + 180) % 360 - 180) >= _MIN_BEND for before, after in pairwise(directions))


def progress(order: Order, location: Location) -> Progress | None:
    """Project `location` onto the order's route, or the straight line without one; None if an end is unknown."""
    path = list(order.route)
    if len(path) < 2:
        if order.origin is None or order.destination is None:
            return None
        path = [(order.origin.lat, order.origin.lon), (order.destination.lat, order.destination.lon)]
    here = (location.lat, location.lon)
    lengths = [distance(one, other) for one, other in pairwise(path)]
    total = sum(lengths)
    if total == 0:
        return Progress(1.0, 0.0)
    best, travelled, before = float("inf"), 0.0, 0.0
    for (one, other), length in zip(pairwise(path), lengths, strict=True):
        share, off = _nearest(here, one, other)
        if off < best:
            best, travelled = off, before + share * length
        before += length
    return Progress(travelled / total, total - travelled)


def _nearest(here: Point, one: Point, other: Point) -> tuple[float, float]:
    """Return (share along the leg, distance in degrees of latitude) of the leg's point nearest to `here`."""
    shrink = cos(radians(here[0]))
    dx, dy = (other[1] - one[1]) * shrink, other[0] - one[0]
    x, y = (here[1] - one[1]) * shrink, here[0] - one[0]
    squared = dx * dx + dy * dy
    share = min(1.0, max(0.0, (x * dx + y * dy) / squared)) if squared else 0.0
    return share, hypot(x - share * dx, y - share * dy)
