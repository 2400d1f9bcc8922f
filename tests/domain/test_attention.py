"""Which orders want to be looked at."""

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
    """In preparation, for which 900 s are allowed, since 14:01:00; last heard of at 14:10:00."""
    history = (milestone(1, "placed", occurred_at=at(0)), milestone(2, "preparing", occurred_at=at(60)))
    told = {"updated_at": at(600), "eta": SOON, **fields}
    return lift(snapshot(2, "preparing", history=history, facts=order(promised_at=promised), **told))


def judged(view: OrderView, seconds: float) -> Assessment:
    return assess(view, at(seconds), stuck_from(view))


@pytest.mark.parametrize(("seconds", "attention"), [(960, Attention.CALM), (961, Attention.STUCK)])
def test_an_order_is_stuck_once_its_stage_lasts_longer_than_it_may(seconds: float, attention: Attention) -> None:
    assert judged(preparing(), seconds).attention is attention


@pytest.mark.parametrize(
    ("eta", "silent_from"),
    [
        (SOON, 600 + 15 * 60),
        (Eta(at(0), at(7200), Precision.HOUR), 600 + 6 * 3600),
        (Eta(at(0), at(86400), Precision.DAY), 600 + 48 * 3600),
        (None, 600 + 3600),
    ],
)
def test_an_order_without_a_limit_is_stuck_once_nothing_is_heard_of_it_for_long(
    eta: Eta | None, silent_from: float
) -> None:
    view = lift(snapshot(2, "held", history=(milestone(2, "held", occurred_at=at(60)),), updated_at=at(600), eta=eta))
    assert not judged(view, silent_from).stuck
    assert judged(view, silent_from + 1).stuck


def test_silence_makes_an_order_stuck_before_its_stage_is_over() -> None:
    assert stuck_from(preparing(updated_at=at(30))) == at(30 + 15 * 60)


def test_what_was_entered_twice_counts_from_the_last_time() -> None:
    history = (
        milestone(1, "preparing", occurred_at=at(0)),
        milestone(2, "ready", occurred_at=at(500)),
        milestone(3, "preparing", occurred_at=at(600)),
        milestone(4, "preparing", occurred_at=at(700), kind=MilestoneKind.NOTE, note="again"),
    )
    view = lift(snapshot(4, "preparing", history=history, updated_at=at(1500), eta=SOON))
    assert stuck_from(view) == at(600 + 900)


def test_late_comes_before_at_risk_before_stuck_and_a_late_order_may_be_stuck_too() -> None:
    late, risky = preparing(at(900)), preparing(at(1100))
    assert judged(late, 961) == Assessment(Lateness.LATE, True, Attention.LATE)
    assert judged(risky, 961) == Assessment(Lateness.AT_RISK, True, Attention.AT_RISK)
    assert judged(preparing(at(5000)), 961).attention is Attention.STUCK
    assert Attention.LATE < Attention.AT_RISK < Attention.STUCK < Attention.CALM < Attention.UNKNOWN < Attention.ENDED


def test_an_order_that_has_ended_wants_no_attention_however_late_it_came() -> None:
    view = preparing(at(100), outcome=Outcome.DELIVERED)
    assert judged(view, 1e6).attention is Attention.ENDED
    assert stuck_from(view) is None


def test_of_an_order_that_is_not_known_nothing_is_said() -> None:
    assert judged(OrderView("A1"), 1e6) == Assessment(Lateness.UNKNOWN, False, Attention.UNKNOWN)
