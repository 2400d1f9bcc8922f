"""The arrival pane: when it comes, what was promised, and how it ended."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.lateness import ended_at, late_by, lateness, overdue, zone_at
from tracker_tui.domain.order import OrderState, Outcome, Precision
from tracker_tui.ui.cells.measure import Part, lines
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import LATENESS, MUTED, OUTCOMES, STRONG
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import age, ago, arrival, countdown, stamp, window


def arrival_title(scene: OrderScene) -> str:
    """The pane's title: whether it is still to come."""
    outcome = scene.view.state.value.outcome if scene.view.state else None
    return "Arrives" if outcome is None else "Arrived" if outcome is Outcome.DELIVERED else "Ended"


def render_arrival(value: OrderScene, width: int, height: int) -> Content:
    """The ETA or the outcome first, then what belongs to it."""
    if value.view.state is None:
        head: list[Part] = [("no arrival known yet", MUTED)]
        details: list[list[Part]] = []
    elif (outcome := value.view.state.value.outcome) is not None:
        head, details = _ended(value, outcome)
    else:
        head, details = _coming(value, value.view.state.value)
    return lines([head, *_flow(details, width)][:height], width)


def _ended(scene: OrderScene, outcome: Outcome) -> tuple[list[Part], list[list[Part]]]:
    glyph, word, style = OUTCOMES[outcome]
    at = ended_at(scene.view)
    head: list[Part] = [(f"{glyph} {word}", f"{STRONG} {style}"), (f"  {stamp(at, scene.instant)}", "")]
    return head, [[(ago(at, scene.instant), MUTED)], _promise(scene), _judgement(scene)]


def _coming(scene: OrderScene, state: OrderState) -> tuple[list[Part], list[list[Part]]]:
    if state.eta is None:
        head: list[Part] = [("no arrival time given", MUTED)]
        between: list[Part] = []
    else:
        there = zone_at(scene.view.facts.value if scene.view.facts else None)
        soon = countdown(state.eta, scene.instant, there)
        head = [(arrival(state.eta, scene.instant, there), STRONG), (f"   {soon}", "")]
        ends = window(state.eta, scene.instant, there)
        between = [(ends, MUTED)] if state.eta.precision is Precision.MINUTE and ends != head[0][0] else []
    flags: list[Part] = [(f"▲ {', '.join(map(spoken, state.flags))}", "$text-warning")] if state.flags else []
    past: list[Part] = [("overdue", MUTED)] if overdue(scene.view, scene.instant.now) else []
    return head, [between, _promise(scene), _judgement(scene), past, flags]


def _promise(scene: OrderScene) -> list[Part]:
    promised = _promised_at(scene)
    return [(f"promised {stamp(promised, scene.instant, seconds=False)}", MUTED)] if promised else []


def _judgement(scene: OrderScene) -> list[Part]:
    verdict = lateness(scene.view, scene.instant.now)
    glyph, word, style = LATENESS[verdict]
    promised = _promised_at(scene)
    if not word or promised is None or scene.view.state is None:
        return []
    if (late := late_by(scene.view, scene.instant.now)) is not None:
        word = f"{age(late.total_seconds())} {word}"
    return [(f"{glyph} {word}", style)]


def _promised_at(scene: OrderScene) -> datetime | None:
    return scene.view.facts.value.promised_at if scene.view.facts else None


def _flow(details: list[list[Part]], width: int) -> list[list[Part]]:
    """Put details on one line as long as they fit there."""
    rows: list[list[Part]] = []
    for detail in filter(None, details):
        if rows and _length(rows[-1]) + 2 + _length(detail) <= width:
            rows[-1] = [*rows[-1], ("  ", ""), *detail]
        else:
            rows.append(detail)
    return rows


def _length(parts: list[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)
