"""When a run is over, and with which exit code."""

from __future__ import annotations

import pytest

from tests.support.orders import event, milestone, snapshot
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.output.exit_codes import Exit, ended, first_of, judge, judge_link, reached, settled

OPEN = lift(snapshot(3, "ready", history=(milestone(1), milestone(2, "preparing"), milestone(3, "ready"))))
DELIVERED = lift(snapshot(4, "delivered", outcome=Outcome.DELIVERED))
CANCELLED = lift(snapshot(4, "cancelled", order_id="A2", outcome=Outcome.CANCELLED))
NOTHING = OrderView("A3")


def test_an_order_has_ended_when_it_has_an_outcome_and_nothing_is_missing() -> None:
    assert ended(DELIVERED)
    assert not ended(OPEN)
    assert not ended(NOTHING)
    assert not ended(lift(snapshot(2)).join(event(4, "delivered", outcome=Outcome.DELIVERED)))


def test_a_status_is_reached_now_or_in_history() -> None:
    assert reached(OPEN, "ready")
    assert reached(OPEN, "preparing")
    assert not reached(OPEN, "delivered")
    assert not reached(NOTHING, "ready")


def test_a_status_that_was_struck_was_not_reached() -> None:
    fix = milestone(3, "preparing", kind=MilestoneKind.CORRECTION, supersedes=(2,))
    view = lift(snapshot(3, "preparing", history=(milestone(1), milestone(2, "ready"), fix)))
    assert not reached(view, "ready")
    again = (milestone(1), milestone(2, "ready"), fix, milestone(4, "ready"), milestone(5, "preparing"))
    assert reached(lift(snapshot(5, "preparing", history=again)), "ready")


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
def test_what_is_settled(views: list[OrderView], refused: set[str], status: str | None, *, over: bool) -> None:
    assert settled(views, refused, status) is over


@pytest.mark.parametrize(
    ("views", "refused", "status", "code"),
    [
        ([OPEN], set(), None, Exit.DONE),
        ([DELIVERED], set(), None, Exit.DONE),
        ([DELIVERED, CANCELLED], set(), None, Exit.OTHERWISE),
        ([CANCELLED, NOTHING], {"A3"}, None, Exit.UNKNOWN_ORDER),
        ([OPEN], set(), "preparing", Exit.DONE),
        ([DELIVERED], set(), "held", Exit.OTHERWISE),
        ([CANCELLED], set(), "cancelled", Exit.DONE),
        ([CANCELLED], set(), "delivered", Exit.OTHERWISE),
        ([NOTHING], set(), None, Exit.DONE),
    ],
)
def test_what_the_orders_deserve(views: list[OrderView], refused: set[str], status: str | None, code: Exit) -> None:
    assert judge(views, refused, status) is code


def test_of_several_reasons_the_gravest_is_told() -> None:
    exits = [Exit.DONE, Exit.OTHERWISE, Exit.UNREACHABLE, Exit.UNKNOWN_ORDER, Exit.SIGNED_OUT]
    told = []
    while exits:
        told.append(int(first_of(exits)))
        exits.remove(first_of(exits))
    assert told == [6, 4, 3, 5, 0]
    assert first_of([]) is Exit.DONE


@pytest.mark.parametrize(
    ("link", "code"),
    [
        (None, Exit.DONE),
        (LinkState(Phase.LIVE, "sse"), Exit.DONE),
        (LinkState(Phase.BACKOFF, "sse", reason="connection refused"), Exit.DONE),
        (LinkState(Phase.SIGNED_OUT, "sse", reason="the file is gone"), Exit.SIGNED_OUT),
        (LinkState(Phase.FAILED, "sse", code="forbidden"), Exit.UNKNOWN_ORDER),
        (LinkState(Phase.FAILED, "sse", code="unsupported_protocol"), Exit.UNREACHABLE),
        (LinkState(Phase.FAILED, "sse"), Exit.UNREACHABLE),
    ],
)
def test_a_connection_that_was_turned_away_has_a_code_of_its_own(link: LinkState | None, code: Exit) -> None:
    assert judge_link(link) is code
