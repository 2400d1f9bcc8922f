"""The detail pane: more about the selected order than its row on the board has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.lateness import zone_at
from tracker_tui.domain.order import OrderState
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Mark
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.column_cells import condition_words
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.measure import Part, lines
from tracker_tui.ui.model.styles import ACCENT, MUTED, OUTCOMES, STRONG, refusal_text
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import Instant, ago, arrival, countdown, span, stamp


@dataclass(frozen=True, slots=True)
class Detail:
    """The row of the selected order, if any, at an instant; and the order that was meant if the server refused it."""

    row: BoardRow | None
    instant: Instant
    suggestion: str | None = None


def render_detail(value: Detail, width: int, height: int) -> Content:
    """Return as many facts as there are lines, the most important first."""
    if value.row is None:
        return lines([[("no order selected", MUTED)]], width)
    return lines(list(_rows(value.row, value.instant, width, value.suggestion))[:height], width)


def _rows(row: BoardRow, instant: Instant, width: int, suggestion: str | None) -> Iterator[list[Part]]:
    order, state, problem = row.view.order, row.view.current, row.tracked.problem
    marked = [(" · marked", ACCENT)] if row.is_marked else []
    yield [(row.order_id, STRONG), (f"  {sanitize(order.title)}" if order else "", ""), *marked]
    if row.tracked.standing is Standing.REFUSED:
        detail = f": {sanitize(problem.detail)}" if problem and problem.detail else ""
        yield [(refusal_text(problem) + detail, MUTED)]
    if suggestion is not None:
        yield [(f"Did you mean {suggestion}?", ACCENT)]
    if state is None:
        return
    yield _stage(row, state, instant)
    if row.is_open:
        yield from _arrival(row, state, instant, width)
    to = sanitize(order.destination.label) if order and order.destination else ""
    people = [f"for {row.customer}" if row.customer else "", f"to {to}" if to else ""]
    if any(people):
        yield [("  ".join(filter(None, people)), "")]
    courier = [sanitize(state.courier.name or ""), spoken(state.courier.state or "")] if state.courier else []
    seen = f"seen {ago(state.location.captured_at, instant)}" if state.location else ""
    where = sanitize(state.location.label) if state.location and state.location.label else ""
    if any([*courier, seen]) and state.outcome is None:
        yield [("courier " if any(courier) else "", MUTED), (", ".join(filter(None, [*courier, seen, where])), "")]
    yield [("updated ", MUTED), (f"{stamp(state.updated_at, instant)}, {ago(state.updated_at, instant)}", "")]


def _stage(row: BoardRow, state: OrderState, instant: Instant) -> list[Part]:
    style = OUTCOMES[state.outcome][2] if state.outcome else ACCENT
    since = next((each.at for each in row.timeline if each.mark in {Mark.ACTIVE, Mark.ENDED}), None)
    lasting = f"  for {span(instant.now - since)}" if since and state.outcome is None else ""
    flags = f"  {', '.join(spoken(flag) for flag in state.flags)}" if state.flags else ""
    return [(row.stage, style), (lasting, MUTED), (flags, MUTED)]


def _arrival(row: BoardRow, state: OrderState, instant: Instant, width: int) -> Iterator[list[Part]]:
    """Yield the ETA and the promise, on one line if they fit."""
    order, zone = row.view.order, zone_at(row.view.order)
    when = f"{arrival(state.eta, instant, zone)}, {countdown(state.eta, instant, zone)}" if state.eta else ""
    arrives = f"arrives {when}" if when else "no ETA"
    words, style = condition_words(row, instant.now)
    promised = order.promised_at if order else None
    due = f"promised {stamp(promised, instant, seconds=False)}  " if promised else ""
    promise: list[Part] = [(due, MUTED), (words, style)]
    if cell_len(f"{arrives}  {due}{words}") <= width:
        yield [(f"{arrives}  ", ""), *promise]
    else:
        yield [(arrives, "")]
        yield promise
