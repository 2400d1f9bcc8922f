"""The moves of an expected arrival."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import at, event, order, snapshot
from tracker_tui.domain.drift import MAX_EXPECTATIONS, Drift, Expectations, drift_of, record_expectation
from tracker_tui.domain.lateness import middle
from tracker_tui.domain.order import Eta, Outcome, Place, Precision
from tracker_tui.domain.view import OrderView, lift

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def around(seconds: float) -> Eta:
    return Eta(at(seconds - 60), at(seconds + 60), Precision.MINUTE)


def seen(*etas: Eta | None, promised: float | None = 45 * MINUTE, outcome: Outcome | None = None) -> Drift | None:
    """Return the drift after versions with these ETAs."""
    facts = order(
        promised_at=None if promised is None else at(promised), destination=Place(52.5, 13.4, "Home", "Europe/Berlin")
    )
    view = lift(snapshot(1, facts=facts, eta=etas[0]))
    known = record_expectation((), view)
    for seq, eta in enumerate(etas[1:], 2):
        view = view.join(event(seq, eta=eta, outcome=outcome if seq == len(etas) else None))
        known = record_expectation(known, view)
    return drift_of(view, known)


def minutes(drift: Drift | None) -> list[float]:
    assert drift is not None
    return [(time - at(0)).total_seconds() / MINUTE for time in drift.times]


def test_an_arrival_moved_twice_from_the_promise_over_what_was_seen() -> None:
    drift = seen(around(51 * MINUTE), around(57 * MINUTE))
    assert minutes(drift) == [45, 51, 57]
    assert drift is not None
    assert drift.moves == 2


def test_a_promise_that_was_not_exceeded_at_first_is_no_expectation() -> None:
    drift = seen(around(40 * MINUTE), around(51 * MINUTE))
    assert minutes(drift) == [40, 51]
    assert minutes(seen(around(51 * MINUTE), around(57 * MINUTE), promised=None)) == [51, 57]


def test_what_differs_from_the_promise_alone_is_no_news() -> None:
    assert seen(around(51 * MINUTE)) is None
    assert seen(around(51 * MINUTE), around(51 * MINUTE)) is None


def test_an_estimate_that_varies_by_a_minute_has_not_moved_until_it_adds_up() -> None:
    assert seen(around(51 * MINUTE), around(52 * MINUTE), around(51 * MINUTE)) is None
    assert minutes(seen(*(around(each * MINUTE) for each in (51, 52, 53, 54)))) == [45, 51, 54]


def test_the_last_step_is_the_present_arrival() -> None:
    assert minutes(seen(around(51 * MINUTE), around(57 * MINUTE), around(58 * MINUTE))) == [45, 51, 58]


def test_days_are_compared_at_the_destination() -> None:
    # 23:30 on Tuesday and 00:30 on Wednesday in Berlin.
    tuesday, wednesday = (Eta(at(each), at(each), Precision.DAY) for each in (8.5 * HOUR, 9.5 * HOUR))
    drift = seen(tuesday, wednesday, promised=None)
    assert drift is not None
    assert drift.moves == 1
    assert seen(tuesday, Eta(at(0), at(0), Precision.DAY), promised=None) is None


def test_a_finer_estimate_is_no_move() -> None:
    day = Eta(at(0), at(12 * HOUR), Precision.DAY)
    assert seen(day, Eta(at(HOUR), at(3 * HOUR), Precision.HOUR), promised=None) is None


def test_an_ended_order_and_one_without_an_eta_have_no_moves() -> None:
    assert seen(around(51 * MINUTE), around(57 * MINUTE), None) is None
    assert seen(around(51 * MINUTE), around(57 * MINUTE), None, outcome=Outcome.DELIVERED) is None


@given(st.lists(st.integers(0, 200), min_size=1, max_size=120))
def test_the_kept_expectations_are_few_and_each_is_a_move(arrivals: list[int]) -> None:
    view, known = OrderView("A1"), Expectations()
    for seq, minute in enumerate(arrivals, 1):
        view = view.join(event(seq, eta=around(minute * MINUTE)))
        known = record_expectation(known, view)
    assert 1 <= len(known) <= MAX_EXPECTATIONS
    times: list[datetime] = [middle(each.eta) for each in known]
    # The first one stays when others are dropped, so the second need not be a move from it.
    steps = pairwise(times[1:] if len(known) == MAX_EXPECTATIONS else times)
    assert all(abs((after - before).total_seconds()) >= 2 * MINUTE for before, after in steps)
    assert abs((times[-1] - at(arrivals[-1] * MINUTE)).total_seconds()) < 2 * MINUTE
