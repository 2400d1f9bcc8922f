"""One order as it stands, in one line of sentences for people."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tracker_tui.domain.lateness import ended_at
from tracker_tui.domain.view import OrderView
from tracker_tui.domain.visible import visible
from tracker_tui.wording.names import sentence
from tracker_tui.wording.sentences import lateness_in_full, phrases, position
from tracker_tui.wording.times import Instant, stamp


def summary(view: OrderView, now: datetime, zone: tzinfo | None = None) -> str:
    """The order's id, title, stage, arrival, lateness and courier, as far as they are known.

    Args:
        view: What is known of the order.
        now: Wall-clock time, for ages and lateness.
        zone: Where to tell the time of day; None for the machine's zone.
    """
    title = f", {visible(view.facts.value.title)}" if view.facts else ""
    return f"{view.order_id}{title}: {' '.join(standing(view, Instant(0.0, now, zone)))}"


def standing(view: OrderView, instant: Instant) -> list[str]:
    """How the order stands, sentence by sentence."""
    if view.state is None:
        return ["Nothing is known yet."]
    state = view.state.value
    said = phrases(view, instant)
    parts = [said["status"]]
    if state.outcome is not None:
        parts = [f"{said['status']} at {stamp(ended_at(view), instant)}"]
        if state.outcome.value != state.status:
            parts.append(said["outcome"])
    parts += [said["eta"], lateness_in_full(view, instant), said["flags"], said["attempt"], said["courier"]]
    if state.location is not None and state.outcome is None:
        parts.append(position(view, state.location, instant))
    if not view.complete:
        parts.append("something is missing")
    return [sentence(part) for part in parts if part]
