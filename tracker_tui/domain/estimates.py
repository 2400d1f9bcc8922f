"""Estimated times of the stages to come, from the ETA and the flow's time limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tracker_tui.domain.lateness import middle, to_minute
from tracker_tui.domain.timeline import Mark, Row, time_limit
from tracker_tui.domain.view import OrderView


def with_estimates(rows: Sequence[Row], view: OrderView, at: datetime) -> tuple[Row, ...]:
    """Return the timeline with the expected time of every stage to come, or of none.

    The last stage is expected at the ETA, each stage before it earlier by its time limit. If a stage is overdue then,
    the remaining stages share the time that is left until the ETA, in proportion to their limits.

    Args:
        rows: The timeline.
        view: The order.
        at: The wall time up to which the order is known.
    """
    pending = [row for row in rows if row.mark is Mark.PENDING]
    times = _estimates(pending, view, at) if pending else None
    if times is None:
        return tuple(rows)
    expected = dict(zip((id(row) for row in pending), times, strict=True))
    return tuple(replace(row, expected=expected.get(id(row))) for row in rows)


def _estimates(pending: Sequence[Row], view: OrderView, at: datetime) -> list[datetime] | None:
    eta = view.current.eta if view.current else None
    if eta is None or to_minute(at) > to_minute(arrival := middle(eta)):
        return None
    limits = [row.limit for row in pending[:-1]]
    try:
        times = [arrival]
        for limit in reversed(limits):
            if limit is None:
                return None
            times.append(times[-1] - limit)
        times.reverse()
        return times if times[0] >= at else _compressed(times, at, times[0] - _present_limit(view))
    except OverflowError:
        return None


def _compressed(times: Sequence[datetime], at: datetime, begin: datetime) -> list[datetime]:
    """Return the times moved from the interval that starts at `begin` into the one that starts at `at`."""
    arrival = times[-1]
    factor = max(arrival - at, timedelta()) / (arrival - begin) if arrival > begin else 0.0
    return [arrival - (arrival - time) * factor for time in times]


def _present_limit(view: OrderView) -> timedelta:
    """Return the time limit of the present stage; zero without one."""
    status = view.current.status if view.current else ""
    limit = next((time_limit(stage) for stage in view.stages if stage.id == status), None)
    return limit or timedelta()
