"""Snoozed orders: at the end of their class, and back early when they get worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.orders import at
from tracker_tui.domain.attention import ActionReason, Assessment, Attention
from tracker_tui.domain.lateness import Lateness
from tracker_tui.ui.board.snooze import SNOOZE_LENGTH, Snooze

LATE = Assessment(Lateness.LATE, timedelta(minutes=7), None, False, Attention.LATE, 420)
HELD = Assessment(Lateness.ON_TIME, None, ActionReason.HELD, False, Attention.NEEDS_ACTION, 0)
AT_RISK = Assessment(Lateness.AT_RISK, None, None, False, Attention.AT_RISK, 60)
CALM = Assessment(Lateness.ON_TIME, None, None, False, Attention.CALM, 0)


def test_a_snooze_ends_after_its_length() -> None:
    snooze = Snooze.of(LATE, at(0))
    assert not snooze.is_over(LATE, at(599))
    assert snooze.is_over(LATE, at(600))
    assert timedelta(minutes=10) == SNOOZE_LENGTH


@pytest.mark.parametrize(
    ("before", "after", "is_over"),
    [
        (LATE, replace(LATE, late_by=timedelta(minutes=11)), False),
        (LATE, replace(LATE, late_by=timedelta(minutes=12)), True),
        (LATE, replace(LATE, late_by=timedelta(minutes=3)), False),
        (LATE, replace(LATE, action=ActionReason.HELD), True),
        (replace(LATE, action=ActionReason.HELD), replace(LATE, action=None), False),
        (replace(LATE, action=ActionReason.HELD), replace(LATE, action=ActionReason.COURIER_SILENT), True),
        (LATE, AT_RISK, False),
        (LATE, CALM, False),
        (AT_RISK, LATE, True),
        (CALM, AT_RISK, True),
        (CALM, CALM, False),
        (HELD, HELD, False),
        (HELD, replace(HELD, action=ActionReason.ATTEMPT_FAILED), True),
        (LATE, replace(CALM, attention=Attention.ENDED), True),
        (LATE, replace(CALM, attention=Attention.UNKNOWN), False),
    ],
)
def test_a_snooze_ends_early_if_and_only_if_the_order_gets_worse(
    before: Assessment, after: Assessment, is_over: bool
) -> None:
    assert Snooze.of(before, at(0)).is_over(after, at(60)) is is_over


@pytest.mark.parametrize(("seconds", "left"), [(0, 600), (1, 600), (60, 540), (61, 540), (541, 60), (599, 60)])
def test_the_time_left_is_rounded_up_to_minutes(seconds: float, left: int) -> None:
    assert Snooze.of(LATE, at(0)).seconds_left(at(seconds)) == left
