"""Tests of a courier's progress along the route."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import START, order
from tracker_tui.domain.order import Location, Place
from tracker_tui.domain.route import count_bends, distance, progress

POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
BERLIN, POTSDAM = (52.5200, 13.4050), (52.3906, 13.0645)


def location(lat: float, lon: float) -> Location:
    return Location(lat, lon, START)


def test_distances_are_metres_along_the_great_circle() -> None:
    assert distance(BERLIN, POTSDAM) == pytest.approx(27_200, rel=0.01)
    assert distance((0, 0), (0, 1)) == pytest.approx(111_195, rel=0.001)
    assert distance((0, 0), (0, 180)) == pytest.approx(20_015_114, rel=0.001)
    assert distance(BERLIN, BERLIN) == 0


@pytest.mark.parametrize(
    ("lat", "lon", "share"),
    [(0, 0, 0), (0, 0.5, 0.25), (0, 1, 0.5), (0.5, 1, 0.75), (1, 1, 1), (0.02, 0.5, 0.25), (-1, -1, 0), (2, 1, 1)],
)
def test_a_position_is_projected_onto_the_nearest_leg(lat: float, lon: float, share: float) -> None:
    facts = order(route=((0.0, 0.0), (0.0, 1.0), (1.0, 1.0)))
    result = progress(facts, location(lat, lon))
    assert result is not None
    assert result.share == pytest.approx(share, abs=0.001)
    assert result.remaining == pytest.approx((1 - share) * 222_390, abs=300)


def test_without_a_route_the_path_is_straight() -> None:
    facts = order(origin=Place(0, 0, "Shop"), destination=Place(0, 2, "Home"))
    result = progress(facts, location(0.1, 1))
    assert result is not None
    assert result.share == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("facts", [{}, {"origin": Place(0, 0, "Shop")}, {"route": ((1.0, 1.0),)}])
def test_without_both_ends_there_is_no_progress(facts: dict[str, Any]) -> None:
    assert progress(order(**facts), location(0, 0)) is None


def test_a_route_of_zero_length_is_complete() -> None:
    result = progress(order(route=((1.0, 1.0), (1.0, 1.0))), location(5, 5))
    assert result is not None
    assert (result.share, result.remaining) == (1, 0)


@given(st.lists(POINTS, min_size=2, max_size=6), POINTS)
def test_progress_is_a_share_of_the_route_anywhere_on_earth(
    route: list[tuple[float, float]], at: tuple[float, float]
) -> None:
    result = progress(order(route=tuple(route)), location(*at))
    assert result is not None
    assert 0 <= result.share <= 1
    assert result.remaining >= 0


def test_bends_are_counted_where_the_direction_changes() -> None:
    assert count_bends([]) == count_bends([(52.5, 13.3), (52.5, 13.4)]) == 0
    assert count_bends([(52.5, 13.3), (52.5, 13.35), (52.5, 13.35), (52.5, 13.4)]) == 0
    assert count_bends([(52.5, 13.3), (52.5, 13.4), (52.6, 13.4), (52.6, 13.5), (52.7, 13.5)]) == 3
    # Due west and a little to either side of it, across the wrap of the angle.
    assert count_bends([(52.5, 13.5), (52.501, 13.4), (52.5, 13.3)]) == 0
