"""Tests of the attention that an order needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.orders import at, milestone, order, snapshot
from tracker_tui.domain.attention import ActionReason, Assessment, Attention, assess, stuck_from
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Courier, Eta, Location, MilestoneKind, Outcome, Precision
from tracker_tui.domain.view import OrderView, lift

SOON = Eta(at(1000), at(1200), Precision.MINUTE)


def preparing(promised: datetime | None = None, **fields: Any) -> OrderView:
    """Return an order in preparation since 14:01:00, with a limit of 900 s; last updated at 14:10:00."""
    history = (milestone(1, "placed", occurred_at=at(0)), milestone(2, "preparing", occurred_at=at(60)))
    state_fields = {"updated_at": at(600), "eta": SOON, **fields}
    return lift(snapshot(2, "preparing", history=history, facts=order(promised_at=promised), **state_fields))


def assessed(view: OrderView, seconds: float) -> Assessment:
    return assess(view, at(seconds))


@pytest.mark.parametrize(("seconds", "attention"), [(960, Attention.CALM), (961, Attention.STUCK)])
def test_an_order_is_stuck_once_its_stage_exceeds_its_limit(seconds: float, attention: Attention) -> None:
    assert assessed(preparing(), seconds).attention is attention


@pytest.mark.parametrize(
    ("eta", "limit"),
    [
        (SOON, 600 + 15 * 60),
        (Eta(at(0), at(7200), Precision.HOUR), 600 + 6 * 3600),
        (Eta(at(0), at(86400), Precision.DAY), 600 + 48 * 3600),
        (None, 600 + 3600),
    ],
)
def test_an_order_without_a_limit_is_stuck_after_a_long_time_without_an_update(eta: Eta | None, limit: float) -> None:
    view = lift(snapshot(2, "held", history=(milestone(2, "held", occurred_at=at(60)),), updated_at=at(600), eta=eta))
    assert not assessed(view, limit).stuck
    assert assessed(view, limit + 1).stuck


def test_a_missing_update_makes_an_order_stuck_before_its_stage_exceeds_its_limit() -> None:
    assert stuck_from(preparing(updated_at=at(30))) == at(30 + 15 * 60)


def test_a_stage_that_was_entered_twice_is_timed_from_the_last_entry() -> None:
    history = (
        milestone(1, "preparing", occurred_at=at(0)),
        milestone(2, "ready", occurred_at=at(500)),
        milestone(3, "preparing", occurred_at=at(600)),
        milestone(4, "preparing", occurred_at=at(700), kind=MilestoneKind.NOTE, note="again"),
    )
    view = lift(snapshot(4, "preparing", history=history, updated_at=at(1500), eta=SOON))
    assert stuck_from(view) == at(600 + 900)


def test_late_sorts_before_at_risk_before_stuck_and_a_late_order_can_be_stuck_too() -> None:
    late, risky = preparing(at(900)), preparing(at(1100))
    assert assessed(late, 961) == Assessment(
        Lateness.LATE, timedelta(minutes=3), None, stuck=True, attention=Attention.LATE, severity=180.0
    )
    assert assessed(risky, 961) == Assessment(
        Lateness.AT_RISK, None, None, stuck=True, attention=Attention.AT_RISK, severity=120.0
    )
    assert assessed(preparing(at(5000)), 961).attention is Attention.STUCK
    assert (
        Attention.LATE
        < Attention.NEEDS_ACTION
        < Attention.AT_RISK
        < Attention.STUCK
        < Attention.CALM
        < Attention.UNKNOWN
        < Attention.ENDED
    )


def test_an_ended_order_needs_no_attention_even_if_it_was_late() -> None:
    view = preparing(at(100), outcome=Outcome.DELIVERED)
    assert assessed(view, 1e6).attention is Attention.ENDED
    assert stuck_from(view) is None


def test_an_unknown_order_has_an_unknown_assessment() -> None:
    assert assessed(OrderView("A1"), 1e6) == Assessment(
        Lateness.UNKNOWN, None, None, stuck=False, attention=Attention.UNKNOWN, severity=0.0
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"flags": ("held",)}, ActionReason.HELD),
        ({"flags": ("action_required", "held")}, ActionReason.HELD),
        ({"flags": ("action_required",)}, ActionReason.ACTION_REQUIRED),
        ({"flags": ("delayed",)}, None),
        ({"location": Location(52.5, 13.4, at(420))}, None),
        ({"location": Location(52.5, 13.4, at(419))}, ActionReason.COURIER_SILENT),
        ({"location": Location(52.5, 13.4, at(0), label="Hub"), "courier": None}, None),
        ({"outcome": Outcome.CANCELLED, "flags": ("held",)}, None),
    ],
)
def test_an_order_needs_action_for_the_first_reason_that_applies(
    fields: dict[str, Any], reason: ActionReason | None
) -> None:
    found = assessed(preparing(**{"courier": Courier("Mira", "en_route"), **fields}), 600)
    assert found.action is reason
    if reason is not None:
        assert found.attention is Attention.NEEDS_ACTION


@pytest.mark.parametrize(
    ("status", "reason"), [("attempt_failed", ActionReason.ATTEMPT_FAILED), ("held", ActionReason.HELD)]
)
def test_a_failed_attempt_and_a_held_order_need_action(status: str, reason: ActionReason) -> None:
    view = lift(snapshot(2, status, history=(milestone(2, status, occurred_at=at(60)),), updated_at=at(600), eta=SOON))
    assert assessed(view, 600).action is reason


def reopened(*later: str) -> OrderView:
    statuses = ("placed", "delivered", "preparing", *later)
    history = tuple(milestone(seq, each, occurred_at=at(60 * seq)) for seq, each in enumerate(statuses, start=1))
    return lift(snapshot(len(statuses), statuses[-1], history=history, updated_at=at(600), eta=SOON))


def test_a_reopened_order_needs_action_until_it_enters_its_next_stage() -> None:
    assert assessed(reopened(), 600).action is ActionReason.REOPENED
    assert assessed(reopened("ready"), 600).action is None


def test_a_corrected_end_counts_as_reopened() -> None:
    history = (
        milestone(1, "arriving", occurred_at=at(0)),
        milestone(2, "delivered", occurred_at=at(60)),
        milestone(3, "arriving", occurred_at=at(90), kind=MilestoneKind.CORRECTION, supersedes=(2,)),
    )
    view = lift(snapshot(3, "arriving", history=history, updated_at=at(600), eta=SOON))
    assert assessed(view, 600).action is ActionReason.REOPENED


@pytest.mark.parametrize("status", ["available_for_pickup", "returning"])
def test_a_parcel_that_waits_or_returns_is_no_late_courier(status: str) -> None:
    view = lift(snapshot(2, status, facts=order(promised_at=at(0)), updated_at=at(600), eta=SOON))
    assert assessed(view, 900).lateness is Lateness.UNKNOWN
    assert assessed(view, 900).attention is Attention.CALM


def test_a_parcel_that_waits_for_its_customer_is_never_stuck_by_silence() -> None:
    view = lift(snapshot(2, "available_for_pickup", updated_at=at(0), eta=None))
    assert stuck_from(view) is None
    assert not assessed(view, 30 * 86_400).stuck


def test_a_parcel_on_its_way_back_is_stuck_after_two_days() -> None:
    view = lift(snapshot(2, "returning", updated_at=at(0), eta=None))
    assert stuck_from(view) == at(48 * 3600)


def test_the_worst_order_of_a_class_has_the_highest_severity() -> None:
    assert assessed(preparing(at(600)), 961).severity > assessed(preparing(at(900)), 961).severity
    sooner, later = (Eta(at(end - 60), at(end), Precision.MINUTE) for end in (1000, 1500))
    calm = [assessed(preparing(eta=each), 600) for each in (sooner, later, None)]
    assert [each.attention for each in calm] == [Attention.CALM] * 3
    assert calm[0].severity > calm[1].severity > calm[2].severity
