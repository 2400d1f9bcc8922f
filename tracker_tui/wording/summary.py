"""The current state of one order, as sentences on one line."""

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
    """Return the order's id, title, stage, arrival, lateness and courier, as far as they are known.

    Args:
        view: The order's view.
        now: Wall-clock time.
        zone: Zone of the times; None for the machine's own.
        as_of: Wall-clock time up to which the view was current, at which lateness is judged; None if it still is.
    """
    instant = Instant(0.0, now, zone)
    title = f", {sanitize(view.facts.value.title)}" if view.facts else ""
    age = f" As of {stamp(as_of, instant)}, {ago(as_of, instant)}." if as_of is not None else ""
    return f"{view.order_id}{title}: {' '.join(status_sentences(view, instant, as_of or now))}{age}"


def status_sentences(view: OrderView, instant: Instant, judged_at: datetime) -> list[str]:
    """Return sentences about the order's state; for the arguments, see `phrases`."""
    if view.state is None:
        return ["Nothing is known yet."]
    state = view.state.value
    texts = phrases(view, instant, judged_at)
    parts = [texts["status"]]
    if state.outcome is not None:
        parts = [f"{texts['status']} at {stamp(ended_at(view), instant)}"]
        if state.outcome.value != state.status:
            parts = [f"{texts['outcome']} at {stamp(ended_at(view), instant)}", f"it was {texts['status']}"]
    parts.append(_reopened(view, instant))
    parts += [texts["eta"], lateness_text(view, instant, judged_at), texts["flags"], texts["attempt"], texts["courier"]]
    if state.location is not None and state.outcome is None:
        parts.append(position_text(view, state.location, instant, judged_at))
    if not view.complete:
        parts.append("something is missing")
    return [sentence(part) for part in parts if part]


def _reopened(view: OrderView, instant: Instant) -> str:
    """Return a phrase about the previous end of a reopened order; empty for other orders."""
    if view.state is None or view.state.value.outcome is not None:
        return ""
    end = next((row for row in reversed(timeline(view)) if row.undone), None)
    if end is None:
        return ""
    when = f" at {stamp(end.at, instant)}" if end.at else ""
    return f"open again, after it ended as {sanitize(end.label).lower()}{when}"
