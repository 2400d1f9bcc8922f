"""The text of the board's cells, one function for each column."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.cells import cell_len

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.lateness import FRESH_FOR, Freshness, Lateness, freshness, is_scan
from tracker_tui.domain.order import Precision
from tracker_tui.domain.overlay import recent
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.courier import FRESHNESS
from tracker_tui.ui.cells.measure import Part, fit
from tracker_tui.ui.cells.pending_command import summarize_pending
from tracker_tui.ui.model.styles import (
    ACCENT,
    BAD,
    CAUTION,
    GOOD,
    LATENESS,
    MUTED,
    NEEDS_ACTION,
    OUTCOMES,
    STANDINGS,
    STRONG,
    STUCK,
    refusal_text,
)
from tracker_tui.wording.arrival import ArrivalForm, arrival_of, at_destination, expected_arrival, time_left
from tracker_tui.wording.names import ACTION_REASONS
from tracker_tui.wording.times import Instant, day, short_age, stamp

MARK = "*"
"""The sign of a marked row."""

NEWS = "•"
"""The sign of a row that changed since the user looked at it."""

SNOOZE = "z"
"""The sign before the time left of a snooze."""


def attention_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return a glyph for the condition that needs attention, else for the state."""
    if row.tracked.standing is Standing.REFUSED:
        glyph, _, style = STANDINGS[Standing.REFUSED]
        return glyph, style
    outcome = row.view.outcome
    match row.assessment.attention:
        case Attention.LATE:
            glyph, _, style = LATENESS[Lateness.LATE]
        case Attention.NEEDS_ACTION:
            glyph, _, style = NEEDS_ACTION
        case Attention.AT_RISK:
            glyph, _, style = LATENESS[Lateness.AT_RISK]
        case Attention.STUCK:
            glyph, _, style = STUCK
        case Attention.ENDED if outcome is not None:
            glyph, _, style = OUTCOMES[outcome]
        case Attention.UNKNOWN:
            glyph, style = "○", MUTED
        case _:
            glyph, style = "▶", ACCENT
    return glyph, style


def mark_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return the signs of a marked order, and of one that changed since the user looked at it."""
    return f"{MARK if row.is_marked else ' '}{NEWS if row.has_news else ''}", ACCENT


def order_id_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return the order's id."""
    if row.assessment.attention <= Attention.STUCK:
        return row.order_id, STRONG
    return row.order_id, "" if row.is_open else MUTED


def stage_cell(row: BoardRow, _instant: Instant, width: int) -> Part:
    """Return the stage or outcome; of a refused order the reason."""
    if row.tracked.standing is Standing.REFUSED:
        return fit(refusal_text(row.tracked.problem), width), BAD
    return row.stage, "" if row.is_open else MUTED


def progress_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return the bar of the passed stages."""
    return row.progress, ACCENT if row.is_open else MUTED


def arrival_cell(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return the expected arrival."""
    style = BAD if row.assessment.attention is Attention.LATE else ""
    text = arrival_of(row.view, instant, row.known_until or instant.now)
    # A window of another day has its beginning alone.
    return (text if cell_len(text) <= width else text.partition("–")[0]), style


def due_cell(row: BoardRow, instant: Instant, _width: int) -> Part:
    """Return the time until the expected arrival; empty if it has passed."""
    moment = instant if row.known_until is None else Instant(instant.time, row.known_until, instant.zone)
    there = at_destination(row.view, moment)
    expected = expected_arrival(row.view, there, moment.now)
    if expected is None or expected.form is ArrivalForm.PASSED:
        return "", ""
    return time_left(expected, there), ""


def condition_words(row: BoardRow, now: datetime) -> Part:
    """Return what a user should know first: ``late 5m``, ``courier silent``, ``at risk``, ``stuck 40m``."""
    view, assessment = row.view, row.assessment
    if assessment.late_by is not None:
        return f"late {short_age(assessment.late_by.total_seconds())}", BAD
    if assessment.attention is Attention.NEEDS_ACTION and assessment.action is not None:
        return ACTION_REASONS[assessment.action], BAD
    if assessment.lateness is Lateness.AT_RISK:
        return "at risk", CAUTION
    if assessment.stuck and row.basis.stuck_from is not None:
        seconds = ((row.known_until or now) - row.basis.stuck_from).total_seconds()
        return (f"stuck {short_age(seconds)}" if seconds >= 60 else "stuck"), CAUTION
    promised = view.order.promised_at if view.order else None
    if promised is None or view.current is None or view.current.eta is None or row.expected_at is None:
        return "", ""
    if assessment.lateness is Lateness.UNKNOWN:
        return "", ""
    early = (promised - row.expected_at).total_seconds()
    is_vague = view.current.eta.precision is Precision.DAY
    return ("on time" if is_vague or early < 60 else f"early {short_age(early)}"), GOOD


