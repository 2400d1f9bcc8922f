"""Any message that the types allow can be joined, laid out and assessed without a crash (PROTOCOL)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given

from tests.support.server_logs import PROPERTY, Statement, everything_said, take
from tests.support.strategies import EXACT_TIMES, events, snapshots
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.lateness import freshness, lateness
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.route import progress
from tracker_tui.domain.timeline import Mark, timeline
from tracker_tui.domain.view import OrderView, classify


@PROPERTY
@given(snapshots(EXACT_TIMES), events(EXACT_TIMES), EXACT_TIMES)
def test_any_snapshot_and_event_can_be_laid_out_and_assessed(snapshot: Snapshot, event: Event, now: datetime) -> None:
    view = OrderView(snapshot.order_id)
    for message in (snapshot, replace(event, order_id=snapshot.order_id)):
        classify(view, message)
        view = view.join(message)
        assert view.state is not None
        state = view.state.value
        rows = timeline(view)
        lateness(view, now)
        if state.location is not None:
            freshness(state.location, now)
            progress(snapshot.order, state.location)
        current_mark = {None: Mark.ACTIVE, Outcome.DELIVERED: Mark.DONE}.get(state.outcome, Mark.ENDED)
        assert any(row.status in {state.status, state.outcome} and row.mark is current_mark for row in rows)
        for row in rows:
            assert row.expected is None or row.expected.astimezone() is not None


@PROPERTY
@given(everything_said())
def test_a_timeline_marks_one_current_position(statements: list[Statement]) -> None:
    view = OrderView("A1")
    for message in statements:
        view = take(view, message)
        marks = [row.mark for row in timeline(view)]
        outcome = view.state.value.outcome if view.state else None
        assert marks.count(Mark.ACTIVE) == (view.state is not None and outcome is None)
        assert marks.count(Mark.ENDED) == (outcome not in {None, Outcome.DELIVERED})
