"""Orders, milestones and commands in sentences, which are safe to show."""

from __future__ import annotations

from datetime import datetime

from tracker_tui.domain.command import Verb
from tracker_tui.domain.lateness import Freshness, Lateness, freshness, is_scan, judged_in, late_by, lateness
from tracker_tui.domain.order import Courier, Eta, Location, Milestone, MilestoneKind, Precision
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.domain.route import progress
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Checkpoint, ended_by, label, newest_milestone
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.arrival import at_destination, place_of_zone, promised_when
from tracker_tui.wording.names import LATENESS, sentence, spoken
from tracker_tui.wording.times import Instant, spoken_age, stamp, window

AT_RISK = "at risk of being late"


def milestone_text(view: OrderView, milestone: Milestone) -> str:
    """Return a milestone in a few words, without its time and note."""
    match milestone.kind:
        case MilestoneKind.NOTE:
            return "note"
        case MilestoneKind.CORRECTION:
            return f"corrected to {sanitize(label(view, milestone.status))}"
        case _:
            return sanitize(label(view, effective_status(view, milestone)))


def effective_status(view: OrderView, milestone: Milestone) -> str:
    """Return the milestone's status, or the outcome if the milestone ended the order."""
    outcome = view.state.value.outcome if view.state is not None else None
    # Check the newest milestone first: `ended_by` reads the whole history.
    if outcome is None or milestone != newest_milestone(view) or milestone != ended_by(view):
        return milestone.status
    return outcome.value


def milestone_sentence(view: OrderView, milestone: Milestone, instant: Instant) -> str:
    """Return a milestone in one or two sentences."""
    source = f" by {sanitize(milestone.source)}" if milestone.source else ""
    when = f" at {stamp(milestone.occurred_at, instant)}{source}"
    what = f"{milestone_text(view, milestone)}{when}"
    note = sanitize(milestone.note or "")
    if milestone.kind is MilestoneKind.NOTE:
        return sentence(f"{what}: {note}" if note else what)
    addition = f" Note: {sentence(note)}" if note else ""
    return f"{sentence(what)}{_struck_milestones(view, milestone, instant)}{addition}"


def checkpoint_text(each: Checkpoint) -> str:
    """Return the text of a checkpoint, with a label for notes and corrections."""
    kinds = {MilestoneKind.NOTE: "note", MilestoneKind.CORRECTION: "corrected"}
    note = sanitize(each.note)
    return ": ".join(filter(None, (kinds.get(each.kind, ""), note)))


def _struck_milestones(view: OrderView, milestone: Milestone, instant: Instant) -> str:
    """Return a sentence with the milestones that a correction supersedes; empty for other milestones."""
    if not milestone.supersedes:
        return ""
    epochs = {entry.epoch for entry in view.history if entry.milestone == milestone}
    struck = [
        f"{sanitize(label(view, old.status))} at {stamp(old.occurred_at, instant)}"
        + (f" ({sanitize(old.note)})" if old.note else "")
        for old in (
            entry.milestone
            for entry in view.history
            if entry.epoch in epochs and entry.milestone.seq in milestone.supersedes
        )
    ]
    return f" Struck: {sentence('; '.join(struck))}" if struck else ""


_STATUSES = {
    CommandStatus.PENDING: "is not sent yet",
    CommandStatus.UNCONFIRMED: "is unconfirmed, and may have been applied",
    CommandStatus.ACCEPTED: "is accepted, and not in the history yet",
    CommandStatus.CONFIRMED: "is in the history",
    CommandStatus.REFUSED: "was refused",
    CommandStatus.UNSEEN: "is accepted, and not in the known history",
}


def command_sentence(pending: PendingCommand) -> str:
    """Return a command of this session and its status in a sentence."""
    text = f" “{sanitize(pending.command.text)}”" if pending.command.text else ""
    what = {Verb.CANCEL: "cancellation", Verb.NOTE: "note"}[pending.command.command]
    why = f": {sanitize(pending.reason)}" if pending.reason else ""
    return sentence(f"the requested {what}{text} {_STATUSES[pending.status]}{why}")


def phrases(view: OrderView, instant: Instant, judged_at: datetime) -> dict[str, str]:
    """Return phrases by topic, to report when they change; empty texts for topics without news.

    The courier's position is left out, because it always changes.

    Args:
        view: The order.
        instant: The present, and the zone of times.
        judged_at: The wall time up to which the order is known.
    """
    if view.state is None:
        return {}
    state = view.state.value
    is_open = state.outcome is None
    late = lateness(view, judged_at)
    return {
        "status": sanitize(label(view, state.status)),
        "outcome": f"ended as {state.outcome.value}" if state.outcome else "",
        "eta": f"expected {expected_text(view, state.eta, instant)}" if state.eta and is_open else "",
        "lateness": AT_RISK if late is Lateness.AT_RISK else LATENESS[late],
        "flags": ", ".join(map(spoken, state.flags)),
        "courier": _courier(state.courier) if state.courier and is_open else "",
        "attempt": f"this is attempt {state.attempt}" if state.attempt > 1 else "",
    }


def expected_text(view: OrderView, eta: Eta, instant: Instant) -> str:
    """Return the ETA with its precision: ``between 14:48 and 14:53``, ``on Wed 25 Nov (Seoul time)``.

    Days are those of the destination, whose time zone is named if its times differ from the instant's.
    """
    there = at_destination(view, instant)
    is_daily = eta.precision is Precision.DAY
    place = place_of_zone(there, instant, eta.latest) if is_daily else ""
    zone = f" ({place} time)" if place else ""
    ends = window(eta, instant, there.zone)
    begin, dash, end = ends.partition("–")
    if dash:
        return f"between {begin} and {end}{zone}"
    return f"{'on' if is_daily else 'at'} {ends}{zone}"


def lateness_text(view: OrderView, instant: Instant, judged_at: datetime) -> str:
    """Return the order's lateness and its promised time; empty without a promise. For the arguments, see `phrases`."""
    late = lateness(view, judged_at)
    promised = view.facts.value.promised_at if view.facts else None
    if late is Lateness.UNKNOWN or promised is None:
        return ""
    words = AT_RISK if late is Lateness.AT_RISK else LATENESS[late]
    if (excess := late_by(view, judged_at)) is not None:
        words = f"{spoken_age(excess.total_seconds())} {words}"
    # Where days are compared, the promise is a day at the destination, like the arrival.
    return f"{words}, promised for {promised_when(view, instant.in_zone(judged_in(view)))}"


def position_text(view: OrderView, location: Location, instant: Instant, judged_at: datetime) -> str:
    """Return the courier's last position: place, distance to go, and age. For the arguments, see `phrases`."""
    route = progress(view.facts.value, location) if view.facts else None
    seen = f"last seen at {sanitize(location.label)}" if location.label else "last position"
    distance = [f"{route.remaining / 1000:.1f} km to go"] if route is not None else []
    is_scanned = view.state is not None and is_scan(view.state.value)
    is_silent = freshness(location, judged_at) is not Freshness.FRESH and not is_scanned
    age = spoken_age((instant.now - location.captured_at).total_seconds())
    return ", ".join([*distance, f"{seen} {age} ago{' (courier not seen since)' if is_silent else ''}"])


def _courier(courier: Courier) -> str:
    name = f"courier {sanitize(courier.name)}" if courier.name else "the courier"
    return f"{name} is {spoken(courier.state)}" if courier.state else f"{name} has it"
