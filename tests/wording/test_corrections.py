"""Corrections, reopened orders and silent couriers in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

from tests.support.orders import EPOCH, at, event, milestone, order, snapshot
from tests.ui.unusual_orders import SCANS, parcel_snapshot
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Courier, Eta, Location, Milestone, MilestoneKind, Outcome, Place, Precision
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.sentences import milestone_sentence
from tracker_tui.wording.summary import summary
from tracker_tui.wording.times import Instant

NOW = Instant(0.0, at(100), UTC)


def seen(*messages: Event | Snapshot) -> OrderView:
    view = OrderView("A1")
    for message in messages:
        view = view.join(message)
    return view


def fix(seq: int, *struck: int, note: str | None = None) -> Milestone:
    return milestone(seq, "placed", kind=MilestoneKind.CORRECTION, supersedes=struck, note=note)


def test_a_correction_names_the_milestones_that_it_strikes() -> None:
    lines = (milestone(1), milestone(2, "ready"), milestone(3, "delivered", note="At \x1b[1mthe door"))
    correction = fix(4, 2, 3, note="wrong order")
    view = seen(snapshot(4, "placed", history=(*lines, correction)))
    assert milestone_sentence(view, correction, NOW) == (
        "Corrected to Placed at 14:00:04. "
        "Struck: Ready at 14:00:02; Delivered at 14:00:03 (At ␛[1mthe door). "
        "Note: Wrong order."
    )


def test_unknown_milestones_are_not_named() -> None:
    view = seen(snapshot(9, "placed", history=(fix(9, 3),), history_from=7))
    assert milestone_sentence(view, fix(9, 3), NOW) == "Corrected to Placed at 14:00:09."


def test_a_correction_strikes_nothing_of_another_epoch() -> None:
    older = snapshot(2, "ready", history=(milestone(1), milestone(2, "ready")))
    newer = replace(event(3, "placed", epoch=EPOCH + 1), milestone=fix(3, 2))
    assert milestone_sentence(seen(older, newer), fix(3, 2), NOW) == "Corrected to Placed at 14:00:03."


def test_the_summary_of_a_reopened_order_mentions_its_end() -> None:
    ended = snapshot(2, "delivered", history=(milestone(1), milestone(2, "delivered")), outcome=Outcome.DELIVERED)
    words = "Open again, after it ended as delivered at 14:00:02."
    assert words not in summary(seen(ended), NOW.now, UTC)
    assert words in summary(seen(ended, event(3, "placed")), NOW.now, UTC)
    corrected = snapshot(3, "placed", history=(milestone(1), milestone(2, "delivered"), fix(3, 2)))
    assert words in summary(seen(corrected), NOW.now, UTC)
    again = event(4, "delivered", outcome=Outcome.DELIVERED)
    assert "Open again" not in summary(seen(corrected, again), NOW.now, UTC)


def test_an_old_scan_is_not_a_lost_courier() -> None:
    old = at(-3600)
    parcel = summary(seen(parcel_snapshot(10, "in_transit", *SCANS, seen=-3600.0)), NOW.now, UTC)
    assert "1 hour 1 minute ago." in parcel
    silent = snapshot(1, location=Location(52.5, 13.4, old, label="Bridge"), courier=Courier("Ravi"))
    assert "Last seen at Bridge 1 hour 1 minute ago (courier not seen since)." in summary(seen(silent), NOW.now, UTC)


def test_where_days_are_compared_arrival_and_promise_are_days_of_one_zone() -> None:
    eta = Eta(at(3 * 3600), at(3 * 3600), Precision.DAY)  # 02:00 on Wednesday in Seoul
    facts = order(promised_at=at(4 * 3600), destination=Place(37.5, 127.0, "Home", "Asia/Seoul"))
    parcel = seen(snapshot(1, "in_transit", facts=facts, eta=eta))
    text = "Expected on Wed 25 Nov (Seoul time). On time, promised for Wed 25 Nov."
    assert text in summary(parcel, NOW.now, UTC)
    assert text.replace(" (Seoul time)", "") in summary(parcel, NOW.now, ZoneInfo("Asia/Seoul"))
