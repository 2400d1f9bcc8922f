"""The detail pane: more of the order under the board's cursor than its row has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.lateness import zone_at
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Mark
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.columns import promise_words
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.measure import Part, lines
from tracker_tui.ui.model.styles import ACCENT, MUTED, OUTCOMES, STRONG, refusal_text
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import Instant, ago, arrival, countdown, span, stamp


@dataclass(frozen=True, slots=True)
class Detail:
    """The order under the cursor, if there is one, at an instant."""

    entry: BoardRow | None
    instant: Instant


def render_detail(value: Detail, width: int, height: int) -> Content:
    """As many facts as there are lines, what matters most first."""
    if value.entry is None:
        return lines([[("no order under the cursor", MUTED)]], width)
    return lines(list(_rows(value.entry, value.instant, width))[:height], width)


def _rows(entry: BoardRow, instant: Instant, width: int) -> Iterator[list[Part]]:
    row = entry.reading.row
    marked = [(" · marked", ACCENT)] if entry.is_marked else []
    facts = row.view.facts.value if row.view.facts else None
    yield [(entry.order_id, STRONG), (f"  {sanitize(facts.title)}" if facts else "", ""), *marked]
    if row.standing is Standing.REFUSED:
        detail = f": {sanitize(row.problem.detail)}" if row.problem and row.problem.detail else ""
        yield [(refusal_text(row.problem) + detail, MUTED)]
    if row.view.state is None:
        return
    state = row.view.state.value
    style = OUTCOMES[state.outcome][2] if state.outcome else ACCENT
    since = next((each.at for each in entry.reading.timeline if each.mark in {Mark.ACTIVE, Mark.ENDED}), None)
    lasting = f"  for {span(instant.now - since)}" if since and state.outcome is None else ""
    flags = f"  {', '.join(spoken(flag) for flag in state.flags)}" if state.flags else ""
    yield [(entry.reading.stage, style), (lasting, MUTED), (flags, MUTED)]
    if entry.is_open:
        there = zone_at(facts)
        when = f"{arrival(state.eta, instant, there)}, {countdown(state.eta, instant, there)}" if state.eta else ""
        arrives = f"arrives {when}" if when else "no ETA"
        words, tone = promise_words(entry, entry.assessment, instant.now)
        promised = facts.promised_at if facts else None
        due = f"promised {stamp(promised, instant, seconds=False)}  " if promised else ""
        promise: list[Part] = [(due, MUTED), (words, tone)]
        if cell_len(f"{arrives}  {due}{words}") <= width:
            yield [(f"{arrives}  ", ""), *promise]
        else:
            yield [(arrives, "")]
            yield promise
    to = sanitize(facts.destination.label) if facts and facts.destination else ""
    people = [f"for {entry.reading.customer}" if entry.reading.customer else "", f"to {to}" if to else ""]
    if any(people):
        yield [("  ".join(filter(None, people)), "")]
    carried = [sanitize(state.courier.name or ""), spoken(state.courier.state or "")] if state.courier else []
    seen = f"seen {ago(state.location.captured_at, instant)}" if state.location else ""
    where = sanitize(state.location.label) if state.location and state.location.label else ""
    if any([*carried, seen]) and state.outcome is None:
        yield [("courier " if any(carried) else "", MUTED), (", ".join(filter(None, [*carried, seen, where])), "")]
    yield [("updated ", MUTED), (f"{stamp(state.updated_at, instant)}, {ago(state.updated_at, instant)}", "")]
