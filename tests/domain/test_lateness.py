"""Tests of lateness against the promise, and of the freshness of a courier's position."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import START, at, event, milestone, order, snapshot, state
from tracker_tui.domain.lateness import (
    Freshness,
    Lateness,
    ended_at,
    exceeds_promise,
    freshness,
    late_by,
    lateness,
    zone_at,
)
from tracker_tui.domain.order import Eta, Location, Outcome, Place, Precision
from tracker_tui.domain.view import OrderView

PROMISED = 1020
"""Seconds after `START`; a full minute."""


def eta(earliest: float, latest: float) -> Eta:
    return Eta(at(earliest), at(latest), Precision.MINUTE)


@pytest.mark.parametrize(
    ("now", "window", "flags", "expected"),
    [
        (500, None, (), Lateness.ON_TIME),
        (PROMISED, None, (), Lateness.ON_TIME),
        (PROMISED + 59.9, None, (), Lateness.ON_TIME),
        (PROMISED + 60, None, (), Lateness.LATE),
        (500, eta(800, 900), (), Lateness.ON_TIME),
        (500, eta(800, PROMISED + 59), (), Lateness.ON_TIME),
        (500, eta(800, PROMISED + 60), (), Lateness.AT_RISK),
        (500, eta(PROMISED + 59, PROMISED + 60), (), Lateness.AT_RISK),
        (500, eta(PROMISED + 60, PROMISED + 70), (), Lateness.LATE),
        (PROMISED + 60, eta(800, 900), (), Lateness.LATE),
        (500, None, ("delayed",), Lateness.AT_RISK),
        (500, None, ("held",), Lateness.AT_RISK),
        (500, eta(800, 900), ("action_required",), Lateness.AT_RISK),
        (500, None, ("gift",), Lateness.ON_TIME),
        (500, eta(PROMISED + 60, PROMISED + 70), ("delayed",), Lateness.LATE),
    ],
)
def test_the_lateness_of_an_active_order(
    now: float, window: Eta | None, flags: tuple[str, ...], expected: Lateness
) -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED)), eta=window, flags=flags))
    assert lateness(view, at(now)) is expected


@pytest.mark.parametrize(
    ("delivered", "expected"),
    [(PROMISED, Lateness.ON_TIME), (PROMISED + 59.9, Lateness.ON_TIME), (PROMISED + 60, Lateness.LATE)],
)
def test_the_lateness_of_a_delivered_order_depends_on_its_delivery_time_alone(
    delivered: float, expected: Lateness
) -> None:
    line = milestone(2, "delivered", occurred_at=at(delivered))
    delivery = snapshot(
        2, "delivered", facts=order(promised_at=at(PROMISED)), history=(line,), outcome=Outcome.DELIVERED,
        updated_at=at(PROMISED + 500), eta=eta(PROMISED + 600, PROMISED + 700), flags=("delayed",),
    )  # fmt: skip
    view = OrderView("A1").join(delivery)
    assert ended_at(view) == at(delivered)
    assert lateness(view, at(99_999)) is expected


def test_a_delivery_without_a_milestone_has_the_time_of_its_state() -> None:
    delivery = snapshot(2, "delivered", history=(), history_from=3, outcome=Outcome.DELIVERED, updated_at=at(70))
    assert ended_at(OrderView("A1").join(delivery)) == at(70)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.REJECTED, Outcome.RETURNED, Outcome.LOST])
def test_an_order_that_ended_undelivered_is_neither_late_nor_on_time(outcome: Outcome) -> None:
    view = OrderView("A1").join(snapshot(2, outcome.value, facts=order(promised_at=at(PROMISED)), outcome=outcome))
    assert lateness(view, at(99_999)) is Lateness.UNKNOWN


def test_the_lateness_is_unknown_without_a_promise_facts_or_a_state() -> None:
    assert lateness(OrderView("A1"), START) is Lateness.UNKNOWN
    assert lateness(OrderView("A1").join(event(1)), START) is Lateness.UNKNOWN
    assert lateness(OrderView("A1").join(snapshot(1)), START) is Lateness.UNKNOWN


def test_a_later_eta_does_not_move_the_promise() -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED))))
    delayed = view.join(replace(event(2), state=state(eta=eta(PROMISED + 60, PROMISED + 90))))
    assert lateness(delayed, at(500)) is Lateness.LATE


def test_ended_at_requires_a_state() -> None:
    with pytest.raises(ValueError, match="without a state"):
        ended_at(OrderView("A1"))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-5, Freshness.FRESH),
        (0, Freshness.FRESH),
        (45, Freshness.FRESH),
        (45.1, Freshness.STALE),
        (180, Freshness.STALE),
        (180.1, Freshness.LOST),
    ],
)
def test_a_position_becomes_stale_and_then_lost(age: float, expected: Freshness) -> None:
    assert freshness(Location(52.5, 13.4, START), at(age)) is expected


DESTINATION = Place(35.68, 139.76, "Chiyoda", "Asia/Tokyo")
"""A destination nine hours ahead of UTC: `START` is 23:00 there."""


def parcel(promised: float, earliest: float, latest: float, destination: Place = DESTINATION) -> OrderView:
    window = Eta(at(earliest), at(latest), Precision.DAY)
    return OrderView("A1").join(snapshot(1, facts=order(promised_at=at(promised), destination=destination), eta=window))


HOUR = 3600.0


@pytest.mark.parametrize(
    ("now", "promised", "window", "expected"),
    [
        # Promised for 23:30 local time, expected on the same day: the ETA has no hour, so it misses none.
        (0.0, 0.5 * HOUR, (0.9 * HOUR, 0.95 * HOUR), Lateness.ON_TIME),
        # After local midnight it is the next day, but not in UTC.
        (0.0, 0.5 * HOUR, (1.1 * HOUR, 1.2 * HOUR), Lateness.LATE),
        (0.9 * HOUR, 0.5 * HOUR, (0.5 * HOUR, 0.5 * HOUR), Lateness.ON_TIME),
        (1.1 * HOUR, 0.5 * HOUR, (0.5 * HOUR, 0.5 * HOUR), Lateness.LATE),
        # A window around one local day counts as that day.
        (0.0, 12 * HOUR, (4 * HOUR, 34 * HOUR), Lateness.ON_TIME),
        # A window of several days may end after the promise.
        (0.0, 12 * HOUR, (4 * HOUR, 52 * HOUR), Lateness.AT_RISK),
    ],
)
def test_days_are_compared_in_the_zone_of_the_destination(
    now: float, promised: float, window: tuple[float, float], expected: Lateness
) -> None:
    assert lateness(parcel(promised, *window), at(now)) is expected


def test_exact_times_are_compared_if_the_zone_of_the_destination_is_unknown() -> None:
    for name in (None, "Mars/Olympus", "../../etc/passwd", "Europe", "\0", "x" * 5000):
        unknown = replace(DESTINATION, time_zone=name)
        assert zone_at(order(destination=unknown)) is None
        assert lateness(parcel(0.5 * HOUR, 0.9 * HOUR, 0.95 * HOUR, unknown), at(0)) is Lateness.LATE


def test_the_delay_runs_from_the_promise_to_the_expected_arrival_or_to_now_in_whole_minutes() -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED)), eta=eta(1100, 1150)))
    assert late_by(view, at(500)) == timedelta(minutes=1)
    assert late_by(view, at(1259)) == timedelta(minutes=3)
    assert late_by(view, at(1260)) == timedelta(minutes=4)
    assert late_by(parcel(0.5 * HOUR, 26 * HOUR, 27 * HOUR), at(0)) == timedelta(days=2)


def test_an_order_on_time_has_no_delay() -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED))))
    assert late_by(view, at(PROMISED + 59)) is None


def test_the_middle_of_an_eta_exceeds_the_promise_only_by_a_whole_minute() -> None:
    assert not exceeds_promise(eta(PROMISED, PROMISED + 118), at(PROMISED))
    assert exceeds_promise(eta(PROMISED, PROMISED + 120), at(PROMISED))
    assert not exceeds_promise(eta(PROMISED, PROMISED + 120), None)


@given(now=st.floats(0, 4000), first=st.floats(0, 4000), length=st.floats(0, 2000), promised=st.floats(0, 4000))
def test_an_order_is_late_exactly_if_its_shown_times_say_so(
    now: float, first: float, length: float, promised: float
) -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(promised)), eta=eta(first, first + length)))
    shown = {name: f"{at(time):%H:%M}" for name, time in (("now", now), ("first", first), ("promised", promised))}
    is_late = shown["now"] > shown["promised"] or shown["first"] > shown["promised"]
    assert (lateness(view, at(now)) is Lateness.LATE) is is_late
    excess = late_by(view, at(now))
    assert (excess is not None) is is_late
    assert excess is None or (excess >= timedelta(minutes=1) and excess % timedelta(minutes=1) == timedelta())
