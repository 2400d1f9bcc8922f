"""What an order's change adds to what was known of the order."""

from __future__ import annotations

from datetime import datetime

from tracker_tui.domain.drift import record_expectation
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import OrderChanged, Standing
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.ui.model.scene import TrackedOrder


def changed_order(
    before: TrackedOrder | None,
    change: OrderChanged,
    view: OrderView,
    problem: Refusal | None,
    *,
    received_at: datetime,
    known_at: float,
    cached_as_of: datetime | None,
) -> TrackedOrder:
    """Return an order after a change.

    Args:
        before: The order before it; None if it is new.
        change: The change.
        view: The view to show: that of the change, or a cached one.
        problem: Why the server refused the order, if it did.
        received_at: The wall time of the change.
        known_at: When an order that is out of sync now was known last, in seconds on the feed's clock.
        cached_as_of: As of `TrackedOrder`.
    """
    return TrackedOrder(
        view,
        change.standing,
        problem,
        change.pending_commands,
        received_at,
        _in_sync_until(before, change.standing, known_at),
        cached_as_of,
        (before.versions if before else 0) + _version_count(before.view if before else None, view),
        record_expectation(before.expectations if before else (), view),
    )


def _in_sync_until(before: TrackedOrder | None, standing: Standing, time: float) -> float | None:
    if standing is Standing.IN_SYNC or before is None:
        return None
    return time if before.standing is Standing.IN_SYNC else before.in_sync_until


def _version_count(before: OrderView | None, after: OrderView) -> int:
    """Return how many versions `after` is ahead of `before`; a new epoch counts as one."""
    old, new = before.version if before else None, after.version
    if new is None or new == old:
        return 0
    return new.seq - old.seq if old is not None and new.epoch == old.epoch else 1
