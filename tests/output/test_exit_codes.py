"""When a run ends, and with which exit code."""

from __future__ import annotations

import pytest

from tests.support.orders import event, milestone, snapshot
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.output.exit_codes import (
    ExitCode,
    all_finished,
    exit_code_of_link,
    exit_code_of_orders,
    has_ended,
    has_reached,
    most_severe,
)

OPEN = lift(snapshot(3, "ready", history=(milestone(1), milestone(2, "preparing"), milestone(3, "ready"))))
DELIVERED = lift(snapshot(4, "delivered", outcome=Outcome.DELIVERED))
CANCELLED = lift(snapshot(4, "cancelled", order_id="A2", outcome=Outcome.CANCELLED))
NOTHING = OrderView("A3")


def test_an_order_has_ended_when_it_has_an_outcome_and_nothing_is_missing() -> None:
    assert has_ended(DELIVERED)
    assert not has_ended(OPEN)
    assert not has_ended(NOTHING)
    assert not has_ended(lift(snapshot(2)).join(event(4, "delivered", outcome=Outcome.DELIVERED)))


def test_a_status_is_reached_now_or_in_history() -> None:
    assert has_reached(OPEN, "ready")
    assert has_reached(OPEN, "preparing")
    assert not has_reached(OPEN, "delivered")
    assert not has_reached(NOTHING, "ready")


def test_a_status_that_was_struck_was_not_reached() -> None:
    fix = milestone(3, "preparing", kind=MilestoneKind.CORRECTION, supersedes=(2,))
    view = lift(snapshot(3, "preparing", history=(milestone(1), milestone(2, "ready"), fix)))
    assert not has_reached(view, "ready")
    again = (milestone(1), milestone(2, "ready"), fix, milestone(4, "ready"), milestone(5, "preparing"))
    assert has_reached(lift(snapshot(5, "preparing", history=again)), "ready")


@pytest.mark.parametrize(
    ("views", "refused", "status", "over"),
    [
        ([DELIVERED, CANCELLED], set(), None, True),
        ([DELIVERED, OPEN], set(), None, False),
        ([DELIVERED, NOTHING], {"A3"}, None, True),
        ([OPEN], set(), "ready", True),
        ([OPEN], set(), "delivered", False),
        ([CANCELLED], set(), "delivered", True),
    ],
)
def test_when_all_orders_are_finished(
    views: list[OrderView], refused: set[str], status: str | None, *, over: bool
) -> None:
    assert all_finished(views, refused, status) is over


@pytest.mark.parametrize(
    ("views", "refused", "status", "code"),
    [
        ([OPEN], set(), None, ExitCode.DONE),
        ([DELIVERED], set(), None, ExitCode.DONE),
        ([DELIVERED, CANCELLED], set(), None, ExitCode.NOT_DELIVERED),
        ([CANCELLED, NOTHING], {"A3"}, None, ExitCode.UNKNOWN_ORDER),
        ([OPEN], set(), "preparing", ExitCode.DONE),
        ([DELIVERED], set(), "held", ExitCode.NOT_DELIVERED),
        ([CANCELLED], set(), "cancelled", ExitCode.DONE),
        ([CANCELLED], set(), "delivered", ExitCode.NOT_DELIVERED),
        ([NOTHING], set(), None, ExitCode.DONE),
    ],
)
def test_the_exit_code_of_the_orders(
    views: list[OrderView], refused: set[str], status: str | None, code: ExitCode
) -> None:
    assert exit_code_of_orders(views, refused, status) is code


def test_the_most_severe_code_takes_precedence() -> None:
    exits = [ExitCode.DONE, ExitCode.NOT_DELIVERED, ExitCode.UNREACHABLE, ExitCode.UNKNOWN_ORDER, ExitCode.SIGNED_OUT]
    reported = []
    while exits:
        reported.append(int(most_severe(exits)))
        exits.remove(most_severe(exits))
    assert reported == [6, 4, 3, 5, 0]
    assert most_severe([]) is ExitCode.DONE


@pytest.mark.parametrize(
    ("link", "code"),
    [
        (None, ExitCode.DONE),
        (LinkState(Phase.LIVE, "sse"), ExitCode.DONE),
        (LinkState(Phase.BACKOFF, "sse", reason="connection refused"), ExitCode.DONE),
        (LinkState(Phase.SIGNED_OUT, "sse", reason="the file is gone"), ExitCode.SIGNED_OUT),
        (LinkState(Phase.FAILED, "sse", code="forbidden"), ExitCode.UNKNOWN_ORDER),
        (LinkState(Phase.FAILED, "sse", code="unsupported_protocol"), ExitCode.UNREACHABLE),
        (LinkState(Phase.FAILED, "sse"), ExitCode.UNREACHABLE),
    ],
)
def test_a_refused_connection_has_a_code_of_its_own(link: LinkState | None, code: ExitCode) -> None:
    assert exit_code_of_link(link) is code
