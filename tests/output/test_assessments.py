"""The moment up to which an order of a feed is known: assessments are made then."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clocks import SetClock
from tests.support.feeds import CONNECTING, DOWN, FINAL, LIVE, ViewScript
from tests.support.orders import at, event, order, snapshot
from tracker_tui.domain.attention import ActionReason, Attention, assess
from tracker_tui.domain.order import Courier, Location, Outcome
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkChanged, LinkState, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.output.assessments import Assessments

QUIET = LinkChanged(LinkState(Phase.QUIET, "websocket", connected_at=0.0))


class Known:
    """Assessments, and what happened at which second."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.assessments = Assessments(self.clock)
        self.view = OrderView("A1").join(snapshot(1))

    def link(self, seconds: float, change: LinkChanged) -> None:
        self.clock.seconds = seconds
        self.assessments.observe(change)

    def order(self, seconds: float, standing: Standing = Standing.IN_SYNC) -> None:
        self.clock.seconds = seconds
        self.assessments.observe(OrderChanged("A1", self.view, standing))

    def until(self, seconds: float) -> datetime:
        self.clock.seconds = seconds
        return self.assessments.known_until("A1")


@pytest.fixture
def known() -> Known:
    return Known()


def test_it_is_now_while_the_link_is_live_and_the_order_in_sync(known: Known) -> None:
    known.link(0, CONNECTING)
    known.link(1, LIVE)
    known.order(2)
    assert known.until(9) == at(9)
    known.link(10, FINAL)
    known.order(10, Standing.FINAL)
    assert known.until(20) == at(20)


@pytest.mark.parametrize("lost", [DOWN, QUIET])
def test_it_stands_still_while_the_link_is_not_live(known: Known, lost: LinkChanged) -> None:
    known.link(1, LIVE)
    known.order(2)
    known.link(30, lost)
    known.link(40, CONNECTING)
    assert known.until(600) == at(30)
    known.order(610)
    assert known.until(611) == at(30)
    known.link(620, LIVE)
    assert known.until(630) == at(630)


def test_it_stands_still_while_the_order_is_not_in_sync(known: Known) -> None:
    known.link(1, LIVE)
    known.order(2)
    known.order(30, Standing.RECONCILING)
    known.order(40, Standing.RECONCILING)
    known.link(50, DOWN)
    assert known.until(60) == at(30)
    known.link(70, LIVE)
    assert known.until(80) == at(30)
    known.order(90)
    assert known.until(95) == at(95)


def test_before_that_ever_held_it_is_the_time_of_the_first_report(known: Known) -> None:
    known.link(0, CONNECTING)
    known.order(5)
    assert known.until(60) == at(5)
    assert known.assessments.known_until("A9") == at(60)


def test_an_order_that_is_reported_again_is_no_news(known: Known) -> None:
    known.link(1, LIVE)
    known.order(2)
    known.link(30, DOWN)
    known.order(40)
    known.order(50)
    assert known.until(60) == at(30)


def test_an_order_that_was_forgotten_is_known_anew(known: Known) -> None:
    known.link(1, LIVE)
    known.order(2)
    known.link(30, DOWN)
    known.clock.seconds = 40
    known.assessments.observe(OrderForgotten("A1"))
    known.order(50)
    assert known.until(60) == at(50)


def test_ten_minutes_of_outage_change_the_class_of_no_order() -> None:
    clock, story = SetClock(), ViewScript()
    assessments = Assessments(clock)
    assessments.observe(LIVE)
    for number in range(1_000):
        assessments.observe(
            story.change_for(
                snapshot(
                    1,
                    "picked_up",
                    order_id=f"A{number}",
                    facts=order(f"A{number}", promised_at=at(60 * (number % 15))),
                    courier=Courier("Mia", "en_route"),
                    location=Location(52.5, 13.4, at(0)),
                )
            )
        )
    clock.seconds = 60
    assessments.observe(DOWN)
    before = [assessments.of(view) for view in story.views.values()]
    clock.seconds = 660
    assert [assessments.of(view) for view in story.views.values()] == before
    assert {each.attention for each in before} == {Attention.LATE, Attention.CALM}
    assessments.observe(LIVE)
    assert {assessments.of(view).action for view in story.views.values()} == {ActionReason.COURIER_SILENT}


steps = st.sampled_from(["placed", "accepted", "ready", "delivered"])


@given(st.lists(st.tuples(st.integers(1, 8), steps, st.booleans(), st.booleans()), max_size=12), st.integers(0, 5_000))
def test_the_kept_basis_gives_the_same_assessment(messages: list[tuple[int, str, bool, bool]], seconds: int) -> None:
    clock, story = SetClock(), ViewScript()
    assessments = Assessments(clock)
    assessments.observe(LIVE)
    for seq, status, quiet, whole in messages:
        outcome = Outcome.DELIVERED if status == "delivered" else None
        message = (
            snapshot(seq, status, outcome=outcome, facts=order(promised_at=at(900)))
            if whole
            else event(seq, status, outcome=outcome, quiet=quiet)
        )
        change = story.change_for(message)
        assessments.observe(change)
        clock.seconds = seconds
        assert assessments.of(change.view) == assess(change.view, at(seconds))
