"""The courier pane: distance travelled and to go, the age of the position, and where there is room, a map."""

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

_MIN_MAP = (30, 5)
"""Width and height of the smallest map, in cells; a smaller one shows no more than the bar of the route."""

_LEGEND_HEIGHT = 7
"""Rows from which the last one of the map is a legend."""

_TEXT_ROWS = 3
"""Rows reserved for text above the map, so that its size doesn't change with the number of facts."""


def render_courier(value: OrderScene, width: int, height: int) -> Content:
    """Return the bar of the route, the facts about courier and position, and the map where it fits."""
    state, order = value.view.current, value.view.order
    if state is None:
        return lines([[("no position yet", MUTED)]], width)
    head, chips = _position(value, order, state, width)
    courier = [sanitize(state.courier.name)] if state.courier and state.courier.name else []
    if state.courier and state.courier.state and state.outcome is None:
        courier.append(spoken(state.courier.state))
    courier += [f"attempt {state.attempt}"] if state.attempt > 1 else []
    rows = [*head, *_plain(chips, width), *_plain(courier, width)]
    if width >= _MIN_MAP[0] and len(rows) > height - _MIN_MAP[1] > 0:
        # Fewer rows of text leave room for the map.
        rows = [*head, *_plain([*chips, *courier], width)]
    text_rows = max(_TEXT_ROWS, len(rows))
    if order is not None and (below := _map(value, order, state, width, height - text_rows)):
        rows = [*rows, *([[]] * (text_rows - len(rows))), *below]
    return lines(rows[:height], width)


def _map(scene: OrderScene, order: Order, state: OrderState, width: int, height: int) -> list[list[Part]]:
    """Return the map and its legend; empty if there is no room."""
    legend = _legend(order, width) if height >= _LEGEND_HEIGHT else []
    if width < _MIN_MAP[0] or height < _MIN_MAP[1]:
        return []
    route_map = _route_map(scene, order, state)
    rows = render_map(route_map, width, height - len(legend), ascii_only=not supports_unicode(terminal_encoding()))
    return [*map(list, rows), *legend] if rows else []


def _route_map(scene: OrderScene, order: Order, state: OrderState) -> RouteMap:
    if state.outcome is Outcome.DELIVERED:
        return RouteMap(order.route, 1.0)
    if state.location is None:
        return RouteMap(order.route, 0.0)
    travelled, mark = progress(order, state.location), position_mark(scene, state.location)
    position = (state.location.lat, state.location.lon)
    return RouteMap(order.route, travelled.share if travelled else 0.0, position, mark.glyph, mark.style)


def _legend(order: Order, width: int) -> list[list[Part]]:
    """Return a row with the names of origin and destination, each in half of the width."""
    names = [sanitize(place.label) if place else "" for place in (order.origin, order.destination)]
    if not all(names):
        return []
    half = (width - 3) // 2 - 2
    return [[("◆ ", MUTED), (fit(names[0], half), MUTED), ("   ", ""), ("⌂ ", ""), (fit(names[1], half), MUTED)]]


def _position(
    scene: OrderScene, order: Order | None, state: OrderState, width: int
) -> tuple[list[list[Part]], list[str]]:
    """Return the row of the route's bar, and the facts about the position."""
    location = state.location
    if location is None:
        return [[("no position yet", MUTED)]], []
    mark, travelled = position_mark(scene, location), progress(order, location) if order else None
    where = [sanitize(location.label)] if location.label else []
    if state.outcome is Outcome.DELIVERED:
        bar = [render_route(1.0, mark.glyph, ACCENT, width)] if travelled else []
        return bar, where or [*mark.words]
    if travelled is None:
        words = wrap_chips([*where, *mark.words], width - 2)
        return [[(f"{mark.glyph} ", mark.style), (chip, "")] for chip in words], []
    distance = _distance(travelled.remaining)
    # A position of doubtful age comes first: the distance is as old.
    chips = [distance, *mark.words] if len(mark.words) < 2 else [*mark.words, distance]
    return [render_route(travelled.share, mark.glyph, mark.style, width)], chips + where


def _plain(chips: list[str], width: int) -> list[list[Part]]:
    return [[(row, "")] for row in wrap_chips(chips, width)]


def _distance(metres: float) -> str:
    if metres < 950:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / 1000:.1f} km" if metres < 99_500 else f"{metres / 1000:,.0f} km"
