"""Tests of the attention that an order needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.support.orders import at, milestone, order, snapshot
from tracker_tui.domain.attention import Assessment, Attention, assess, stuck_from
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Eta, MilestoneKind, Outcome, Precision
from tracker_tui.domain.view import OrderView, lift

SOON = Eta(at(1000), at(1200), Precision.MINUTE)


def preparing(promised: datetime | None = None, **fields: Any) -> OrderView:
    """Return an order in preparation since 14:01:00, with a limit of 900 s; last updated at 14:10:00."""
    history = (milestone(1, "placed", occurred_at=at(0)), milestone(2, "preparing", occurred_at=at(60)))
    state_fields = {"updated_at": at(600), "eta": SOON, **fields}
    return lift(snapshot(2, "preparing", history=history, facts=order(promised_at=promised), **state_fields))


def assessed(view: OrderView, seconds: float) -> Assessment:
    return assess(view, at(seconds), stuck_from(view))


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
    assert assessed(late, 961) == Assessment(Lateness.LATE, True, Attention.LATE)
    assert assessed(risky, 961) == Assessment(Lateness.AT_RISK, True, Attention.AT_RISK)
    assert assessed(preparing(at(5000)), 961).attention is Attention.STUCK
    assert Attention.LATE < Attention.AT_RISK < Attention.STUCK < Attention.CALM < Attention.UNKNOWN < Attention.ENDED


def test_an_ended_order_needs_no_attention_even_if_it_was_late() -> None:
    view = preparing(at(100), outcome=Outcome.DELIVERED)
    assert assessed(view, 1e6).attention is Attention.ENDED
    assert stuck_from(view) is None


def test_an_unknown_order_has_an_unknown_assessment() -> None:
    assert assessed(OrderView("A1"), 1e6) == Assessment(Lateness.UNKNOWN, False, Attention.UNKNOWN)
