"""An order in a few lines to paste into a ticket, and at length in a report to keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.order_url import order_url
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Mark, Row, exceeded_by, timeline
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.sentences import checkpoint_text, command_sentence
from tracker_tui.wording.summary import status_sentences
from tracker_tui.wording.times import Instant, span, stamp

_MARKS = {
    Mark.DONE: "done",
    Mark.ACTIVE: "here now",
    Mark.PENDING: "to come",
    Mark.SKIPPED: "skipped",
    Mark.STRUCK: "corrected",
    Mark.ENDED: "ended here",
    Mark.REOPENED: "reopened",
}


@dataclass(frozen=True, slots=True)
class Reliability:
    """What is to be thought of what is told.

    Attributes:
        badge: What the screen says of itself: ``● Live``.
        live: Whether it is the truth right now.
        as_of: The moment up to which it is known to have been; None if it never was.
        pending_commands: What was asked of the order, and is worth telling.
    """

    badge: str
    live: bool
    as_of: datetime | None
    pending_commands: PendingCommands = ()


def ticket(view: OrderView, instant: Instant, worth: Reliability) -> str:
    """What somebody wants to know who reads of the order in a ticket.

    Args:
        view: What is known of the order.
        instant: The present, and the zone in which times are told.
        worth: What that is worth.
    """
    return (
        "\n".join(
            [
                *_head(view),
                *_body(view, instant),
                *map(command_sentence, worth.pending_commands),
                _written(instant, worth),
            ]
        )
        + "\n"
    )


def order_report(view: OrderView, instant: Instant, worth: Reliability, log: Iterable[str]) -> str:
    """The ticket, the timeline and the lines of an event log; arguments as of `ticket`."""
    rows = [text for row in timeline(view) for text in _told(row, instant)]
    return "\n".join([ticket(view, instant, worth), "Timeline", *rows, "", "Events", *log]) + "\n"


def _told(row: Row, instant: Instant) -> list[str]:
    """A stage, and below it what was told within it."""
    facts = (
        stamp(row.at, instant) if row.at else "",
        sanitize(row.label),
        f"({_MARKS[row.mark]}{', reopened' if row.undone and row.mark is Mark.STRUCK else ''})",
        f"took {span(row.took)}" if row.took else "",
        f"{span(excess)} over its limit" if (excess := exceeded_by(row, instant.now)) else "",
    )
    below = (
        f"  {stamp(each.at, instant)}  {checkpoint_text(each)}{'  (corrected)' if each.superseded else ''}"
        for each in row.checkpoints
    )
    return ["  ".join(filter(None, facts)), *below]


def _head(view: OrderView) -> list[str]:
    if view.facts is None:
        return [f"Order {view.order_id}"]
    facts = view.facts.value
    customer = f" for {sanitize(facts.customer)}" if facts.customer else ""
    to = f" to {sanitize(facts.destination.label)}" if facts.destination and facts.destination.label else ""
    return [f"Order {view.order_id}: {sanitize(facts.title)}{customer}{to}"]


def _body(view: OrderView, instant: Instant) -> list[str]:
    link = order_url(view)
    return [" ".join(status_sentences(view, instant)), *([link] if link else [])]


def _written(instant: Instant, worth: Reliability) -> str:
    when, badge = _date(instant.now, instant), sanitize(worth.badge)
    if worth.live:
        return f"As of {when} ({badge})."
    known = f"known up to {_date(worth.as_of, instant)}" if worth.as_of else "never confirmed"
    return f"Written {when}, not live ({badge}): {known}."


def _date(at: datetime, instant: Instant) -> str:
    return f"{instant.local(at):%Y-%m-%d %H:%M:%S %z}"
