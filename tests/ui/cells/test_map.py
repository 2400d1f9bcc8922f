"""The map: its size, its shape, the route travelled and the route to go."""

from __future__ import annotations

from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.order_fixtures import ROUTE
from tracker_tui.domain.route import Point
from tracker_tui.ui.cells.map import RouteMap, is_drawable, render_map, render_scale

POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
TOWN = st.tuples(st.floats(52.4, 52.6), st.floats(13.2, 13.6))
ROUTES = st.lists(POINTS, max_size=8) | st.lists(TOWN, max_size=30)
CHARTS = st.builds(
    RouteMap, ROUTES.map(tuple), st.floats(0, 1), st.none() | POINTS | TOWN, st.sampled_from("●◌"), st.just("bold")
)


def drawn(chart: RouteMap, width: int = 40, height: int = 10, *, ascii_only: bool = False) -> list[str]:
    """Return the map as text."""
    return ["".join(text for text, _ in row) for row in render_map(chart, width, height, ascii_only=ascii_only)]


def place(rows: list[str], glyph: str) -> tuple[int, int]:
    """Return column and row of a glyph that occurs once."""
    [found] = [(row.index(glyph), number) for number, row in enumerate(rows) if glyph in row]
    return found


def dots(rows: list[str]) -> int:
    """Return the number of braille dots."""
    return sum((ord(char) - 0x2800).bit_count() for row in rows for char in row if 0x2800 <= ord(char) < 0x2900)


@given(CHARTS, st.integers(0, 70), st.integers(0, 20), st.booleans())
def test_a_map_has_exactly_the_given_size_or_is_empty(
    chart: RouteMap, width: int, height: int, ascii_only: bool
) -> None:
    rows = drawn(chart, width, height, ascii_only=ascii_only)
    assert len(rows) in {0, height}
    assert all(cell_len(row) == width for row in rows)
    assert all(row.isascii() for row in rows) or not ascii_only


@given(CHARTS, st.integers(2, 70), st.integers(2, 20))
def test_the_courier_is_on_every_map(chart: RouteMap, width: int, height: int) -> None:
    rows = drawn(chart, width, height)
    if rows and chart.courier is not None:
        place(rows, chart.glyph)
        assert not any(("◌" if chart.glyph == "●" else "●") in row for row in rows)


@given(st.lists(TOWN, min_size=2, max_size=30), st.integers(30, 70), st.integers(5, 20))
def test_a_route_through_a_town_has_a_map_with_both_ends(route: list[Point], width: int, height: int) -> None:
    lats, lons = zip(*route, strict=True)
    if max(lats) - min(lats) < 0.001 and max(lons) - min(lons) < 0.001:
        return
    rows = drawn(RouteMap(tuple(route), 0.5), width, height)
    place(rows, "⌂")
    # Origin and destination share a cell if the route returns to its begin.
    assert sum(row.count("◆") for row in rows) <= 1


@pytest.mark.parametrize(
    "route",
    [
        (),
        ((52.5, 13.4),),
        ((52.5, 13.4),) * 5,
        ((52.5, 13.4), (52.50001, 13.4)),
        ((-17.0, 179.9), (-17.0, -179.9)),
        ((89.9, 0.0), (89.9, 90.0)),
        ((90.0, 0.0), (90.0, 180.0)),
        ((-90.0, 0.0), (-88.0, 0.0)),
    ],
    ids=["none", "a point", "all equal", "a step", "antimeridian", "near a pole", "the pole", "the other pole"],
)
def test_a_route_that_cannot_be_shown_has_no_map(route: tuple[Point, ...]) -> None:
    assert render_map(RouteMap(route, 0.5), 40, 10) == ()
    assert render_map(RouteMap(route, 0.5, (52.51, 13.41)), 40, 10) == ()


def test_a_position_on_the_other_side_of_the_earth_gives_no_map() -> None:
    assert render_map(RouteMap(ROUTE, 0.5, (0.0, -179.0)), 40, 10) == ()
    assert render_map(RouteMap(ROUTE, 0.5, (90.0, 13.0)), 40, 10) == ()


def test_a_route_is_drawn_dot_by_dot() -> None:
    assert drawn(RouteMap(((0.1, 0.0), (0.0, 0.0)), 1.0), 5, 4) == ["  ◆  ", "  ⡇  ", "  ⡇  ", "  ⌂  "]
    assert drawn(RouteMap(((0.0, 0.0), (1.0, 1.0)), 1.0), 8, 4) == ["      ⡠⌂", "    ⡠⠊  ", "  ⡠⠊    ", "◆⠊      "]
    assert drawn(RouteMap(((0.0, 0.0), (0.0, 1.0)), 1.0), 6, 3) == [" " * 6, "◆⠤⠤⠤⠤⌂", " " * 6]


