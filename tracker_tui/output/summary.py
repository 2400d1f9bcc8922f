"""One order as it stands, in one line for people."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tracker_tui.domain.lateness import ended_at
from tracker_tui.domain.view import OrderView
from tracker_tui.domain.visible import visible
from tracker_tui.output.words import clock_time, lateness_in_full, phrases, position


def summary(view: OrderView, now: datetime, zone: tzinfo | None = None) -> str:
    """The order's id, stage, arrival, lateness and courier, as far as they are known.

    Args:
        view: What is known of the order.
        now: Wall-clock time, for ages and lateness.
        zone: Where to tell the time of day; None for the machine's zone.
    """
    if view.state is None:
        return f"{view.order_id}  nothing is known yet"
    state = view.state.value
    said = phrases(view, now, zone)
    parts = [said["status"]]
    if state.outcome is not None:
        parts = [f"{said['status']} at {clock_time(ended_at(view), now, zone)}"]
        if state.outcome.value != state.status:
            parts.append(said["outcome"])
    parts += [said["eta"], lateness_in_full(view, now, zone), said["flags"], said["attempt"], said["courier"]]
    if state.location is not None and state.outcome is None:
        parts.append(position(view, state.location, now))
    if view.facts is not None:
        parts.append(visible(view.facts.value.title))
    if not view.complete:
        parts.append("something is missing")
    return f"{view.order_id}  {' · '.join(part for part in parts if part)}"
