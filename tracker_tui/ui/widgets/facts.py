"""The facts of an order: its courier and position, where it comes from, its attempts, its flags and its page."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from tracker_tui.domain.order import Order, OrderState, Outcome
from tracker_tui.domain.order_url import order_url
from tracker_tui.domain.route import progress
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.courier import position_mark, render_route
from tracker_tui.ui.cells.measure import Part, hanging_lines, line, pad, wrap_chips
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, CAUTION, MUTED
from tracker_tui.wording.names import spoken
from tracker_tui.wording.times import stamp

_LABEL_WIDTH = 9

_MAX_LINES = 4
"""Lines of one fact."""


def render_facts(value: OrderScene, width: int, height: int, *, names_order: bool = False) -> Content:
    """Return as many facts as fit, the most important first.

    Args:
        value: The order.
        width: Cells.
        height: Lines.
        names_order: Whether items, customer and destination are among them, because no header shows them.
    """
    order, state = value.view.order, value.view.current
    rows: list[Content] = []
    if order is not None and names_order:
        rows += _named(order, width)
    if state is not None:
        rows += _courier(value, order, state, width)
        attempt = f"{state.attempt}" if state.attempt > 1 else ""
        rows += _fact("Attempt", attempt, width)
        rows += _fact("Flags", ", ".join(map(spoken, state.flags)), width, CAUTION)
    if order is not None:
        rows += _fact("From", sanitize(order.origin.label) if order.origin else "", width)
        rows += _fact("Placed", stamp(order.placed_at, value.instant, seconds=False), width)
    rows += _fact("Page", order_url(value.view) or "", width)
    return Content("\n").join(rows[:height])


def _named(order: Order, width: int) -> Iterator[Content]:
    yield from _fact("Items", sanitize(order.title), width)
    yield from _fact("Customer", sanitize(order.customer or ""), width)
    yield from _fact("To", sanitize(order.destination.label) if order.destination else "", width)


def _courier(scene: OrderScene, order: Order | None, state: OrderState, width: int) -> Iterator[Content]:
    """Yield the courier with the distance to go, the bar of the route, and the age of the position below.

    Only the last of them changes with the time, so that the others stay where they are.
    """
    location, room = state.location, width - _LABEL_WIDTH
    is_open = state.outcome is None
    chips = [sanitize(state.courier.name)] if state.courier and state.courier.name else []
    chips += [spoken(state.courier.state)] if state.courier and state.courier.state and is_open else []
    travelled = progress(order, location) if order is not None and location is not None else None
    if travelled is not None and is_open:
        chips.append(_distance(travelled.remaining))
    yield from _fact("Courier" if state.courier else "To go", "\n".join(wrap_chips(chips, room)), width)
    if location is None:
        if is_open:
            yield from _fact("Position", "not known yet", width, MUTED)
        return
    mark = position_mark(scene, location)
    if travelled is not None:
        is_delivered = state.outcome is Outcome.DELIVERED
        share, style = (1.0, ACCENT) if is_delivered else (travelled.share, mark.style)
        yield line(render_route(share, mark.glyph, style, width), width)
    where = [sanitize(location.label)] if location.label else []
    if state.outcome is Outcome.DELIVERED and where:
        yield from _fact("Position", where[0], width)
        return
    sign = [f"{mark.glyph} {where[0]}"] if where and travelled is None else where
    yield from _fact("Position", "\n".join(wrap_chips([*sign, *mark.words], room)), width)


def _fact(label: str, text: str, width: int, style: str = "") -> Iterator[Content]:
    """Yield the lines of a fact, which has a line break where it was wrapped before; none for an empty text."""
    before: Part = (pad(label, _LABEL_WIDTH), MUTED)
    rows: list[Content] = []
    for part in filter(None, text.split("\n")):
        rows += hanging_lines([before], part, style, width)
        before = (" " * _LABEL_WIDTH, "")
    if len(rows) > _MAX_LINES:
        rows[_MAX_LINES - 1] = line([(f"{rows[_MAX_LINES - 1].plain} …", style)], width)
    yield from rows[:_MAX_LINES]


def _distance(metres: float) -> str:
    if metres < 950:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / 1000:.1f} km" if metres < 99_500 else f"{metres / 1000:,.0f} km"
