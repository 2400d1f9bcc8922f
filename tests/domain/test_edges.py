"""Tests of the edges at which an order becomes late, stuck, in need of action or ended."""

from __future__ import annotations

from dataclasses import replace

from tests.support.orders import EPOCH, at, event, order, snapshot, state
from tracker_tui.domain.attention import ActionReason, assess
from tracker_tui.domain.edges import NEWS_WITHIN, Edge, EdgeDetector
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView

FIRST = snapshot(1, "preparing", facts=order(promised_at=at(600)), updated_at=at(0))
VIEW = OrderView("A1").join(FIRST)


def test_the_first_view_of_an_order_has_no_edges() -> None:
    detector = EdgeDetector()
    assert not detector.check(VIEW, at(9_000), trusted=True).edges
    assert not detector.check(VIEW, at(9_001), trusted=True).edges


def test_several_edges_are_reported_at_once() -> None:
    detector = EdgeDetector()
    detector.check(VIEW, at(10), trusted=True)
    failed = VIEW.join(replace(event(2, "attempt_failed"), state=state("attempt_failed", updated_at=at(660))))
    report = detector.check(failed, at(660), trusted=True)
    assert report.edges == {Edge.STAGE, Edge.ACTION, Edge.LATE}
    assert assess(failed, at(660)).action is ActionReason.ATTEMPT_FAILED


def test_an_end_and_a_reopening_are_edges() -> None:
    detector = EdgeDetector()
    detector.check(VIEW, at(10), trusted=True)
    ended = VIEW.join(event(2, "cancelled", outcome=Outcome.CANCELLED))
    assert detector.check(ended, at(11), trusted=True).edges == {Edge.ENDED}
    opened = ended.join(event(3, "preparing"))
    report = detector.check(opened, at(12), trusted=True)
    assert {Edge.REOPENED, Edge.STAGE, Edge.ACTION} >= report.edges >= {Edge.REOPENED, Edge.STAGE}
    assert report.previous_outcome is Outcome.CANCELLED


def test_edges_of_an_untrusted_view_wait_until_it_is_trusted() -> None:
    detector = EdgeDetector()
    detector.check(VIEW, at(10), trusted=True)
    later = VIEW.join(event(2, "ready"))
    assert not detector.check(later, at(20), trusted=False).edges
    assert detector.check(later, at(30), trusted=True).edges == {Edge.STAGE}


def test_edges_that_were_missed_for_long_are_no_news() -> None:
    detector = EdgeDetector()
    detector.check(VIEW, at(10), trusted=True)
    later = VIEW.join(event(2, "ready"))
    detector.check(later, at(20), trusted=False)
    assert later.current is not None
    after = later.current.updated_at + NEWS_WITHIN
    assert not detector.check(later, after.replace(microsecond=1), trusted=True).edges


def test_an_outage_has_no_edges_however_long_it_lasts() -> None:
    detector = EdgeDetector()
    detector.check(VIEW, at(10), trusted=True)
    for minute in range(1, 60):
        assert not detector.check(VIEW, at(60 * minute), trusted=False).edges


def test_a_new_epoch_with_the_same_state_has_no_edge() -> None:
    detector = EdgeDetector()
    detector.check(VIEW, at(10), trusted=True)
    assert not detector.check(VIEW.join(replace(FIRST, epoch=EPOCH + 1)), at(11), trusted=True).edges
