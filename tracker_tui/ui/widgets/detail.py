"""The detail pane: more about the selected order than its row on the board has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from tracker_tui.domain.lateness import Freshness, freshness, is_scan
from tracker_tui.domain.order import OrderState
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Mark
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.arrival import length
from tracker_tui.ui.cells.measure import Part, line
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, MUTED, OUTCOMES, STRONG, refusal_text
from tracker_tui.ui.widgets.hero import hero_rows
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import Instant, age

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
    yield from _stage_and_event(row, scene, state, width)
    if state.outcome is None:
        yield from _courier(row, state, instant, width)
    people = [f"for {row.customer}" if row.customer else "", f"to {row.destination}" if row.destination else ""]
    if any(people):
        yield line([("  ".join(filter(None, people)), "")], width)


def _courier(row: BoardRow, state: OrderState, instant: Instant, width: int) -> Iterator[Content]:
    """Yield the courier and the place of the position, with its age if it is not fresh."""
    courier, place = state.courier, state.location
    facts = [row.courier_name, spoken(courier.state or "") if courier else ""]
    if place is not None:
        is_fresh = freshness(place, instant.now) is Freshness.FRESH and not is_scan(state)
        facts += ["" if is_fresh else f"seen {_since(place.captured_at, instant.now)}", sanitize(place.label or "")]
    if any(facts):
        yield line([("courier " if any(facts[:2]) else "", MUTED), (", ".join(filter(None, facts)), "")], width)


def _since(at: datetime, now: datetime) -> str:
    """Return the time since a moment in whole minutes, so that no text changes every second."""
    seconds = (now - at).total_seconds()
    return "just now" if seconds < 60 else f"{age(seconds)} ago"


def _stage_and_event(row: BoardRow, scene: OrderScene, state: OrderState, width: int) -> Iterator[Content]:
    """Yield the stage and the newest event, in one line if both fit; no event that only says the stage."""
    stage = _stage(row, scene, state)
    if row.last_event is None or row.last_event[1] == row.stage:
        yield line(stage, width)
        return
    at, words = row.last_event
    event: list[Part] = [(f"{_since(at, scene.instant.now)}  ", MUTED), (words, "")]
    both = [*stage, ("   ", ""), *event]
    yield from (line(parts, width) for parts in ([both] if length(both) <= width else [stage, event]))


def _stage(row: BoardRow, scene: OrderScene, state: OrderState) -> list[Part]:
    style = OUTCOMES[state.outcome][2] if state.outcome else ACCENT
    since = next((each.at for each in row.timeline if each.mark in {Mark.ACTIVE, Mark.ENDED}), None)
    seconds = (scene.judged_at - since).total_seconds() if since and state.outcome is None else 0.0
    lasting = f"  for {age(seconds)}" if seconds >= 60 else ""
    flags = f"  {', '.join(spoken(flag) for flag in state.flags)}" if state.flags else ""
    return [(row.stage, style), (lasting, MUTED), (flags, MUTED)]
