"""The board's columns: what each of them says, and which there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from tracker_tui.domain.attention import Assessment, Attention
from tracker_tui.domain.lateness import Freshness, Lateness, freshness, is_scan, late_by, zone_at
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
    NOT_LIVE,
    OUTCOMES,
    STANDINGS,
    STRONG,
    refusal_text,
)
from tracker_tui.wording.times import Instant, arrival, day, short_age, stamp

STUCK = ("◔", "stuck", CAUTION)
"""Glyph, word and style of what stays where it is for too long."""

MARK = "*"
"""What a marked row bears."""

PROGRESS_WIDTH = 8
"""Cells for the glyphs of an order's way; of a longer one the end is shown."""

SHORT_WORDS = {STANDINGS[Standing.RECONCILING][1]: "mending", NOT_LIVE[1]: "no link"}
"""Words for what a row is worth where a column has seven cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: What is above it.
        min_width: Cells without which it is left out, or cut where it never is.
        max_width: Cells beyond which it doesn't grow.
        drop_rank: The greatest is left out first; 0 never is.
        render: What it says of an order, in so many cells.
    """

    title: str
    min_width: int
    max_width: int
    drop_rank: int
    render: Callable[[BoardRow, Instant, int], Part]


def render_attention(entry: BoardRow, _instant: Instant, _room: int) -> Part:
    """A glyph for what somebody should look at, else for where the order is."""
    if entry.reading.row.standing is Standing.REFUSED:
        glyph, _, style = STANDINGS[Standing.REFUSED]
        return glyph, style
    state = entry.reading.row.view.state
    match entry.assessment.attention:
        case Attention.LATE:
            glyph, _, style = LATENESS[Lateness.LATE]
        case Attention.AT_RISK:
            glyph, _, style = LATENESS[Lateness.AT_RISK]
        case Attention.STUCK:
            glyph, _, style = STUCK
        case Attention.ENDED if state is not None and state.value.outcome is not None:
            glyph, _, style = OUTCOMES[state.value.outcome]
        case Attention.UNKNOWN:
            glyph, style = "○", MUTED
        case _:
            glyph, style = "▶", ACCENT
    return glyph, style


def render_mark(entry: BoardRow, _instant: Instant, _room: int) -> Part:
    """Whether it is marked."""
    return (MARK, ACCENT) if entry.is_marked else ("", "")


def render_order_id(entry: BoardRow, _instant: Instant, _room: int) -> Part:
    """Its id: what wants attention stands out, what has ended steps back."""
    if entry.assessment.attention <= Attention.STUCK:
        return entry.order_id, STRONG
    return entry.order_id, "" if entry.is_open else MUTED


def render_stage(entry: BoardRow, _instant: Instant, _room: int) -> Part:
    """Where it is."""
    return entry.reading.stage, "" if entry.is_open else MUTED


def render_progress(entry: BoardRow, _instant: Instant, _room: int) -> Part:
    """How far it is along its way."""
    return entry.reading.progress[-PROGRESS_WIDTH:], MUTED


def render_eta(entry: BoardRow, instant: Instant, _room: int) -> Part:
    """When it is expected."""
    state = entry.reading.row.view.state
    if state is None or state.value.eta is None or state.value.outcome is not None:
        return "", ""
    facts = entry.reading.row.view.facts
    return arrival(state.value.eta, instant, zone_at(facts.value if facts else None)), ""


def render_promise(entry: BoardRow, instant: Instant, _room: int) -> Part:
    """How it stands against its promise, in words; else that it is stuck."""
    if not entry.is_open:
        return "", ""
    return promise_words(entry, entry.assessment, instant.now)


