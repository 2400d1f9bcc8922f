"""The courier pane: how far along the way, how far to go, and how old that is."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from tracker_tui.domain.lateness import Freshness, freshness
from tracker_tui.domain.order import Location, Outcome
from tracker_tui.domain.route import Progress, progress
from tracker_tui.domain.visible import visible
from tracker_tui.link.state import Phase
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

UNHEARD = ("◌", CAUTION, "seen {} ago", "newer unknown: link down")
"""The same of a position that was fresh when our own link went: that there is none newer is not the courier's doing."""

_UP = {Phase.LIVE, Phase.FINAL}


@dataclass(frozen=True, slots=True)
class Sight:
    """How a position is shown.

    Attributes:
        glyph: On the route and on the map.
        style: Of the glyph.
        words: What is said of it, in order of weight.
    """

    glyph: str
    style: str
    words: tuple[str, ...]


def sight(scene: Scene, location: Location) -> Sight:
    """Judge a position by its age; while our link is down, by the age that it had when we last knew."""
    now = scene.instant.now
    age_now = age((now - location.captured_at).total_seconds())
    if scene.view.state is not None and scene.view.state.value.outcome is not None:
        # Once it has ended nobody waits for a newer position: its age means nothing any more.
        return Sight("●", MUTED, (f"last seen {stamp(location.captured_at, scene.instant)}",))
    down = scene.connection.link.phase not in _UP and scene.as_of is not None
    worth = freshness(location, scene.as_of if down and scene.as_of is not None else now)
    if down and worth is Freshness.FRESH:
        glyph, style, *words = UNHEARD
        return Sight(glyph, style, tuple(word.format(age_now) for word in words))
    glyph, style, word = FRESHNESS[worth]
    return Sight(glyph, style, (word.format(age_now), *([UNHEARD[-1]] if down else [])))


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
        rows += _position(sight(value, state.location), state.location, way, state.outcome, width)
    who = [visible(state.courier.name)] if state.courier and state.courier.name else []
    who += [spoken(state.courier.state)] if state.courier and state.courier.state else []
    who += [f"attempt {state.attempt}"] if state.attempt > 1 else []
    rows += _plain(who, width)
    return lines(rows[:height], width)


def _position(
    seen: Sight, location: Location, way: Progress | None, outcome: Outcome | None, width: int
) -> list[list[Part]]:
    where = [visible(location.label)] if location.label else []
    if outcome is Outcome.DELIVERED:
        return [*([_route(1.0, seen.glyph, ACCENT, width)] if way else []), *_plain(where or [*seen.words], width)]
    if way is None:
        return [[(f"{seen.glyph} ", seen.style), (chip, "")] for chip in wrap_chips([*where, *seen.words], width - 2)]
    # A doubt that takes more words takes the room of the distance, which is as old.
    chips = [_distance(way.remaining), *seen.words] if len(seen.words) < 2 else [*seen.words, _distance(way.remaining)]
    chips += where
    return [_route(way.share, seen.glyph, seen.style, width), *_plain(chips, width)]


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
