"""The orders of the gallery's evening are believable."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.support.orders import at
from tests.ui.gallery.evening import EVENING, LATE, NOW
from tests.ui.order_fixtures import cooking_snapshot, delivered_snapshot, meal_snapshot
from tracker_tui.domain.attention import ActionReason, Attention, assess
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.domain.view import lift

ASSESSED = {each.order_id: assess(lift(each), at(NOW)) for each in EVENING}


def test_most_orders_are_on_time_and_a_few_are_in_every_kind_of_trouble() -> None:
    assert Counter(each.attention for each in ASSESSED.values()) == {
        Attention.LATE: 5,
        Attention.NEEDS_ACTION: 4,
        Attention.AT_RISK: 3,
        Attention.STUCK: 1,
        Attention.CALM: 14,
        Attention.ENDED: 8,
    }
    assert {each.action for each in ASSESSED.values()} >= set(ActionReason) - {ActionReason.ACTION_REQUIRED}


def test_the_late_orders_are_late_by_different_minutes() -> None:
    late_by = [ASSESSED[each.order_id].late_by for each in LATE]
    assert late_by == [timedelta(minutes=minutes) for minutes in (40, 21, 12, 7, 3)]


def test_no_two_events_of_the_evening_are_at_the_same_second() -> None:
    times = [line.occurred_at for each in EVENING for line in each.history]
    assert len(set(times)) == len(times)
    assert max(times) < at(NOW)


@pytest.mark.parametrize(
    "taken", [*EVENING, cooking_snapshot(), meal_snapshot(), delivered_snapshot()], ids=lambda each: each.order_id
)
def test_no_order_goes_back_without_a_correction(taken: Snapshot) -> None:
    assert taken.order is not None
    places = {stage.id: place for place, stage in enumerate(taken.order.flow.stages)}
    reached, before = 0, taken.order.placed_at
    for line in taken.history:
        assert line.occurred_at >= before
        before, place = line.occurred_at, places.get(line.status, reached)
        assert place >= reached or line.kind is MilestoneKind.CORRECTION
        reached = place
    assert places.get(taken.state.status, reached) >= reached
