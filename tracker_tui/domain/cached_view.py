"""Views as single snapshots, for the cache and for exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.view import OrderView

MOST_MILESTONES = 500
"""Milestones of a snapshot (PROTOCOL §4)."""


@dataclass(frozen=True, slots=True)
class CachedView:
    """A view from the cache, shown until the server sends a newer one.

    Attributes:
        as_of: Wall-clock time up to which it was current.
    """

    view: OrderView
    as_of: datetime


def as_snapshot(view: OrderView) -> Snapshot | None:
    """Return the view as a snapshot at its version; None without facts.

    Never join the result with messages of a server: a snapshot closes gaps that the view may have.
    """
    if view.facts is None or view.state is None:
        return None
    epoch, seq = view.facts.version.epoch, view.state.version.seq
    newest = (entry.milestone for entry in view.history.newest_first() if entry.epoch == epoch)
    history = tuple(islice(newest, MOST_MILESTONES))[::-1]
    if view.superseded_epoch:
        # The history still has the numbers of the previous epoch.
        seq = max((view.facts.version.seq, *(milestone.seq for milestone in history)))
    covered = view.log(epoch).covered.ranges
    since = covered[0][0] if covered else seq
    if len(history) == MOST_MILESTONES:
        since = max(since, history[0].seq)
    return Snapshot(view.order_id, epoch, seq, view.facts.value, view.state.value, history, min(since, seq))
