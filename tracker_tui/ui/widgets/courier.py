"""The courier pane: how far along the way, how far to go, and how old that is."""

from __future__ import annotations

from textual.content import Content

from tracker_tui.domain.lateness import Freshness, freshness
from tracker_tui.domain.order import Location, Outcome
from tracker_tui.domain.route import Progress, progress
from tracker_tui.domain.visible import visible
from tracker_tui.ui.cells import Part, lines, wrap_chips
from tracker_tui.ui.scene import Scene
from tracker_tui.ui.words import ACCENT, BAD, CAUTION, MUTED
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import age, stamp

FRESHNESS = {
    Freshness.FRESH: ("●", ACCENT, "seen {} ago"),
    Freshness.STALE: ("◌", CAUTION, "stale: seen {} ago"),
    Freshness.LOST: ("?", BAD, "lost: seen {} ago"),
}
"""Per freshness of a position: its glyph on the route, style, words."""


def draw(value: Scene, width: int, height: int) -> Content:
    """The route line first, where there is a position."""
    state = value.view.state.value if value.view.state else None
    if state is None:
        return lines([[("no position yet", MUTED)]], width)
    order = value.view.facts.value if value.view.facts else None
    rows: list[list[Part]] = []
    if state.location is None:
        rows.append([("no position yet", MUTED)])
    else:
        way = progress(order, state.location) if order else None
        rows += _position(value, state.location, way, state.outcome, width)
    who = [visible(state.courier.name)] if state.courier and state.courier.name else []
    who += [spoken(state.courier.state)] if state.courier and state.courier.state else []
    who += [f"attempt {state.attempt}"] if state.attempt > 1 else []
    rows += _plain(who, width)
    return lines(rows[:height], width)


def _position(
    scene: Scene, location: Location, way: Progress | None, outcome: Outcome | None, width: int
) -> list[list[Part]]:
    glyph, style, words = FRESHNESS[freshness(location, scene.instant.now)]
    seen = words.format(age((scene.instant.now - location.captured_at).total_seconds()))
    if outcome is not None:
        # Once it has ended nobody waits for a newer position: its age means nothing any more.
        glyph, style, seen = "●", MUTED, f"last seen {stamp(location.captured_at, scene.instant)}"
    where = [visible(location.label)] if location.label else []
    if outcome is Outcome.DELIVERED:
        return [*([_route(1.0, glyph, ACCENT, width)] if way else []), *_plain(where or [seen], width)]
    if way is None:
        return [[(f"{glyph} ", style), (chip, "")] for chip in wrap_chips([*where, seen], width - 2)]
    return [_route(way.share, glyph, style, width), *_plain([_distance(way.remaining), seen, *where], width)]


def _plain(chips: list[str], width: int) -> list[list[Part]]:
    return [[(row, "")] for row in wrap_chips(chips, width)]


def _route(share: float, glyph: str, style: str, width: int) -> list[Part]:
    legs = max(2, width - 3)
    done = round(share * legs)
    return [
        ("◆", MUTED),
        ("━" * done, ACCENT),
        (glyph, style),
        ("╌" * (legs - done), MUTED),
        ("⌂", ""),
    ]


def _distance(metres: float) -> str:
    if metres < 950:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / 1000:.1f} km" if metres < 99_500 else f"{metres / 1000:,.0f} km"
