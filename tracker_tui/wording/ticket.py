"""An order in a few lines for a ticket, and in a longer report."""

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
    """The reliability of an order's view.

    Attributes:
        badge: The connection badge: ``● Live``.
        live: Whether the view is current.
        as_of: Wall-clock time up to which the view was current; None if it never was.
        pending_commands: The commands of this session to mention.
    """

    badge: str
    live: bool
    as_of: datetime | None
    pending_commands: PendingCommands = ()


def ticket(view: OrderView, instant: Instant, reliability: Reliability) -> str:
    """Return the order for a ticket.

    Args:
        view: The order's view.
        instant: The current time, and the time zone.
        reliability: How far the reader can rely on the view.
    """
    return (
        "\n".join(
            [
                *_head(view),
                *_body(view, instant, reliability),
                *map(command_sentence, reliability.pending_commands),
                _timestamp_line(instant, reliability),
            ]
        )
        + "\n"
    )


def order_report(view: OrderView, instant: Instant, reliability: Reliability, log: Iterable[str]) -> str:
    """Return the ticket, the timeline and the lines of an event log; for the arguments, see `ticket`."""
    rows = [text for row in timeline(view) for text in _row_lines(row, instant)]
    return "\n".join([ticket(view, instant, reliability), "Timeline", *rows, "", "Events", *log]) + "\n"


def _row_lines(row: Row, instant: Instant) -> list[str]:
    """Return the line of a stage, and the lines of its checkpoints."""
    facts = (
        stamp(row.at, instant) if row.at else "",
        sanitize(row.label),
        f"({_MARKS[row.mark]}{', reopened' if row.undone and row.mark is Mark.STRUCK else ''})",
        f"took {span(row.took)}" if row.took else "",
        f"{span(excess)} over its limit" if (excess := exceeded_by(row, instant.now)) else "",
    )
    checkpoints = (
        f"  {stamp(each.at, instant)}  {checkpoint_text(each)}{'  (corrected)' if each.superseded else ''}"
        for each in row.checkpoints
    )
    return ["  ".join(filter(None, facts)), *checkpoints]


def _head(view: OrderView) -> list[str]:
    if view.facts is None:
        return [f"Order {view.order_id}"]
    facts = view.facts.value
    customer = f" for {sanitize(facts.customer)}" if facts.customer else ""
    to = f" to {sanitize(facts.destination.label)}" if facts.destination and facts.destination.label else ""
    return [f"Order {view.order_id}: {sanitize(facts.title)}{customer}{to}"]


def _body(view: OrderView, instant: Instant, reliability: Reliability) -> list[str]:
    link = order_url(view)
    judged_at = instant.now if reliability.live else reliability.as_of or instant.now
    return [" ".join(status_sentences(view, instant, judged_at)), *([link] if link else [])]


def _timestamp_line(instant: Instant, reliability: Reliability) -> str:
    when, badge = _date(instant.now, instant), sanitize(reliability.badge)
    if reliability.live:
        return f"As of {when} ({badge})."
    known = f"known up to {_date(reliability.as_of, instant)}" if reliability.as_of else "never confirmed"
    return f"Written {when}, not live ({badge}): {known}."


def _date(at: datetime, instant: Instant) -> str:
    return f"{instant.local(at):%Y-%m-%d %H:%M:%S %z}"
