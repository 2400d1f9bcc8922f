"""A map of the way in braille dots, north up: what is behind the courier, what is still to go, where they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from math import cos, hypot, radians

from tracker_tui.domain.route import Point
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.model.styles import ACCENT, MUTED
from tracker_tui.ui.terminal.charset import transliterate

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each of a braille character's dots, by row and column (Unicode, block 2800)."""

_LEAST = 10 / 111_195
"""Degrees of latitude, ten metres: a way that is shorter is lost in the error of its positions."""

_POLAR = 85.0
"""Degrees: nearer to a pole a map that is flat would show nothing as it is."""

Row = tuple[Part, ...]
Dot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RouteMap:
    """What is on a map.

    Attributes:
        route: From origin to destination.
        share: The share of its length that is behind the courier.
        courier: Where they were seen last; None where they are not to be shown.
        glyph: Their marker: a hollow one where they may be elsewhere by now.
        style: Of the marker.
    """

    route: tuple[Point, ...]
    share: float
    courier: Point | None = None
    glyph: str = "●"
    style: str = ACCENT


@lru_cache(maxsize=8)  # A screen is painted each second; what is on its map changes when the courier moves.
def render_map(chart: RouteMap, width: int, height: int, *, ascii_only: bool = False) -> tuple[Row, ...]:
    """Draw a map of exactly `width` × `height` cells.

    A dot is about as wide as high, and longitude is scaled by the cosine of the latitude, so that nothing is out of
    shape. What is still to go has every other dot only.

    Returns:
        The rows; none where there is nothing to draw: no way of two points, one of a few metres, one that crosses the
        antimeridian or goes near a pole, or no room.
    """
    if len(chart.route) < 2:
        return ()
    plane = _Plane.over([*chart.route, *([chart.courier] if chart.courier else [])], width * 2, height * 4)
    if plane is None or _extent(chart.route) < _LEAST:
        return ()
    behind, ahead = [[[0] * width for _ in range(height)] for _ in range(2)]
    steps = _steps([plane.dot(point) for point in chart.route], _shares(chart.route))
    for number, ((x, y), travelled) in enumerate(steps):
        if travelled <= chart.share:
            behind[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
        elif number % 2 == 0:
            ahead[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    cells = [
        [_cell(done, left, ascii_only=ascii_only) for done, left in zip(*rows, strict=True)]
        for rows in zip(behind, ahead, strict=True)
    ]
    marks = [(chart.route[0], "◆", MUTED), (chart.route[-1], "⌂", "")]
    if chart.courier is not None:
        marks.append((chart.courier, chart.glyph, chart.style))
    for point, glyph, style in marks:
        x, y = plane.dot(point)
        cells[y // 4][x // 2] = (transliterate(glyph, "ascii") if ascii_only else glyph, style)
    return tuple(
        tuple(("".join(text for text, _ in run), style) for style, run in groupby(row, lambda cell: cell[1]))
        for row in cells
    )


@dataclass(frozen=True, slots=True)
class _Plane:
    """How a part of the earth lies on a field of dots: in the middle, as large as it can be."""

    west: float
    north: float
    shrink: float
    scale: float
    left: float
    top: float
    last: Dot

    @classmethod
    def over(cls, points: list[Point], columns: int, rows: int) -> _Plane | None:
        """One on which all the points are; None where that can't be."""
        if columns < 1 or rows < 1:
            return None
        south, north = min(lat for lat, _ in points), max(lat for lat, _ in points)
        west, east = min(lon for _, lon in points), max(lon for _, lon in points)
        if south < -_POLAR or north > _POLAR or east - west > 180:
            return None
        shrink = cos(radians((south + north) / 2))
        wide, high = (east - west) * shrink, north - south
        # No side is taken for shorter than the least, lest what is nothing be made as large as can be.
        scale = min((columns - 1) / max(wide, _LEAST), (rows - 1) / max(high, _LEAST))
        left, top = (columns - 1 - wide * scale) / 2, (rows - 1 - high * scale) / 2
        return cls(west, north, shrink, scale, left, top, (columns - 1, rows - 1))

    def dot(self, point: Point) -> Dot:
        """Column and row of the dot that stands for a point."""
        x = round(self.left + (point[1] - self.west) * self.shrink * self.scale)
        y = round(self.top + (self.north - point[0]) * self.scale)
        return min(max(x, 0), self.last[0]), min(max(y, 0), self.last[1])


def _extent(route: tuple[Point, ...]) -> float:
    """Degrees of latitude that a way takes, in the direction in which it takes more."""
    lats, lons = [lat for lat, _ in route], [lon for _, lon in route]
    return max(max(lats) - min(lats), (max(lons) - min(lons)) * cos(radians((min(lats) + max(lats)) / 2)))


def _shares(route: tuple[Point, ...]) -> list[float]:
    """The share of the way's length that is behind each of its points."""
    shrink = cos(radians(route[0][0]))
    lengths = [hypot(to[0] - start[0], (to[1] - start[1]) * shrink) for start, to in pairwise(route)]
    travelled = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
    return [length / travelled[-1] for length in travelled]


def _steps(corners: list[Dot], shares: list[float]) -> Iterator[tuple[Dot, float]]:
    """Each dot on the way from corner to corner, with the share of the way that is behind it."""
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
