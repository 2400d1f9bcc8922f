"""The arrival pane: the ETA, the promise, and the outcome."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.lateness import ended_at, late_by, lateness, zone_at
from tracker_tui.domain.order import OrderState, Outcome, Precision
from tracker_tui.ui.cells.measure import Part, lines
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import LATENESS, MUTED, OUTCOMES, STRONG
from tracker_tui.wording.arrival import arrival_of
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import age, ago, countdown, stamp, window


def arrival_title(scene: OrderScene) -> str:
    """Return the pane's title."""
    outcome = scene.view.outcome
    return "Arrives" if outcome is None else "Arrived" if outcome is Outcome.DELIVERED else "Ended"


def render_arrival(value: OrderScene, width: int, height: int) -> Content:
    """Return the ETA or the outcome, and below it the details."""
    state = value.view.current
    if state is None:
        head: list[Part] = [("no arrival known yet", MUTED)]
        details: list[list[Part]] = []
    elif state.outcome is not None:
        head, details = _ended(value, state.outcome)
    else:
        head, details = _expected(value, state)
    return lines([head, *_flow(details, width)][:height], width)


def _ended(scene: OrderScene, outcome: Outcome) -> tuple[list[Part], list[list[Part]]]:
    glyph, word, style = OUTCOMES[outcome]
    at = ended_at(scene.view)
    head: list[Part] = [(f"{glyph} {word}", f"{STRONG} {style}"), (f"  {stamp(at, scene.instant)}", "")]
    return head, [[(ago(at, scene.instant), MUTED)], _promise(scene), _lateness(scene)]


def _expected(scene: OrderScene, state: OrderState) -> tuple[list[Part], list[list[Part]]]:
    if state.eta is None:
        head: list[Part] = [("no arrival time given", MUTED)]
        between: list[Part] = []
    else:
        zone = zone_at(scene.view.order)
        remaining = countdown(state.eta, scene.instant, zone)
        head = [(arrival_of(scene.view, scene.instant, scene.judged_at), STRONG), (f"   {remaining}", "")]
        ends = window(state.eta, scene.instant, zone)
        between = [(ends, MUTED)] if state.eta.precision is Precision.MINUTE and ends != head[0][0] else []
    flags: list[Part] = [(f"▲ {', '.join(map(spoken, state.flags))}", "$text-warning")] if state.flags else []
    return head, [between, _promise(scene), _lateness(scene), flags]


def _promise(scene: OrderScene) -> list[Part]:
    promised = scene.view.order.promised_at if scene.view.order else None
    return [(f"promised {stamp(promised, scene.instant, seconds=False)}", MUTED)] if promised else []


def _lateness(scene: OrderScene) -> list[Part]:
    glyph, word, style = LATENESS[lateness(scene.view, scene.judged_at)]
    promised = scene.view.order.promised_at if scene.view.order else None
    if not word or promised is None or scene.view.current is None:
        return []
    if (late := late_by(scene.view, scene.judged_at)) is not None:
        word = f"{age(late.total_seconds())} {word}"
    return [(f"{glyph} {word}", style)]


def _flow(details: list[list[Part]], width: int) -> list[list[Part]]:
    """Return the details in lines, as many details a line as fit."""
    rows: list[list[Part]] = []
    for detail in filter(None, details):
        if rows and _length(rows[-1]) + 2 + _length(detail) <= width:
            rows[-1] = [*rows[-1], ("  ", ""), *detail]
        else:
            rows.append(detail)
    return rows


def _length(parts: list[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)
