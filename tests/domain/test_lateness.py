"""An order against its promise, and a courier's position by its age."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.orders import START, at, event, milestone, order, snapshot, state
from tracker_tui.domain.lateness import Freshness, Lateness, ended_at, freshness, lateness
from tracker_tui.domain.order import Eta, Location, Outcome, Precision
from tracker_tui.domain.view import OrderView

PROMISED = 1000


def eta(earliest: float, latest: float) -> Eta:
    return Eta(at(earliest), at(latest), Precision.MINUTE)


@pytest.mark.parametrize(
    ("now", "window", "flags", "verdict"),
    [
        (500, None, (), Lateness.ON_TIME),
        (PROMISED, None, (), Lateness.ON_TIME),
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


@pytest.mark.parametrize(("delivered", "verdict"), [(PROMISED, Lateness.ON_TIME), (PROMISED + 1, Lateness.LATE)])
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
