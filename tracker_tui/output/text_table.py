"""The present state as a table of text: aligned columns, one order a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from tracker_tui.domain.attention import Assessment
from tracker_tui.domain.lateness import Lateness, ended_at, judged_in
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.output.order_document import AssessedOrder
from tracker_tui.wording.arrival import arrival_of
from tracker_tui.wording.names import LATENESS, spoken, stage_of
from tracker_tui.wording.times import Instant, age, arrival, stamp

_GAP = "  "
"""The space between two columns."""

_CUT = "…"
"""The end of a line that is cut."""

_CUT_IN_ASCII = "~"
"""The same for an output that has no `_CUT`."""


def text_table(
    orders: Sequence[AssessedOrder],
    instant: Instant,
    *,
    width: int | None = None,
    encoding: str = "utf-8",
) -> Iterator[str]:
    """Yield a line with the titles of the columns, and a line for each order.

    Args:
        orders: The orders.
        instant: The present, and the zone of times.
        width: Cells to which lines are cut, on a terminal; None for whole lines.
        encoding: The encoding of the output.
    """
    rows = [tuple(_COLUMNS), *(tuple(cell(order, instant) for cell in _COLUMNS.values()) for order in orders)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = _GAP.join(set_cell_size(text, size) for text, size in zip(row, widths, strict=True)).rstrip()
        yield line if width is None or cell_len(line) <= width else _shortened(line, width, encoding)


def _shortened(line: str, width: int, encoding: str) -> str:
    has_sign = _CUT.encode(encoding, "replace").decode(encoding) == _CUT
    return set_cell_size(line, width - 1) + (_CUT if has_sign else _CUT_IN_ASCII)


def _order_id(order: AssessedOrder, _instant: Instant) -> str:
    return order.view.order_id


def _attention(order: AssessedOrder, _instant: Instant) -> str:
    """Return what is wrong, the worst first: ``late 12 min, attempt failed``."""
    assessment = order.assessment
    words = [
        _late(assessment),
        spoken(assessment.action) if assessment.action else "",
        LATENESS[Lateness.AT_RISK] if assessment.lateness is Lateness.AT_RISK else "",
        "stuck" if assessment.stuck else "",
    ]
    return ", ".join(filter(None, words)) or LATENESS[assessment.lateness]


def _late(assessment: Assessment) -> str:
    if assessment.late_by is None:
        return ""
    return f"{LATENESS[Lateness.LATE]} {age(assessment.late_by.total_seconds())}"


def _stage(order: AssessedOrder, _instant: Instant) -> str:
    return stage_of(order.view)


def _arrives(order: AssessedOrder, instant: Instant) -> str:
    view = order.view
    if view.outcome is not None:
        return stamp(ended_at(view), instant, seconds=False)
    # A hyphen is in every encoding.
    return arrival_of(view, instant, instant.now).replace("–", "-")


def _promised(order: AssessedOrder, instant: Instant) -> str:
    """Return the promised time, or the day at the destination if days are compared."""
    view = order.view
    promised = view.order.promised_at if view.order else None
    if promised is None:
        return ""
    if (zone := judged_in(view)) is None:
        return stamp(promised, instant, seconds=False)
    return arrival(Eta(promised, promised, Precision.DAY), instant, zone)


def _customer(order: AssessedOrder, _instant: Instant) -> str:
    return sanitize(order.view.order.customer or "") if order.view.order else ""


def _title(order: AssessedOrder, _instant: Instant) -> str:
    return sanitize(order.view.order.title) if order.view.order else ""


_COLUMNS: dict[str, Callable[[AssessedOrder, Instant], str]] = {
    "ORDER": _order_id,
    "ATTENTION": _attention,
    "STAGE": _stage,
    "ARRIVES": _arrives,
    "PROMISED": _promised,
    "CUSTOMER": _customer,
    "TITLE": _title,
}
"""The titles of the columns, each with the function that returns its cell."""
