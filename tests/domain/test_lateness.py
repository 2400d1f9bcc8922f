"""An order against its promise, and a courier's position by its age."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.orders import START, at, event, milestone, order, snapshot, state
from tracker_tui.domain.lateness import Freshness, Lateness, ended_at, freshness, late_by, lateness, overdue, zone_at
from tracker_tui.domain.order import Eta, Location, Outcome, Place, Precision
from tracker_tui.domain.view import OrderView

PROMISED = 1000


def eta(earliest: float, latest: float) -> Eta:
    return Eta(at(earliest), at(latest), Precision.MINUTE)


@pytest.mark.parametrize(
    ("now", "window", "flags", "verdict"),
    [
        (500, None, (), Lateness.ON_TIME),
        (PROMISED, None, (), Lateness.ON_TIME),
        (PROMISED + 0.9, None, (), Lateness.ON_TIME),
        (PROMISED + 1, None, (), Lateness.LATE),
        (500, eta(800, 900), (), Lateness.ON_TIME),
        (500, eta(800, PROMISED), (), Lateness.ON_TIME),
        (500, eta(800, PROMISED + 1), (), Lateness.AT_RISK),
        (500, eta(PROMISED, PROMISED + 1), (), Lateness.AT_RISK),
        (500, eta(PROMISED + 1, PROMISED + 2), (), Lateness.LATE),
        (PROMISED + 1, eta(800, 900), (), Lateness.LATE),
        (500, None, ("delayed",), Lateness.AT_RISK),
        (500, None, ("held",), Lateness.AT_RISK),
        (500, eta(800, 900), ("action_required",), Lateness.AT_RISK),
        (500, None, ("gift",), Lateness.ON_TIME),
        (500, eta(PROMISED + 1, PROMISED + 2), ("delayed",), Lateness.LATE),
    ],
)
def test_an_order_under_way_against_its_promise(
    now: float, window: Eta | None, flags: tuple[str, ...], verdict: Lateness
) -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED)), eta=window, flags=flags))
    assert lateness(view, at(now)) is verdict


@pytest.mark.parametrize(
    ("delivered", "verdict"),
    [(PROMISED, Lateness.ON_TIME), (PROMISED + 0.9, Lateness.ON_TIME), (PROMISED + 1, Lateness.LATE)],
)
def test_a_delivered_order_is_judged_by_when_it_was_delivered_not_by_the_clock(
    delivered: float, verdict: Lateness
) -> None:
    line = milestone(2, "delivered", occurred_at=at(delivered))
    told = snapshot(
        2, "delivered", facts=order(promised_at=at(PROMISED)), history=(line,), outcome=Outcome.DELIVERED,
        updated_at=at(PROMISED + 500), eta=eta(PROMISED + 600, PROMISED + 700), flags=("delayed",),
    )  # fmt: skip
    view = OrderView("A1").join(told)
    assert ended_at(view) == at(delivered)
    assert lateness(view, at(99_999)) is verdict


def test_a_delivery_without_a_milestone_happened_when_its_state_was_published() -> None:
    told = snapshot(2, "delivered", history=(), history_from=3, outcome=Outcome.DELIVERED, updated_at=at(70))
    assert ended_at(OrderView("A1").join(told)) == at(70)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.REJECTED, Outcome.RETURNED, Outcome.LOST])
def test_an_order_that_was_never_delivered_is_neither_late_nor_on_time(outcome: Outcome) -> None:
    view = OrderView("A1").join(snapshot(2, outcome.value, facts=order(promised_at=at(PROMISED)), outcome=outcome))
    assert lateness(view, at(99_999)) is Lateness.UNKNOWN


def test_without_a_promise_facts_or_state_nothing_can_be_said() -> None:
    assert lateness(OrderView("A1"), START) is Lateness.UNKNOWN
    assert lateness(OrderView("A1").join(event(1)), START) is Lateness.UNKNOWN
    assert lateness(OrderView("A1").join(snapshot(1)), START) is Lateness.UNKNOWN


def test_a_sliding_eta_does_not_move_the_promise() -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED))))
    slid = view.join(replace(event(2), state=state(eta=eta(PROMISED + 60, PROMISED + 90))))
    assert lateness(slid, at(500)) is Lateness.LATE


def test_a_view_without_a_state_has_not_ended() -> None:
    with pytest.raises(ValueError, match="without a state"):
        ended_at(OrderView("A1"))


@pytest.mark.parametrize(
    ("age", "worth"),
    [
        (-5, Freshness.FRESH),
        (0, Freshness.FRESH),
        (45, Freshness.FRESH),
        (45.1, Freshness.STALE),
        (180, Freshness.STALE),
        (180.1, Freshness.LOST),
    ],
)
def test_a_position_is_worth_less_the_older_it_is(age: float, worth: Freshness) -> None:
    assert freshness(Location(52.5, 13.4, START), at(age)) is worth


DOOR = Place(35.68, 139.76, "Chiyoda", "Asia/Tokyo")
"""A door where it is nine hours later than in UTC: the story begins there at 23:00."""


def parcel(promised: float, earliest: float, latest: float, door: Place = DOOR) -> OrderView:
    window = Eta(at(earliest), at(latest), Precision.DAY)
    return OrderView("A1").join(snapshot(1, facts=order(promised_at=at(promised), destination=door), eta=window))


HOUR = 3600.0


@pytest.mark.parametrize(
    ("now", "promised", "window", "verdict"),
    [
        # Promised at 23:30 there, expected on the same day: no hour is named, so none is missed.
        (0.0, 0.5 * HOUR, (0.9 * HOUR, 0.95 * HOUR), Lateness.ON_TIME),
        # After midnight there it is another day, though not in UTC.
        (0.0, 0.5 * HOUR, (1.1 * HOUR, 1.2 * HOUR), Lateness.LATE),
        (0.9 * HOUR, 0.5 * HOUR, (0.5 * HOUR, 0.5 * HOUR), Lateness.ON_TIME),
        (1.1 * HOUR, 0.5 * HOUR, (0.5 * HOUR, 0.5 * HOUR), Lateness.LATE),
        # A window around the day that is meant is that day …
        (0.0, 12 * HOUR, (4 * HOUR, 34 * HOUR), Lateness.ON_TIME),
        # … and one of several days may end after the promise.
        (0.0, 12 * HOUR, (4 * HOUR, 52 * HOUR), Lateness.AT_RISK),
    ],
)
def test_days_are_judged_at_the_destination(
    now: float, promised: float, window: tuple[float, float], verdict: Lateness
) -> None:
    assert lateness(parcel(promised, *window), at(now)) is verdict


def test_where_the_destinations_zone_is_unknown_moments_are_compared() -> None:
    for name in (None, "Mars/Olympus", "../../etc/passwd", "Europe", "\0", "x" * 5000):
        nowhere = replace(DOOR, time_zone=name)
        assert zone_at(order(destination=nowhere)) is None
        assert lateness(parcel(0.5 * HOUR, 0.9 * HOUR, 0.95 * HOUR, nowhere), at(0)) is Lateness.LATE


def test_how_late_is_counted_from_the_promise_to_the_expected_arrival_or_to_now() -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED)), eta=eta(1100, 1140)))
    assert late_by(view, at(500)) == timedelta(seconds=120)
    assert late_by(view, at(1200)) == timedelta(seconds=200)
    assert not overdue(view, at(PROMISED))
    assert overdue(view, at(PROMISED + 1))
    assert late_by(parcel(0.5 * HOUR, 26 * HOUR, 27 * HOUR), at(0)) == timedelta(days=2)


def test_what_is_not_late_is_late_by_nothing_and_what_has_ended_is_not_overdue() -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(promised_at=at(PROMISED))))
    assert late_by(view, at(PROMISED)) is None
    ended = snapshot(2, "delivered", facts=order(promised_at=at(PROMISED)), outcome=Outcome.DELIVERED)
    assert not overdue(OrderView("A1").join(ended), at(99_999))