def condition_cell(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return the condition of an open order, and the time left of a snooze."""
    if not row.is_open:
        return "", ""
    words, style = condition_words(row, instant.now)
    if row.snoozed_for is None:
        return words, style
    snooze = f"{SNOOZE} {short_age(row.snoozed_for)}"
    both = f"{words} {snooze}" if words else snooze
    return (both if len(both) <= width else snooze), MUTED


def condition_or_sync_cell(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return what is not in sync, if anything, else the condition; for a board without the last event."""
    words, style = sync_words(row, instant)
    if not words or row.tracked.standing is Standing.REFUSED:
        return condition_cell(row, instant, width)
    return fit(words, width), style


def sync_words(row: BoardRow, instant: Instant) -> Part:
    """Return the newest pending command, or why the order is not in sync; empty if it is in sync."""
    order = row.tracked
    if pending := summarize_pending(recent(order.pending_commands, instant.now)):
        return pending, CAUTION
    if order.standing in {Standing.IN_SYNC, Standing.FINAL}:
        return "", ""
    if order.standing is Standing.REFUSED:
        detail = f": {sanitize(order.problem.detail)}" if order.problem and order.problem.detail else ""
        glyph, _, style = STANDINGS[Standing.REFUSED]
        return f"{glyph} {refusal_text(order.problem)}{detail}", style
    # While the link is down, the whole board says that it is not live.
    if not row.is_current:
        return "", ""
    glyph, word, style = STANDINGS[order.standing]
    return f"{glyph} {word}", style


def sync_cell(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return what is not in sync."""
    words, style = sync_words(row, instant)
    return fit(words, width), style


def event_cell(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return what is not in sync, if anything, else the newest event and its age."""
    words, style = sync_words(row, instant)
    if words:
        return fit(words, width), style
    if row.last_event is None:
        return "", ""
    at, text = row.last_event
    minutes = int((instant.now - at).total_seconds()) // 60
    age = "now" if minutes < 1 else short_age(minutes * 60)
    return fit(f"{age:>4}  {text}", width), "" if row.is_open else MUTED


def courier_cell(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return the courier's name, and the age of a position that is not fresh."""
    state = row.view.current
    if state is None or state.outcome is not None:
        return "", ""
    age, style = _position_age(row, instant)
    name = fit(row.courier_name, max(0, width - len(age) - 1) if age else width)
    return " ".join(filter(None, (age, name))), style


def customer_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return the customer."""
    return row.customer, ""


def items_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return the order's title."""
    return row.items, MUTED


def destination_cell(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return the destination."""
    return row.destination, ""


def promised_cell(row: BoardRow, instant: Instant, _width: int) -> Part:
    """Return the promised time."""
    promised = row.view.order.promised_at if row.view.order else None
    return (stamp(promised, instant, seconds=False) if promised else ""), ""


def updated_cell(row: BoardRow, instant: Instant, _width: int) -> Part:
    """Return when the newest version was published."""
    if row.view.current is None:
        return "", ""
    at = row.view.current.updated_at
    is_today = instant.local(at).date() == instant.local(instant.now).date()
    return (stamp(at, instant) if is_today else day(at, instant)), MUTED


def _position_age(row: BoardRow, instant: Instant) -> Part:
    state = row.view.current
    if state is None or state.location is None:
        return "", ""
    age_class = freshness(state.location, row.known_until or instant.now)
    if age_class is Freshness.FRESH or is_scan(state):
        return "", ""
    glyph, style, _ = FRESHNESS[age_class]
    age = instant.now - state.location.captured_at
    # The first minute has one text: a cell that changes every second would only be noise.
    shown = FRESH_FOR if age < timedelta(minutes=1) else age
    return f"{glyph} {short_age(shown.total_seconds())}", style
