"""Estimated times of the stages to come."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import FOOD, at, milestone, order, snapshot
from tests.support.strategies import EXACT_TIMES, snapshots
from tracker_tui.domain.estimates import with_estimates
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Eta, Flow, Precision, Stage
from tracker_tui.domain.timeline import Mark, timeline
from tracker_tui.domain.view import OrderView, lift


def in_stage(status: str, arrival: float, *, flow: Flow = FOOD) -> OrderView:
    eta = Eta(at(arrival - 60), at(arrival + 60), Precision.MINUTE)
    history = (milestone(1, status, occurred_at=at(0)),)
    return lift(snapshot(1, status, history=history, facts=order(flow=flow), eta=eta))


def expected(view: OrderView, now: float) -> dict[str, datetime | None]:
    rows = with_estimates(timeline(view), view, at(now))
    return {row.status: row.expected for row in rows if row.mark is Mark.PENDING}


def test_stages_to_come_are_expected_at_the_eta_minus_the_limits_of_the_stages() -> None:
    assert expected(in_stage("preparing", 3000), 60) == {
        "ready": at(3000 - 180 - 900 - 300),
        "picked_up": at(3000 - 180 - 900),
        "arriving": at(3000 - 180),
        "delivered": at(3000),
    }


def test_estimates_that_have_passed_share_the_time_that_is_left() -> None:
    # Without the delay: ready at 420 s, preparing from -480 s on.
    times = expected(in_stage("preparing", 1800), 1000)
    assert times["ready"] == at(1800 - 1380 * 800 / 2280)
    assert times["delivered"] == at(1800)
    shown = list(times.values())
    assert None not in shown
    assert at(1000) < min(filter(None, shown))
    assert shown == sorted(filter(None, shown))


def test_an_arrival_that_has_passed_gives_no_estimates() -> None:
    assert set(expected(in_stage("preparing", 1800), 1860).values()) == {None}


def test_a_stage_without_a_limit_gives_no_estimates_at_all() -> None:
    limits = {"placed": None, "made": None, "sent": 60.0, "end": None}
    flow = Flow("odd", tuple(Stage(name, name, limit) for name, limit in limits.items()))
    assert set(expected(in_stage("placed", 1800, flow=flow), 60).values()) == {None}
    assert expected(in_stage("made", 1800, flow=flow), 60) == {"sent": at(1740), "end": at(1800)}


@pytest.mark.parametrize("limit", [1e10, 1e300])
def test_a_limit_that_no_calendar_holds_gives_no_estimates(limit: float) -> None:
    flow = Flow("slow", (Stage("placed", "Placed"), Stage("ready", "Ready", limit), Stage("end", "End")))
    assert set(expected(in_stage("placed", 1800, flow=flow), 60).values()) == {None}


def test_without_an_eta_there_are_no_estimates() -> None:
    view = lift(snapshot(1, "placed"))
    assert with_estimates(timeline(view), view, at(0)) == timeline(view)


@given(
    stage=st.sampled_from([stage.id for stage in FOOD.stages[:-1]]),
    now=st.floats(0, 3000),
    arrival=st.floats(0, 6000),
)
def test_either_all_stages_have_a_time_in_order_and_none_has_passed_or_none_has_a_time(
    stage: str, now: float, arrival: float
) -> None:
    times = list(expected(in_stage(stage, arrival), now).values())
    known = [time for time in times if time is not None]
    assert known in ([], times)
    assert known == sorted(known)
    if known and arrival >= now:
        assert all(time >= at(now) for time in known)


@given(snapshots(EXACT_TIMES), EXACT_TIMES)
def test_any_order_can_be_estimated_at_any_time(message: Snapshot, now: datetime) -> None:
    view = lift(message)
    with_estimates(timeline(view), view, now)