def test_north_is_up_and_east_is_right() -> None:
    rows = drawn(RouteMap(((52.0, 13.0), (52.1, 13.1)), 0.5))
    (west, south), (east, north) = place(rows, "◆"), place(rows, "⌂")
    assert west < east
    assert north < south


@pytest.mark.parametrize("lat", [0.0, 52.5, -52.5, 70.0])
def test_a_square_on_the_earth_is_a_square_on_the_map(lat: float) -> None:
    high, wide = 0.02, 0.02 / cos(radians(lat + 0.01))
    corner = (lat, 10.0)
    route = (corner, (lat + high, 10.0), (lat + high, 10.0 + wide), (lat, 10.0 + wide))
    rows = drawn(RouteMap(route, 1.0), 40, 10)
    used = [index for row in rows for index, char in enumerate(row) if char != " "]
    # A cell is twice as high as wide, and the square has all ten rows.
    assert abs((max(used) - min(used) + 1) - 20) <= 1
    assert sum(row.strip() != "" for row in rows) == 10


def test_the_route_to_go_has_half_the_dots_of_the_route_travelled() -> None:
    behind, ahead = drawn(RouteMap(ROUTE, 1.0), 60, 14), drawn(RouteMap(ROUTE, 0.0), 60, 14)
    assert 0.4 * dots(behind) < dots(ahead) < 0.6 * dots(behind)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_dots_are_set_the_further_the_courier_is(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert dots(drawn(RouteMap(ROUTE, less), 60, 14)) <= dots(drawn(RouteMap(ROUTE, more), 60, 14)) + 1


def test_the_route_travelled_ends_at_the_courier() -> None:
    straight = tuple((0.0, lon / 10) for lon in range(11))
    row = next(row for row in drawn(RouteMap(straight, 0.5, (0.0, 0.5)), 41, 5, ascii_only=True) if "@" in row)
    assert row == f"A{'#' * 19}@{'.' * 19}B"


def test_a_position_off_the_route_is_shown_at_its_place() -> None:
    rows = drawn(RouteMap(((0.0, 0.0), (0.0, 1.0)), 0.5, (0.4, 0.5), glyph="◌"))
    column, row = place(rows, "◌")
    assert abs(column - 20) <= 1
    assert row < place(rows, "◆")[1] == place(rows, "⌂")[1]


def test_the_parts_of_the_route_have_different_colours() -> None:
    styles = {
        text[0]: style for row in render_map(RouteMap(ROUTE, 0.5), 60, 14, ascii_only=True) for text, style in row
    }
    assert styles["#"] != styles["."]


def test_a_map_is_drawn_again_only_when_its_content_changes() -> None:
    render_map.cache_clear()
    for share in (0.4, 0.4, 0.4, 0.5, 0.5):
        # Equal and not identical, like a route that was decoded twice.
        render_map(RouteMap(tuple(point for point in ROUTE), share, ROUTE[4]), 40, 10)
    assert render_map.cache_info().misses == 2


@pytest.mark.parametrize(
    ("metres", "label"), [(40.0, "10 m"), (900.0, "200 m"), (6_000.0, "1 km"), (700_000.0, "100 km"), (4e6, "1,000 km")]
)
def test_the_scale_is_a_round_length_of_at_most_a_quarter_of_the_map(metres: float, label: str) -> None:
    chart = RouteMap(((0.0, 10.0), (0.0, 10.0 + metres / 111_195)), 0.5)
    [(text, _)] = render_scale(chart, 40, 10)
    bar, _, said = text.partition(" ")
    assert said == label
    assert 2 <= len(bar) <= 10
    length = float(label.split(maxsplit=1)[0].replace(",", "")) * (1000 if label.endswith("km") else 1)
    assert len(bar) == pytest.approx(length / (metres / 39.5), abs=0.6)


def test_what_cannot_be_drawn_has_no_scale() -> None:
    assert render_scale(RouteMap((), 0.0), 40, 10) == []
    assert not is_drawable(RouteMap(((52.5, 13.4),), 0.0))
    assert is_drawable(RouteMap(ROUTE, 0.0))


@given(CHARTS, st.integers(1, 70), st.integers(1, 20))
def test_a_map_is_drawable_at_every_size_or_at_none(chart: RouteMap, width: int, height: int) -> None:
    assert bool(render_map(chart, width, height)) is is_drawable(chart)
    assert len(render_scale(chart, width, height)) <= 1
