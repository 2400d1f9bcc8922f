"""A view as one message that tells all of it: what is kept of an order, and handed on."""

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
    """A view from before, to be shown until there is a newer one.

    Attributes:
        as_of: The wall time up to which it was the truth.
    """

    view: OrderView
    as_of: datetime


def as_snapshot(view: OrderView) -> Snapshot | None:
    """The view as the snapshot that it would be told by, at its version; None as long as there are no facts.

    To be shown, never to be joined with what a server says: a snapshot closes holes that the view may have.
    """
    if view.facts is None or view.state is None:
        return None
    epoch, seq = view.facts.version.epoch, view.state.version.seq
    newest = (entry.milestone for entry in view.history.newest_first() if entry.epoch == epoch)
    history = tuple(islice(newest, MOST_MILESTONES))[::-1]
    if view.superseded_epoch:
        # The history is still numbered by the log before.
        seq = max((view.facts.version.seq, *(milestone.seq for milestone in history)))
    told = view.log(epoch).told.ranges
    since = told[0][0] if told else seq
    if len(history) == MOST_MILESTONES:
        since = max(since, history[0].seq)
    return Snapshot(view.order_id, epoch, seq, view.facts.value, view.state.value, history, min(since, seq))
