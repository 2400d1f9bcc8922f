"""One order as it stands, in one line of sentences for people."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tracker_tui.domain.lateness import ended_at
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import timeline
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.names import sentence
from tracker_tui.wording.sentences import lateness_text, phrases, position_text
from tracker_tui.wording.times import Instant, ago, stamp


def summary(view: OrderView, now: datetime, zone: tzinfo | None = None, *, as_of: datetime | None = None) -> str:
    """The order's id, title, stage, arrival, lateness and courier, as far as they are known.

    Args:
        view: What is known of the order.
        now: Wall-clock time, for ages and lateness.
        zone: Where to tell the time of day; None for the machine's zone.
        as_of: Up to when that is known to have been the truth; None where it still is.
    """
    instant = Instant(0.0, now, zone)
    title = f", {sanitize(view.facts.value.title)}" if view.facts else ""
    doubt = f" As of {stamp(as_of, instant)}, {ago(as_of, instant)}." if as_of is not None else ""
    return f"{view.order_id}{title}: {' '.join(status_sentences(view, instant))}{doubt}"


def status_sentences(view: OrderView, instant: Instant) -> list[str]:
    """How the order stands, sentence by sentence."""
    if view.state is None:
        return ["Nothing is known yet."]
    state = view.state.value
    said = phrases(view, instant)
    parts = [said["status"]]
    if state.outcome is not None:
        parts = [f"{said['status']} at {stamp(ended_at(view), instant)}"]
        if state.outcome.value != state.status:
            parts = [f"{said['outcome']} at {stamp(ended_at(view), instant)}", f"it was {said['status']}"]
    parts.append(_reopened(view, instant))
    parts += [said["eta"], lateness_text(view, instant), said["flags"], said["attempt"], said["courier"]]
    if state.location is not None and state.outcome is None:
        parts.append(position_text(view, state.location, instant))
    if not view.complete:
        parts.append("something is missing")
    return [sentence(part) for part in parts if part]


def _reopened(view: OrderView, instant: Instant) -> str:
    """That an order which is open had ended once; "" if it is not so."""
    if view.state is None or view.state.value.outcome is not None:
        return ""
    end = next((row for row in reversed(timeline(view)) if row.undone), None)
    if end is None:
        return ""
    when = f" at {stamp(end.at, instant)}" if end.at else ""
    return f"open again, after it had ended as {sanitize(end.label).lower()}{when}"
