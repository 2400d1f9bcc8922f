"""The detail pane: more about the selected order than its row on the board has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content

from tracker_tui.domain.order import OrderState
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Mark
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.measure import Part, line
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, MUTED, OUTCOMES, STRONG, refusal_text
from tracker_tui.ui.widgets.hero import hero_rows
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import ago, span, stamp

_HERO_HEIGHT = 5
"""Lines for the arrival and the sentence."""


@dataclass(frozen=True, slots=True)
class Detail:
    """The selected order: its row on the board, and its content; both None if no order is selected."""

    row: BoardRow | None
    scene: OrderScene | None


def render_detail(value: Detail, width: int, height: int) -> Content:
    """Return as many facts as there are lines, the most important first."""
    if value.row is None or value.scene is None:
        return line([("no order selected", MUTED)], width)
    return Content("\n").join(list(_rows(value.row, value.scene, width))[:height])


def _rows(row: BoardRow, scene: OrderScene, width: int) -> Iterator[Content]:
    order, state, problem, instant = scene.view.order, scene.view.current, scene.problem, scene.instant
    marked = [(" · marked", ACCENT)] if row.is_marked else []
    yield line([(row.order_id, STRONG), (f"  {sanitize(order.title)}" if order else "", ""), *marked], width)
    if scene.standing is Standing.REFUSED:
        detail = f": {sanitize(problem.detail)}" if problem and problem.detail else ""
        yield line([(refusal_text(problem) + detail, MUTED)], width)
    if scene.suggestion is not None:
        yield line([(f"Did you mean {scene.suggestion}?", ACCENT)], width)
    if state is None:
        return
    yield from hero_rows(scene, width, _HERO_HEIGHT)
    yield line(_stage(row, scene, state), width)
    to = sanitize(order.destination.label) if order and order.destination else ""
    people = [f"for {row.customer}" if row.customer else "", f"to {to}" if to else ""]
    if any(people):
        yield line([("  ".join(filter(None, people)), "")], width)
    courier = [sanitize(state.courier.name or ""), spoken(state.courier.state or "")] if state.courier else []
    seen = f"seen {ago(state.location.captured_at, instant)}" if state.location else ""
    where = sanitize(state.location.label) if state.location and state.location.label else ""
    if any([*courier, seen]) and state.outcome is None:
        facts = ", ".join(filter(None, [*courier, seen, where]))
        yield line([("courier " if any(courier) else "", MUTED), (facts, "")], width)
    yield line(
        [("updated ", MUTED), (f"{stamp(state.updated_at, instant)}, {ago(state.updated_at, instant)}", "")], width
    )


def _stage(row: BoardRow, scene: OrderScene, state: OrderState) -> list[Part]:
    style = OUTCOMES[state.outcome][2] if state.outcome else ACCENT
    since = next((each.at for each in row.timeline if each.mark in {Mark.ACTIVE, Mark.ENDED}), None)
    lasting = f"  for {span(scene.judged_at - since)}" if since and state.outcome is None else ""
    flags = f"  {', '.join(spoken(flag) for flag in state.flags)}" if state.flags else ""
    return [(row.stage, style), (lasting, MUTED), (flags, MUTED)]
