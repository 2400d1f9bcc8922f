"""The board's columns: the text of each cell, and the columns that fit a width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.lateness import Freshness, Lateness, freshness, is_scan
from tracker_tui.domain.order import Precision
from tracker_tui.domain.overlay import recent
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.courier import DISCONNECTED, FRESHNESS, SCANNED
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.cells.pending_command import summarize_pending
from tracker_tui.ui.model.styles import (
    ACCENT,
    BAD,
    CAUTION,
    GOOD,
    LATENESS,
    MUTED,
    NEEDS_ACTION,
    NOT_LIVE,
    OUTCOMES,
    STANDINGS,
    STRONG,
    STUCK,
    refusal_text,
)
from tracker_tui.wording.arrival import arrival_of
from tracker_tui.wording.times import Instant, day, short_age, stamp

MARK = "*"
"""The sign of a marked row."""

PROGRESS_WIDTH = 8
"""Cells for the glyphs of an order's stages; of more stages the last ones are shown."""

SHORT_WORDS = {STANDINGS[Standing.RECONCILING][1]: "syncing", NOT_LIVE[1]: "no link"}
"""Shorter words of the column Sync, for seven cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: The heading.
        min_width: Cells below which the column is dropped, or cut if it is never dropped.
        max_width: Cells beyond which it doesn't grow.
        drop_rank: The column with the highest rank is dropped first; 0 is never dropped.
        render: Returns the text for a row, for a number of cells.
    """

    title: str
    min_width: int
    max_width: int
    drop_rank: int
    render: Callable[[BoardRow, Instant, int], Part]


def promise_words(row: BoardRow, now: datetime) -> Part:
    """Return how an open order relates to its promise: ``late 5m``, ``at risk``, ``stuck 40s``, ``early 12m``."""
    view = row.view
    if (late := row.assessment.late_by) is not None:
        return f"late {short_age(late.total_seconds())}", BAD
    if row.assessment.lateness is Lateness.AT_RISK:
        return "at risk", CAUTION
    if row.assessment.stuck and row.basis.stuck_from is not None:
        return f"stuck {short_age(((row.known_until or now) - row.basis.stuck_from).total_seconds())}", CAUTION
    promised = view.order.promised_at if view.order else None
    if promised is None or view.current is None or view.current.eta is None or row.expected_at is None:
        return "", ""
    early = (promised - row.expected_at).total_seconds()
    is_vague = view.current.eta.precision is Precision.DAY
    return ("on time" if is_vague or early < 60 else f"early {short_age(early)}"), GOOD


def _render_attention(row: BoardRow, _instant: Instant, _width: int) -> Part:
    """Return a glyph for the condition that needs attention, else for the state."""
    if row.tracked.standing is Standing.REFUSED:
        glyph, _, style = STANDINGS[Standing.REFUSED]
        return glyph, style
    outcome = row.view.outcome
    match row.assessment.attention:
        case Attention.LATE:
            glyph, _, style = LATENESS[Lateness.LATE]
        case Attention.AT_RISK:
            glyph, _, style = LATENESS[Lateness.AT_RISK]
        case Attention.NEEDS_ACTION:
            glyph, _, style = NEEDS_ACTION
        case Attention.STUCK:
            glyph, _, style = STUCK
        case Attention.ENDED if outcome is not None:
            glyph, _, style = OUTCOMES[outcome]
        case Attention.UNKNOWN:
            glyph, style = "○", MUTED
        case _:
            glyph, style = "▶", ACCENT
    return glyph, style


def _render_mark(row: BoardRow, _instant: Instant, _width: int) -> Part:
    return (MARK, ACCENT) if row.is_marked else ("", "")


def _render_order_id(row: BoardRow, _instant: Instant, _width: int) -> Part:
    if row.assessment.attention <= Attention.STUCK:
        return row.order_id, STRONG
    return row.order_id, "" if row.is_open else MUTED


def _render_stage(row: BoardRow, _instant: Instant, _width: int) -> Part:
    return row.stage, "" if row.is_open else MUTED


def _render_progress(row: BoardRow, _instant: Instant, _width: int) -> Part:
    return row.progress[-PROGRESS_WIDTH:], MUTED


def _render_eta(row: BoardRow, instant: Instant, _width: int) -> Part:
    return arrival_of(row.view, instant, row.known_until or instant.now), ""


