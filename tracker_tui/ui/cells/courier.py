"""A courier's last position: the glyph, the style and the words for its age, and the route line it stands on."""

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
"""Per freshness of a position: its glyph on the route, style, words."""

SCANNED = ("◌", MUTED, "scanned {} ago")
"""The same of a parcel's last scan, whatever its age: it has moved since, and nobody is silent."""

DISCONNECTED = ("◌", CAUTION, "seen {} ago", "newer unknown: link down")
"""The same of a position that was fresh when our own link went: that there is none newer is not the courier's doing."""

QUIET_NOTE = "newer unknown: quiet"
"""Likewise, while the link is open and silent."""

_UP = {Phase.LIVE, Phase.FINAL}


@dataclass(frozen=True, slots=True)
class PositionMark:
    """How a position is shown.

    Attributes:
        glyph: On the route and on the map.
        style: Of the glyph.
        words: What is said of it, in order of weight.
    """

    glyph: str
    style: str
    words: tuple[str, ...]


def position_mark(scene: OrderScene, location: Location) -> PositionMark:
    """Judge a position by its age; while our link is down, by the age that it had when we last knew."""
    now = scene.instant.now
    age_now = age((now - location.captured_at).total_seconds())
    if scene.view.state is not None and scene.view.state.value.outcome is not None:
        # Once it has ended nobody waits for a newer position: its age means nothing any more.
        return PositionMark("●", MUTED, (f"last seen {stamp(location.captured_at, scene.instant)}",))
    phase = scene.connection.link.phase
    down = phase not in _UP and scene.as_of is not None
    doubt = QUIET_NOTE if phase is Phase.QUIET else DISCONNECTED[-1]
    worth = freshness(location, scene.as_of if down and scene.as_of is not None else now)
    glyph, style, *words = DISCONNECTED
    if down and worth is Freshness.FRESH:
        return PositionMark(glyph, style, (words[0].format(age_now), doubt))
    if not scene.trusted and worth is Freshness.FRESH:
        return PositionMark(glyph, style, (words[0].format(age_now),))
    if worth is not Freshness.FRESH and scene.view.state is not None and is_scan(scene.view.state.value):
        return PositionMark(SCANNED[0], SCANNED[1], (SCANNED[2].format(age_now),))
    glyph, style, word = FRESHNESS[worth]
    return PositionMark(glyph, style, (word.format(age_now), *([doubt] if down else [])))


def render_route(share: float, glyph: str, style: str, width: int) -> list[Part]:
    """Return the route line: the origin, the share travelled, the courier, the share to go, the destination."""
    legs = max(2, width - 3)
    done = round(share * legs)
    return [
        ("◆", MUTED),
        ("━" * done, ACCENT),
        (glyph, style),
        ("╌" * (legs - done), MUTED),
        ("⌂", ""),
    ]