def promise_words(entry: BoardRow, judgement: Assessment, now: datetime) -> Part:
    """The words on an open order: ``late 5m``, ``at risk``, ``stuck 40s``, ``early 12m``."""
    view = entry.reading.row.view
    if (late := late_by(view, now)) is not None:
        return f"late {short_age(late.total_seconds())}", BAD
    if judgement.lateness is Lateness.AT_RISK:
        return "at risk", CAUTION
    if judgement.stuck and entry.reading.stuck_from is not None:
        return f"stuck {short_age((now - entry.reading.stuck_from).total_seconds())}", CAUTION
    promised = view.facts.value.promised_at if view.facts else None
    if promised is None or view.state is None or view.state.value.eta is None or entry.reading.expected_at is None:
        return "", ""
    early = (promised - entry.reading.expected_at).total_seconds()
    is_vague = view.state.value.eta.precision is Precision.DAY
    return ("on time" if is_vague or early < 60 else f"early {short_age(early)}"), GOOD


def render_last_seen(entry: BoardRow, instant: Instant, _room: int) -> Part:
    """How long nothing was seen of the courier, with the glyph that says what that is worth."""
    state = entry.reading.row.view.state
    if state is None or state.value.location is None or state.value.outcome is not None:
        return "", ""
    location = state.value.location
    worth = freshness(location, instant.now)
    if worth is Freshness.FRESH and not entry.is_current:
        glyph, style = DISCONNECTED[:2]
    else:
        glyph, style, _ = SCANNED if worth is not Freshness.FRESH and is_scan(state.value) else FRESHNESS[worth]
    return f"{glyph} {short_age((instant.now - location.captured_at).total_seconds())}", style


def render_updated(entry: BoardRow, instant: Instant, _room: int) -> Part:
    """When it was told of last."""
    state = entry.reading.row.view.state
    if state is None:
        return "", ""
    at = state.value.updated_at
    today = instant.local(at).date() == instant.local(instant.now).date()
    return (stamp(at, instant) if today else day(at, instant)), MUTED


def render_customer(entry: BoardRow, _instant: Instant, _room: int) -> Part:
    """For whom it is."""
    return entry.reading.customer, ""


def render_sync(entry: BoardRow, instant: Instant, room: int) -> Part:
    """What was asked of it and not decided yet, else what the row is worth; where room is scarce, the word alone."""
    row = entry.reading.row
    if asked := summarize_pending(recent(row.pending_commands, instant.now)):
        return asked, CAUTION
    is_doubtful = not entry.is_current and row.standing in {Standing.IN_SYNC, Standing.RECONCILING}
    glyph, word, style = NOT_LIVE if is_doubtful else STANDINGS[row.standing]
    if room <= cell_len(word) + 1:
        return SHORT_WORDS.get(word, word), style
    return f"{glyph} {refusal_text(row.problem) if row.standing is Standing.REFUSED else word}", style


COLUMNS = (
    Column("", 1, 1, 0, render_attention),
    Column("", 1, 1, 0, render_mark),
    Column("Order", 8, 20, 0, render_order_id),
    Column("Stage", 8, 18, 1, render_stage),
    Column("Progress", PROGRESS_WIDTH, PROGRESS_WIDTH, 4, render_progress),
    Column("Arrives", 12, 12, 3, render_eta),
    Column("Promise", 9, 10, 2, render_promise),
    Column("Courier", 7, 7, 6, render_last_seen),
    Column("Updated", 8, 8, 5, render_updated),
    Column("Customer", 10, 24, 7, render_customer),
    Column("Sync", 7, 15, 0, render_sync),
)
"""All columns, from left to right."""

_WANTED = {"Order": 10, "Stage": 14, "Promise": 10, "Sync": 13}
"""Cells that a column should have before another one joins."""

_SQUEEZED = frozenset({"Promise", "Stage"})
"""What goes last of all, and only once nothing can be made narrower: how late an order is shows in its glyph, too, but
what a row is worth in no other place."""

_GROWING = ("Promise", "Sync", "Stage", "Order", "Customer")
"""Which column gets first what room is left."""


def columns_for(width: int) -> Sequence[tuple[Column, int]]:
    """The columns that fit into `width` cells, with the cells of each; it depends on nothing else, so nothing moves."""
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
    # Glyph and mark stand together; every other column is a cell away from the one before it.
    return len(columns) - 2