def _render_promise(row: BoardRow, instant: Instant, _width: int) -> Part:
    if row.snoozed_for is not None:
        return f"z {short_age(row.snoozed_for)}", MUTED
    return promise_words(row, instant.now) if row.is_open else ("", "")


def _render_last_seen(row: BoardRow, instant: Instant, _width: int) -> Part:
    """Return the age of the courier's position, with the glyph for its freshness."""
    state = row.view.current
    if state is None or state.location is None or state.outcome is not None:
        return "", ""
    age_class = freshness(state.location, instant.now)
    if age_class is Freshness.FRESH and not row.is_current:
        glyph, style = DISCONNECTED[:2]
    elif age_class is not Freshness.FRESH and is_scan(state):
        glyph, style = SCANNED[:2]
    else:
        glyph, style = FRESHNESS[age_class][:2]
    return f"{glyph} {short_age((instant.now - state.location.captured_at).total_seconds())}", style


def _render_updated(row: BoardRow, instant: Instant, _width: int) -> Part:
    if row.view.current is None:
        return "", ""
    at = row.view.current.updated_at
    is_today = instant.local(at).date() == instant.local(instant.now).date()
    return (stamp(at, instant) if is_today else day(at, instant)), MUTED


def _render_customer(row: BoardRow, _instant: Instant, _width: int) -> Part:
    return row.customer, ""


def _render_sync(row: BoardRow, instant: Instant, width: int) -> Part:
    """Return the newest pending command, else the standing; without the glyph if there is no room for it."""
    order = row.tracked
    if pending := summarize_pending(recent(order.pending_commands, instant.now)):
        return pending, CAUTION
    is_unknown = not row.is_current and order.standing in {Standing.IN_SYNC, Standing.RECONCILING}
    glyph, word, style = NOT_LIVE if is_unknown else STANDINGS[order.standing]
    if width <= cell_len(word) + 1:
        return SHORT_WORDS.get(word, word), style
    return f"{glyph} {refusal_text(order.problem) if order.standing is Standing.REFUSED else word}", style


COLUMNS = (
    Column("", 1, 1, 0, _render_attention),
    Column("", 1, 1, 0, _render_mark),
    Column("Order", 8, 20, 0, _render_order_id),
    Column("Stage", 8, 18, 1, _render_stage),
    Column("Progress", PROGRESS_WIDTH, PROGRESS_WIDTH, 4, _render_progress),
    Column("Arrives", 12, 12, 3, _render_eta),
    Column("Promise", 9, 10, 2, _render_promise),
    Column("Courier", 7, 7, 6, _render_last_seen),
    Column("Updated", 8, 8, 5, _render_updated),
    Column("Customer", 10, 24, 7, _render_customer),
    Column("Sync", 7, 15, 0, _render_sync),
)
"""All columns, from left to right."""

_WANTED = {"Order": 10, "Stage": 14, "Promise": 10, "Sync": 13}
"""Cells that a column should have before another column is added."""

_SQUEEZED = frozenset({"Promise", "Stage"})
"""Columns that are dropped last, once no other column can be narrower; the standing shows in no other place."""

_GROWING = ("Promise", "Sync", "Stage", "Order", "Customer")
"""The columns that get the remaining cells, in this order."""


def columns_for(width: int) -> Sequence[tuple[Column, int]]:
    """Return the columns that fit into `width` cells, each with its cells.

    The result depends on the width alone, so that columns never move.
    """
    chosen = list(COLUMNS)
    for column in sorted(COLUMNS, key=lambda column: column.drop_rank, reverse=True):
        needed = _least(chosen) if column.title in _SQUEEZED else _needed(chosen)
        if column.drop_rank and needed > width:
            chosen.remove(column)
    spare = width - _least(chosen)
    cells = {column.title: column.min_width for column in chosen if column.title}
    for wanted in (_WANTED, {column.title: column.max_width for column in chosen}):
        for title in _GROWING:
            more = min(spare, wanted.get(title, 0) - cells[title]) if title in cells else 0
            if more > 0:
                cells[title] += more
                spare -= more
    return [(column, cells.get(column.title, column.min_width)) for column in chosen]


def _least(columns: Sequence[Column]) -> int:
    return sum(column.min_width for column in columns) + _gaps(columns)


def _needed(columns: Sequence[Column]) -> int:
    return sum(max(column.min_width, _WANTED.get(column.title, 0)) for column in columns) + _gaps(columns)


def _gaps(columns: Sequence[Column]) -> int:
    # The columns are one cell apart, except the glyph and the mark.
    return len(columns) - 2
