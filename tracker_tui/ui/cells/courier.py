"""A courier's last position: glyph, style and words for its age, and the bar of the route."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.lateness import Freshness, freshness, is_scan
from tracker_tui.domain.order import Location
from tracker_tui.link.changes import Phase
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, MUTED
from tracker_tui.wording.times import age, stamp

FRESHNESS = {
    Freshness.FRESH: ("●", ACCENT, "seen {} ago"),
    Freshness.STALE: ("◌", CAUTION, "stale: seen {} ago"),
    Freshness.LOST: ("?", BAD, "lost: seen {} ago"),
}
"""Per freshness of a position: glyph on the route, style, words."""

SCANNED = ("◌", MUTED, "scanned {} ago")
"""The same for a parcel's last scan, at any age: between scans an old position is normal."""

DISCONNECTED = ("◌", CAUTION, "seen {} ago", "no new position: disconnected")
"""The same for a position that was fresh when our own connection was lost, with the reason for its age."""

QUIET_NOTE = "no new position: server quiet"
"""The reason while the connection is open and silent."""

_UP = {Phase.LIVE, Phase.FINAL}


@dataclass(frozen=True, slots=True)
class PositionMark:
    """The display of a position.

    Attributes:
        glyph: The courier on the route and on the map.
        style: Style of the glyph.
        words: Facts about the position, the most important first.
    """

    glyph: str
    style: str
    words: tuple[str, ...]


def position_mark(scene: OrderScene, location: Location) -> PositionMark:
    """Return the display for a position by its age; while disconnected, by its age at the disconnection."""
    now, state = scene.instant.now, scene.view.current
    age_now = age((now - location.captured_at).total_seconds())
    if state is not None and state.outcome is not None:
        # After the end no newer position is expected.
        return PositionMark("●", MUTED, (f"last seen {stamp(location.captured_at, scene.instant)}",))
    phase = scene.connection.link.phase
    is_down = phase not in _UP and scene.as_of is not None
    reason = QUIET_NOTE if phase is Phase.QUIET else DISCONNECTED[-1]
    age_class = freshness(location, scene.as_of if is_down and scene.as_of is not None else now)
    glyph, style, *words = DISCONNECTED
    if is_down and age_class is Freshness.FRESH:
        return PositionMark(glyph, style, (words[0].format(age_now), reason))
    if not scene.trusted and age_class is Freshness.FRESH:
        return PositionMark(glyph, style, (words[0].format(age_now),))
    if age_class is not Freshness.FRESH and state is not None and is_scan(state):
        return PositionMark(SCANNED[0], SCANNED[1], (SCANNED[2].format(age_now),))
    glyph, style, word = FRESHNESS[age_class]
    return PositionMark(glyph, style, (word.format(age_now), *([reason] if is_down else [])))


def render_route(share: float, glyph: str, style: str, width: int) -> list[Part]:
    """Return the bar of the route: origin, share travelled, courier, share to go, destination."""
    legs = max(2, width - 3)
    done = round(share * legs)
    return [
        ("◆", MUTED),
        ("━" * done, ACCENT),
        (glyph, style),
        ("╌" * (legs - done), MUTED),
        ("⌂", ""),
    ]
