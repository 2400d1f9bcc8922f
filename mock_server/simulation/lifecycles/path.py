"""The last mile as a polyline through a grid of streets."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

Point = tuple[float, float]
"""Latitude and longitude in degrees (WGS 84)."""

METRES_PER_DEGREE = 111_320.0
"""Metres in one degree of latitude."""

_STEP_METRES = 60.0
"""Metres between two points of a street: paths up to 6 km stay under 200 points (PROTOCOL §3)."""


@dataclass(frozen=True, slots=True)
class Path:
    """A polyline with its distances.

    Attributes:
        points: At least two points, at most 200 (PROTOCOL §3).
        distances: Metres from the start to each point.
    """

    points: tuple[Point, ...]
    distances: tuple[float, ...]

    @classmethod
    def through(cls, points: Sequence[Point]) -> Path:
        """Return the path along `points`."""
        return cls(tuple(points), tuple(accumulate((distance_metres(a, b) for a, b in pairwise(points)), initial=0.0)))

    @property
    def length(self) -> float:
        """Metres from end to end."""
        return self.distances[-1]

    def at(self, fraction: float) -> Point:
        """Return the point after a fraction of the path, from 0 to 1."""
        distance = self.length * min(max(fraction, 0.0), 1.0)
        after = min(max(bisect_left(self.distances, distance), 1), len(self.points) - 1)
        (lat, lon), (next_lat, next_lon) = self.points[after - 1], self.points[after]
        stretch = self.distances[after] - self.distances[after - 1]
        part = (distance - self.distances[after - 1]) / stretch if stretch else 0.0
        return lat + (next_lat - lat) * part, lon + (next_lon - lon) * part


def distance_metres(a: Point, b: Point) -> float:
    """Return the metres between two points of one city."""
    east, north = _offset(a, b)
    return math.hypot(east, north)


def offset_point(start: Point, east: float, north: float) -> Point:
    """Return the point some metres to the east and north of `start`."""
    lat = start[0] + north / METRES_PER_DEGREE
    return lat, start[1] + east / (METRES_PER_DEGREE * math.cos(math.radians(start[0])))


def street_path(start: Point, end: Point, bearing: float, rng: Random) -> Path:
    """Draw a path through a city whose streets form a grid.

    Args:
        start: The first point.
        end: The last point, within 3.5 km.
        bearing: Degrees by which the grid is rotated from north.
        rng: Draws the corners.
    """
    turn = math.radians(bearing)
    east, north = _offset(start, end)
    forward = east * math.cos(turn) + north * math.sin(turn)
    sideways = -east * math.sin(turn) + north * math.cos(turn)
    legs = rng.randint(3, 5)
    corners = [(0.0, 0.0)]
    for along, across in zip(_shares(forward, legs, rng), _shares(sideways, legs, rng), strict=True):
        corners += [(along, corners[-1][1]), (along, across)]
    points = [corners[0]]
    for (x, y), (next_x, next_y) in pairwise(corners):
        steps = max(1, round(math.hypot(next_x - x, next_y - y) / _STEP_METRES))
        points += [(x + (next_x - x) * n / steps, y + (next_y - y) * n / steps) for n in range(1, steps + 1)]
    inner = [
        offset_point(
            start,
            x * math.cos(turn) - y * math.sin(turn) + rng.gauss(0, 2),
            x * math.sin(turn) + y * math.cos(turn) + rng.gauss(0, 2),
        )
        for x, y in points[1:-1]
    ]
    return Path.through([(round(lat, 6), round(lon, 6)) for lat, lon in (start, *inner, end)])


def _shares(length: float, parts: int, rng: Random) -> list[float]:
    """Divide a length into unequal parts; return the end of each part."""
    sizes = [rng.uniform(0.5, 1.5) for _ in range(parts)]
    return [length * end / sum(sizes) for end in accumulate(sizes)]


def _offset(start: Point, end: Point) -> Point:
    """Return the metres from `start` to the east and north."""
    scale = math.cos(math.radians((start[0] + end[0]) / 2))
    return (end[1] - start[1]) * METRES_PER_DEGREE * scale, (end[0] - start[0]) * METRES_PER_DEGREE
