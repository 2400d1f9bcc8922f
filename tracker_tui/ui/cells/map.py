"""A map of the route in braille dots, north up, with the courier's position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from math import cos, floor, hypot, log10, radians

from tracker_tui.domain.route import Point
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.model.styles import ACCENT, MUTED
from tracker_tui.ui.terminal.charset import transliterate

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille character, by row and column (Unicode, block 2800)."""

_METRES_PER_DEGREE = 111_195
"""Length of a degree of latitude."""

_MIN_EXTENT = 10 / _METRES_PER_DEGREE
"""Degrees of latitude, ten metres: on a shorter route the error of the positions is larger than the route."""

_MAX_LATITUDE = 85.0
"""Degrees; nearer to a pole a flat map is distorted too much."""

Row = tuple[Part, ...]
Dot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RouteMap:
    """The content of a map.

    Attributes:
        route: From origin to destination.
        share: Share of the route's length that the courier has travelled.
        courier: The courier's last position; None if it isn't shown.
        glyph: The courier's marker; hollow if the position may be old.
        style: Style of the marker.
    """

    route: tuple[Point, ...]
    share: float
    courier: Point | None = None
    glyph: str = "●"
    style: str = ACCENT


@lru_cache(maxsize=8)  # A screen is painted each second; its map changes only when the courier moves.
def render_map(route_map: RouteMap, width: int, height: int, *, ascii_only: bool = False) -> tuple[Row, ...]:
    """Return a map of exactly `width` × `height` cells.

    A dot is about as wide as high, and longitude is scaled by the cosine of the latitude, so that shapes are right.
    The part of the route ahead of the courier has every other dot only.

    Returns:
        The rows. Empty if no map can be drawn: the route has less than two points, is only a few metres long, crosses
        the antimeridian or goes near a pole, or there is no room.
    """
    if len(route_map.route) < 2:
        return ()
    projection = _Projection.over(_points(route_map), width * 2, height * 4)
    if projection is None or _extent(route_map.route) < _MIN_EXTENT:
        return ()
    behind, ahead = [[[0] * width for _ in range(height)] for _ in range(2)]
    steps = _steps([projection.dot(point) for point in route_map.route], _shares(route_map.route))
    for number, ((x, y), travelled) in enumerate(steps):
        if travelled <= route_map.share:
            behind[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
        elif number % 2 == 0:
            ahead[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    cells = [
        [_cell(done, left, ascii_only=ascii_only) for done, left in zip(*rows, strict=True)]
        for rows in zip(behind, ahead, strict=True)
    ]
    marks = [(route_map.route[0], "◆", MUTED), (route_map.route[-1], "⌂", "")]
    if route_map.courier is not None:
        marks.append((route_map.courier, route_map.glyph, route_map.style))
    for point, glyph, style in marks:
        x, y = projection.dot(point)
        cells[y // 4][x // 2] = (transliterate(glyph, "ascii") if ascii_only else glyph, style)
    return tuple(
        tuple(("".join(text for text, _ in run), style) for style, run in groupby(row, lambda cell: cell[1]))
        for row in cells
    )


def is_drawable(route_map: RouteMap) -> bool:
    """Return whether a map can be drawn, given enough room."""
    return bool(render_map(route_map, 2, 1))


def render_scale(route_map: RouteMap, width: int, height: int) -> list[Part]:
    """Return the scale of a map of `width` × `height` cells: a bar and its length; empty if no map can be drawn."""
    projection = _Projection.over(_points(route_map), width * 2, height * 4) if len(route_map.route) > 1 else None
    if projection is None:
        return []
    metres_per_cell = 2 * _METRES_PER_DEGREE / projection.scale
    longest = metres_per_cell * max(3, width // 4)
    power = 10 ** floor(log10(longest))
    length = max(step for step in (1, 2, 5) if step * power <= longest) * power
    cells = max(2, round(length / metres_per_cell))
    label = f"{length / 1000:,.0f} km" if length >= 1000 else f"{length:g} m"
    return [(f"├{'─' * (cells - 2)}┤ {label}", MUTED)]


@dataclass(frozen=True, slots=True)
class _Projection:
    """Maps a part of the earth to a field of dots, centred and as large as possible."""

    west: float
    north: float
    shrink: float
    scale: float
    left: float
    top: float
    last: Dot

    @classmethod
    def over(cls, points: list[Point], columns: int, rows: int) -> _Projection | None:
        """Return a projection that contains all points; None if there is none."""
        if columns < 1 or rows < 1:
            return None
        south, north = min(lat for lat, _ in points), max(lat for lat, _ in points)
        west, east = min(lon for _, lon in points), max(lon for _, lon in points)
        if south < -_MAX_LATITUDE or north > _MAX_LATITUDE or east - west > 180:
            return None
        shrink = cos(radians((south + north) / 2))
        wide, high = (east - west) * shrink, north - south
        # The minimum keeps a side of length zero from being scaled up without limit.
        scale = min((columns - 1) / max(wide, _MIN_EXTENT), (rows - 1) / max(high, _MIN_EXTENT))
        left, top = (columns - 1 - wide * scale) / 2, (rows - 1 - high * scale) / 2
        return cls(west, north, shrink, scale, left, top, (columns - 1, rows - 1))

    def dot(self, point: Point) -> Dot:
        """Return the column and the row of a point's dot."""
        x = round(self.left + (point[1] - self.west) * self.shrink * self.scale)
        y = round(self.top + (self.north - point[0]) * self.scale)
        return min(max(x, 0), self.last[0]), min(max(y, 0), self.last[1])


def _points(route_map: RouteMap) -> list[Point]:
    return [*route_map.route, *([route_map.courier] if route_map.courier else [])]


def _extent(route: tuple[Point, ...]) -> float:
    """Return the larger side of the route's bounding box, in degrees of latitude."""
    lats, lons = [lat for lat, _ in route], [lon for _, lon in route]
    return max(max(lats) - min(lats), (max(lons) - min(lons)) * cos(radians((min(lats) + max(lats)) / 2)))


def _shares(route: tuple[Point, ...]) -> list[float]:
    """Return for each point the share of the route's length up to it."""
    shrink = cos(radians(route[0][0]))
    lengths = [hypot(to[0] - start[0], (to[1] - start[1]) * shrink) for start, to in pairwise(route)]
    travelled = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
    return [length / travelled[-1] for length in travelled]


def _steps(corners: list[Dot], shares: list[float]) -> Iterator[tuple[Dot, float]]:
    """Yield each dot on the lines between the corners, with the share of the route up to it."""
    yield corners[0], shares[0]
    for (start, to), (before, after) in zip(pairwise(corners), pairwise(shares), strict=True):
        count = max(abs(to[0] - start[0]), abs(to[1] - start[1]))
        for step in range(1, count + 1):
            part = step / count
            x, y = round(start[0] + (to[0] - start[0]) * part), round(start[1] + (to[1] - start[1]) * part)
            yield (x, y), before + (after - before) * part


def _cell(done: int, left: int, *, ascii_only: bool) -> Part:
    if not done and not left:
        return " ", ""
    text = ("#" if done else ".") if ascii_only else chr(0x2800 | done | left)
    return text, ACCENT if done else MUTED
