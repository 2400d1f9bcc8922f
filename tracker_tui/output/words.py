"""An order's state in phrases for people, each safe to show."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from tracker_tui.domain.lateness import Lateness, ended_at, freshness, lateness
from tracker_tui.domain.order import Courier, Eta, Location, Milestone, MilestoneKind, Outcome, Precision
from tracker_tui.domain.route import progress
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView
from tracker_tui.domain.visible import visible

_LATENESS = {Lateness.ON_TIME: "on time", Lateness.AT_RISK: "at risk of being late", Lateness.LATE: "late"}


def clock_time(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """The time of day in `zone` (None: the machine's), with the day where it isn't today."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    day = "" if local.date() == today.date() else f"{local:%-d %b} "
    return f"{day}{local:%H:%M:%S}"


def window(eta: Eta, now: datetime, zone: tzinfo | None) -> str:
    """When the order is expected, as exactly as the ETA is meant."""
    first, last = eta.earliest.astimezone(zone), eta.latest.astimezone(zone)
    if eta.precision is Precision.DAY:
        return f"{first:%-d %b}" if first.date() == last.date() else f"{first:%-d %b} – {last:%-d %b}"
    day = "" if first.date() == now.astimezone(zone).date() else f"{first:%-d %b} "
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%-d %b %H:%M}"
    about = "about " if eta.precision is Precision.HOUR else ""
    return f"{about}{day}{first:%H:%M}" if f"{first:%H:%M}" == end else f"{about}{day}{first:%H:%M}–{end}"


def span(duration: timedelta) -> str:
    """A length of time in its two greatest units at most: ``14 s``, ``12 min``, ``3 h 05 min``, ``2 days``."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3_600:
        return f"{seconds // 3_600} h {seconds // 60 % 60:02d} min"
    return f"{seconds // 86_400} days"


def told(view: OrderView, milestone: Milestone, now: datetime, zone: tzinfo | None) -> str:
    """A milestone as a sentence."""
    what = visible(label(view, milestone.status))
    if milestone.kind is MilestoneKind.NOTE:
        what = "Note"
    elif milestone.kind is MilestoneKind.CORRECTION:
        what = f"Corrected: {what}"
    source = f" by {visible(milestone.source)}" if milestone.source else ""
    note = f": {visible(milestone.note)}" if milestone.note else ""
    return f"{what} at {clock_time(milestone.occurred_at, now, zone)}{source}{note}"


def phrases(view: OrderView, now: datetime, zone: tzinfo | None) -> dict[str, str]:
    """What a reader wants to hear of again when it changes, by topic; "" where there is nothing to say.

    A courier's position is left out: it always changes.
    """
    if view.state is None:
        return {}
    state = view.state.value
    judged = lateness(view, now)
    return {
        "status": visible(label(view, state.status)),
        "outcome": f"ended: {state.outcome.value}" if state.outcome else "",
        "eta": f"expected {window(state.eta, now, zone)}" if state.eta and state.outcome is None else "",
        "lateness": _LATENESS.get(judged, ""),
        "flags": ", ".join(visible(flag).replace("_", " ") for flag in state.flags),
        "courier": _courier(state.courier) if state.courier and state.outcome is None else "",
        "attempt": f"attempt {state.attempt}" if state.attempt > 1 else "",
    }


def lateness_in_full(view: OrderView, now: datetime, zone: tzinfo | None) -> str:
    """How the order stands against its promise, with the promise; "" if there is nothing to say."""
    judged = lateness(view, now)
    if judged is Lateness.UNKNOWN or view.facts is None or view.state is None:
        return ""
    promised = view.facts.value.promised_at
    if promised is None:
        return ""
    words = _LATENESS[judged]
    if judged is Lateness.LATE:
        words = f"{span(_arrival(view, now) - promised)} late"
    return f"{words} (promised {clock_time(promised, now, zone)[:-3]})"


def position(view: OrderView, location: Location, now: datetime) -> str:
    """Where the courier is: how far to go, and how long ago that was."""
    way = progress(view.facts.value, location) if view.facts else None
    left = "" if way is None else f"{way.remaining / 1000:.1f} km to go, "
    place = f"{visible(location.label)}, " if location.label else ""
    age = span(now - location.captured_at)
    return f"{place}{left}seen {age} ago ({freshness(location, now).value})"


def _arrival(view: OrderView, now: datetime) -> datetime:
    state = view.state.value if view.state else None
    if state is not None and state.outcome is Outcome.DELIVERED:
        return ended_at(view)
    eta = state.eta if state else None
    return now if eta is None else max(now, eta.earliest + (eta.latest - eta.earliest) / 2)


def _courier(courier: Courier) -> str:
    name = f"courier {visible(courier.name)}" if courier.name else "courier"
    return f"{name} {visible(courier.state).replace('_', ' ')}" if courier.state else name
