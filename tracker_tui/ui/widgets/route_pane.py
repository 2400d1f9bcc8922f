"""The map of an order's route with its scale, for orders of which a map says something."""

from __future__ import annotations

from textual.content import Content

from tracker_tui.domain.order import Outcome
from tracker_tui.domain.route import count_bends, progress
from tracker_tui.ui.cells.courier import position_mark
from tracker_tui.ui.cells.map import RouteMap, is_drawable, render_map, render_scale
from tracker_tui.ui.cells.measure import lines
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.terminal.charset import supports_unicode, terminal_encoding

MIN_BENDS = 3
"""Bends from which a route without a position is worth a map; a straighter one is two signs and a line."""

_MIN_HEIGHT = 5
"""Rows from which the last one is the scale."""


def route_map_of(scene: OrderScene) -> RouteMap | None:
    """Return the content of an order's map; None if a map would say nothing, or can't be drawn."""
    state, order = scene.view.current, scene.view.order
    if state is None or order is None or (state.location is None and count_bends(order.route) < MIN_BENDS):
        return None
    if state.outcome is Outcome.DELIVERED:
        route_map = RouteMap(order.route, 1.0)
    elif state.location is None:
        route_map = RouteMap(order.route, 0.0)
    else:
        travelled, mark = progress(order, state.location), position_mark(scene, state.location)
        position = (state.location.lat, state.location.lon)
        route_map = RouteMap(order.route, travelled.share if travelled else 0.0, position, mark.glyph, mark.style)
    return route_map if is_drawable(route_map) else None


def render_route_map(value: OrderScene, width: int, height: int) -> Content:
    """Return the map, and below it the scale where there is room."""
    route_map = route_map_of(value)
    if route_map is None:
        return Content("")
    map_height = height - 1 if height >= _MIN_HEIGHT else height
    ascii_only = not supports_unicode(terminal_encoding())
    rows = [list(row) for row in render_map(route_map, width, map_height, ascii_only=ascii_only)]
    if map_height < height:
        rows.append(render_scale(route_map, width, map_height))
    return lines(rows, width)
