"""The courier pane: how far along the way, how far to go, how old that is, and where there is room, a map."""

from __future__ import annotations

from textual.content import Content

from tracker_tui.domain.order import Order, OrderState, Outcome
from tracker_tui.domain.route import progress
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.courier import position_mark, render_route
from tracker_tui.ui.cells.map import RouteMap, render_map
from tracker_tui.ui.cells.measure import Part, fit, lines, wrap_chips
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, MUTED
from tracker_tui.ui.terminal.charset import supports_unicode, terminal_encoding
from tracker_tui.wording.names import spoken

_MAP = (30, 5)
"""Cells, wide and high: on less a map says no more than the line of the route does."""

_LEGEND_FROM = 7
"""Rows of room from which the map leaves one to say what its ends are."""

_WORDS = 3
"""Rows that are left to words even while there are fewer, lest the map grow and shrink with every word."""


def render_courier(value: OrderScene, width: int, height: int) -> Content:
    """The route line first, where there is a position; the map last, where it fits."""
    state = value.view.state.value if value.view.state else None
    if state is None:
        return lines([[("no position yet", MUTED)]], width)
    order = value.view.facts.value if value.view.facts else None
    head, chips = _position(value, order, state, width)
    who = [sanitize(state.courier.name)] if state.courier and state.courier.name else []
    if state.courier and state.courier.state and state.outcome is None:
        who.append(spoken(state.courier.state))
    who += [f"attempt {state.attempt}"] if state.attempt > 1 else []
    rows = [*head, *_plain(chips, width), *_plain(who, width)]
    if width >= _MAP[0] and len(rows) > height - _MAP[1] > 0:
        # The map is not to go when there are some words more.
        rows = [*head, *_plain([*chips, *who], width)]
    words = max(_WORDS, len(rows))
    if order is not None and (below := _map(value, order, state, width, height - words)):
        rows = [*rows, *([[]] * (words - len(rows))), *below]
    return lines(rows[:height], width)


def _map(scene: OrderScene, order: Order, state: OrderState, width: int, height: int) -> list[list[Part]]:
    """As much of a map as there is room for, which may be none."""
    legend = _ends(order, width) if height >= _LEGEND_FROM else []
    if width < _MAP[0] or height < _MAP[1]:
        return []
    chart = _chart(scene, order, state)
    drawn = render_map(chart, width, height - len(legend), ascii_only=not supports_unicode(terminal_encoding()))
    return [*map(list, drawn), *legend] if drawn else []


def _chart(scene: OrderScene, order: Order, state: OrderState) -> RouteMap:
    if state.outcome is Outcome.DELIVERED:
        return RouteMap(order.route, 1.0)
    if state.location is None:
        return RouteMap(order.route, 0.0)
    way, seen = progress(order, state.location), position_mark(scene, state.location)
    here = (state.location.lat, state.location.lon)
    return RouteMap(order.route, way.share if way else 0.0, here, seen.glyph, seen.style)


def _ends(order: Order, width: int) -> list[list[Part]]:
    """What the two ends of the map are called; half of the room for each."""
    names = [sanitize(place.label) if place else "" for place in (order.origin, order.destination)]
    if not all(names):
        return []
    half = (width - 3) // 2 - 2
    return [[("◆ ", MUTED), (fit(names[0], half), MUTED), ("   ", ""), ("⌂ ", ""), (fit(names[1], half), MUTED)]]


def _position(
    scene: OrderScene, order: Order | None, state: OrderState, width: int
) -> tuple[list[list[Part]], list[str]]:
    """The line of the route, and what there is to say of the position."""
    location = state.location
    if location is None:
        return [[("no position yet", MUTED)]], []
    seen, way = position_mark(scene, location), progress(order, location) if order else None
    where = [sanitize(location.label)] if location.label else []
    if state.outcome is Outcome.DELIVERED:
        return [render_route(1.0, seen.glyph, ACCENT, width)] if way else [], where or [*seen.words]
    if way is None:
        words = wrap_chips([*where, *seen.words], width - 2)
        return [[(f"{seen.glyph} ", seen.style), (chip, "")] for chip in words], []
    # A doubt that takes more words takes the room of the distance, which is as old.
    chips = [_distance(way.remaining), *seen.words] if len(seen.words) < 2 else [*seen.words, _distance(way.remaining)]
    return [render_route(way.share, seen.glyph, seen.style, width)], chips + where


def _plain(chips: list[str], width: int) -> list[list[Part]]:
    return [[(row, "")] for row in wrap_chips(chips, width)]


def _distance(metres: float) -> str:
    if metres < 950:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / 1000:.1f} km" if metres < 99_500 else f"{metres / 1000:,.0f} km"
