"""Random server logs of one order, and deliveries with losses, duplicates and reordering."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support.orders import EPOCH, at, milestone, order, snapshot, state
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Milestone, MilestoneKind, Outcome
from tracker_tui.domain.view import OrderView, lift

Statement = Event | Snapshot | Cursor
"""A statement of a server about an order: an event, a snapshot, or the head of its log."""

PROPERTY = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
"""Settings for properties over whole logs, without a deadline."""

_STATUSES = ["placed", "preparing", "picked_up", "attempt_failed", "delivered", "cancelled", "⛵ beyond the flow"]


def take(view: OrderView, statement: Statement) -> OrderView:
    """Return `view` after one statement."""
    return view.announce(statement) if isinstance(statement, Cursor) else view.join(statement)


def heard(messages: list[Statement]) -> OrderView:
    """Return the view after `messages` in this order."""
    view = OrderView("A1")
    for message in messages:
        view = take(view, message)
    return view


def lifted(statement: Statement) -> OrderView:
    """Return the view after one statement."""
    return OrderView("A1", head=statement) if isinstance(statement, Cursor) else lift(statement)


@st.composite
def everything_said(draw: st.DrawFn) -> list[Statement]:
    """Generate all statements of a server about an order, with server faults, over one to three epochs."""
    said: list[Statement] = []
    for epoch in range(EPOCH, EPOCH + draw(st.integers(1, 3))):
        events = [draw(_events(epoch, seq)) for seq in range(1, draw(st.integers(1, 8)))]
        said += events
        said += [draw(_snapshots(epoch, events)) for _ in range(draw(st.integers(0, 3)))]
        said += [_contradicted(draw, message) for message in said[-3:] if draw(st.booleans())]
        said += [Cursor(epoch, draw(st.integers(0, len(events) + 2))) for _ in range(draw(st.integers(0, 2)))]
    return said


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Statement], list[Statement]]:
    """Generate two deliveries of the same statements, in any order, with any duplicates."""
    said = draw(everything_said())
    some = draw(st.lists(st.sampled_from(said), min_size=min(len(said), 6), max_size=25)) if said else []
    again = draw(st.lists(st.sampled_from(some), max_size=5)) if some else []
    return some, draw(st.permutations(some + again))


@st.composite
def _events(draw: st.DrawFn, epoch: int, seq: int) -> Event:
    status = draw(st.sampled_from(_STATUSES))
    line: Milestone | None = None
    if kind := draw(st.none() | st.sampled_from(MilestoneKind)):
        supersedes = (draw(st.integers(1, seq)),) if kind is MilestoneKind.CORRECTION else ()
        # A carrier may report an old scan late.
        line = milestone(
            seq, status, kind=kind, supersedes=supersedes, occurred_at=at(seq - draw(st.sampled_from([0, 3])))
        )
    return Event("A1", epoch, seq, state(status, _outcome(status), updated_at=at(seq)), line)


@st.composite
def _snapshots(draw: st.DrawFn, epoch: int, events: list[Event]) -> Snapshot:
    seq = draw(st.integers(0, len(events)))
    history_from = draw(st.integers(1, seq + 1))
    history = tuple(e.milestone for e in events[:seq] if e.milestone and e.seq >= history_from)
    status = events[seq - 1].state.status if seq else "placed"
    return snapshot(seq, status, epoch=epoch, history=history, history_from=history_from, outcome=_outcome(status))


def _outcome(status: str) -> Outcome | None:
    return {"delivered": Outcome.DELIVERED, "cancelled": Outcome.CANCELLED}.get(status)


def _contradicted(draw: st.DrawFn, message: Statement) -> Statement:
    """Return another body at the same version, which is a server fault."""
    other = state(draw(st.sampled_from(_STATUSES)), updated_at=at(99))
    if isinstance(message, Cursor):
        return message
    if isinstance(message, Snapshot):
        facts = order(title=draw(st.sampled_from(["Two pizzas", "Three pizzas"])))
        history = tuple(replace(line, note="differs") for line in message.history)
        return replace(message, state=other, order=facts, history=history)
    return replace(message, state=other, milestone=draw(st.none() | st.just(milestone(message.seq, other.status))))
