"""An order in sentences for people who read a log, or have it read to them; each is safe to show."""

from __future__ import annotations

from tracker_tui.domain.command import Verb
from tracker_tui.domain.lateness import Freshness, Lateness, freshness, is_scan, late_by, lateness, zone_at
from tracker_tui.domain.order import Courier, Eta, Location, Milestone, MilestoneKind, Precision
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.domain.route import progress
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Checkpoint, ended_by, label, newest_milestone
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.names import LATENESS, sentence, spoken
from tracker_tui.wording.times import Instant, spoken_age, stamp, window

AT_RISK = "at risk of being late"


def milestone_text(view: OrderView, milestone: Milestone) -> str:
    """What a milestone tells in a few words, without when and with no note that goes with it."""
    match milestone.kind:
        case MilestoneKind.NOTE:
            return "note"
        case MilestoneKind.CORRECTION:
            return f"corrected to {sanitize(label(view, milestone.status))}"
        case _:
            return sanitize(label(view, effective_status(view, milestone)))


def effective_status(view: OrderView, milestone: Milestone) -> str:
    """The status that a milestone tells of: where it ended the order and bears the stage's, how it ended."""
    outcome = view.state.value.outcome if view.state is not None else None
    # Of a long history one line alone is worth the look at all of it.
    if outcome is None or milestone != newest_milestone(view) or milestone != ended_by(view):
        return milestone.status
    return outcome.value


def milestone_sentence(view: OrderView, milestone: Milestone, instant: Instant) -> str:
    """A milestone as a sentence or two."""
    source = f" by {sanitize(milestone.source)}" if milestone.source else ""
    when = f" at {stamp(milestone.occurred_at, instant)}{source}"
    what = f"{milestone_text(view, milestone)}{when}"
    spoken_age = sanitize(milestone.note or "")
    if milestone.kind is MilestoneKind.NOTE:
        return sentence(f"{what}: {spoken_age}" if spoken_age else what)
    note = f" Note: {sentence(spoken_age)}" if spoken_age else ""
    return f"{sentence(what)}{_taken_back(view, milestone, instant)}{note}"


def checkpoint_text(each: Checkpoint) -> str:
    """What was told within a stage, and whether it is more than the carrier's word of what happened."""
    kinds = {MilestoneKind.NOTE: "note", MilestoneKind.CORRECTION: "corrected"}
    note = sanitize(each.note)
    return ": ".join(filter(None, (kinds.get(each.kind, ""), note)))


def _taken_back(view: OrderView, milestone: Milestone, instant: Instant) -> str:
    """What a correction strikes, as far as it is held, as a sentence after a blank; "" for anything else."""
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
    return f" Taken back: {sentence('; '.join(struck))}" if struck else ""


_FATES = {
    CommandStatus.PENDING: "is not sent yet",
    CommandStatus.UNCONFIRMED: "is unconfirmed, and may have been applied",
    CommandStatus.ACCEPTED: "is accepted, and not in the history yet",
    CommandStatus.CONFIRMED: "is in the history",
    CommandStatus.REFUSED: "was refused",
    CommandStatus.UNSEEN: "is accepted, and not in the history that is held",
}


def command_sentence(pending: PendingCommand) -> str:
    """What was asked of the order here, and what came of it."""
    text = f" “{sanitize(pending.command.text)}”" if pending.command.text else ""
    what = {Verb.CANCEL: "cancellation", Verb.NOTE: "note"}[pending.command.command]
    why = f": {sanitize(pending.reason)}" if pending.reason else ""
    return sentence(f"the {what}{text} that was asked for {_FATES[pending.status]}{why}")


def phrases(view: OrderView, instant: Instant) -> dict[str, str]:
    """What a reader wants to hear of again when it changes, by topic; "" where there is nothing to say.

    A courier's position is left out: it always changes.
    """
    if view.state is None:
        return {}
    state = view.state.value
    under_way = state.outcome is None
    judged = lateness(view, instant.now)
    return {
        "status": sanitize(label(view, state.status)),
        "outcome": f"ended as {state.outcome.value}" if state.outcome else "",
        "eta": f"expected {expected_text(view, state.eta, instant)}" if state.eta and under_way else "",
        "lateness": AT_RISK if judged is Lateness.AT_RISK else LATENESS[judged],
        "flags": ", ".join(map(spoken, state.flags)),
        "courier": _courier(state.courier) if state.courier and under_way else "",
        "attempt": f"this is attempt {state.attempt}" if state.attempt > 1 else "",
    }


def expected_text(view: OrderView, eta: Eta, instant: Instant) -> str:
    """When the order is expected, as exactly as the ETA is meant: ``between 14:48 and 14:53``, ``on Tue 24 Nov``."""
    ends = window(eta, instant, zone_at(view.facts.value) if view.facts else None)
    begin, dash, end = ends.partition("–")
    if dash:
        return f"between {begin} and {end}"
    return f"on {ends}" if eta.precision is Precision.DAY else f"at {ends}"


def lateness_text(view: OrderView, instant: Instant) -> str:
    """How the order stands against its promise, with the promise; "" if there is nothing to say."""
    judged = lateness(view, instant.now)
    promised = view.facts.value.promised_at if view.facts else None
    if judged is Lateness.UNKNOWN or promised is None:
        return ""
    words = AT_RISK if judged is Lateness.AT_RISK else LATENESS[judged]
    if (late := late_by(view, instant.now)) is not None:
        words = f"{spoken_age(late.total_seconds())} {words}"
    return f"{words}, promised for {stamp(promised, instant, seconds=False)}"


def position_text(view: OrderView, location: Location, instant: Instant) -> str:
    """Where the courier is: how far to go, and how long ago that was."""
    way = progress(view.facts.value, location) if view.facts else None
    place = [f"last seen at {sanitize(location.label)}"] if location.label else []
    left = [f"{way.remaining / 1000:.1f} km to go"] if way is not None else []
    worth = freshness(location, instant.now)
    silent = worth is not Freshness.FRESH and not (view.state and is_scan(view.state.value))
    old = f" and {worth.value}" if silent else ""
    age = spoken_age((instant.now - location.captured_at).total_seconds())
    return ", ".join([*place, *left, f"the position is {age} old{old}"])


def _courier(courier: Courier) -> str:
    name = f"courier {sanitize(courier.name)}" if courier.name else "the courier"
    return f"{name} is {spoken(courier.state)}" if courier.state else f"{name} has it"
