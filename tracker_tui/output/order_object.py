"""The JSON object of an order, the same in ndjson and in the formats of ``--once``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker_tui.domain.attention import Assessment
from tracker_tui.domain.canonical import plain, rfc3339
from tracker_tui.domain.order_url import order_url
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView


def order_object(view: OrderView, assessment: Assessment, pending: Iterable[PendingCommand] = ()) -> dict[str, Any]:
    """Return the object of an order that has a state; None stands for what is unknown.

    Args:
        view: The order.
        assessment: Its assessment.
        pending: Its commands; those that are decided are left out.

    Raises:
        ValueError: The view has no state.
    """
    if view.state is None:
        raise ValueError("an order without a state has no object")
    state, order = view.state.value, view.order
    promised_at = order.promised_at if order else None
    return {
        "type": "order",
        "orderId": view.order_id,
        "epoch": view.state.version.epoch,
        "seq": view.state.version.seq,
        "complete": view.complete,
        "state": plain(state),
        "lateness": assessment.lateness.value,
        "pending": [_pending_object(each) for each in pending if each.is_open],
        "title": order.title if order else None,
        "customer": order.customer if order else None,
        "stageLabel": label(view, state.status) if order else None,
        "promisedAt": rfc3339(promised_at) if promised_at else None,
        "lateBySeconds": late_by_seconds(assessment),
        "stuck": assessment.stuck,
        "needsAction": assessment.action.value if assessment.action else None,
        "url": order_url(view),
    }


def late_by_seconds(assessment: Assessment) -> int | None:
    """Return by how many seconds an order is late, in whole minutes; None unless it is late."""
    return None if assessment.late_by is None else int(assessment.late_by.total_seconds())


def _pending_object(pending: PendingCommand) -> dict[str, Any]:
    return {**plain(pending.command), "fate": pending.status.value, "reason": pending.reason}
