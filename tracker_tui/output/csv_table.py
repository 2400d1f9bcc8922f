"""The present state as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.output.order_document import AssessedOrder
from tracker_tui.output.order_object import order_object

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters with which a spreadsheet takes a text for a formula."""


def _of(*names: str) -> Callable[[dict[str, Any]], Any]:
    """Return a function that reads a value from nested objects; None if one of them is null or lacks it."""

    def value(found: Any) -> Any:
        for name in names:
            found = found.get(name) if found is not None else None
        return found

    return value


COLUMNS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "orderId": _of("orderId"),
    "title": _of("title"),
    "customer": _of("customer"),
    "status": _of("state", "status"),
    "stageLabel": _of("stageLabel"),
    "outcome": _of("state", "outcome"),
    "promisedAt": _of("promisedAt"),
    "etaEarliest": _of("state", "eta", "earliest"),
    "etaLatest": _of("state", "eta", "latest"),
    "etaPrecision": _of("state", "eta", "precision"),
    "lateness": _of("lateness"),
    "lateBySeconds": _of("lateBySeconds"),
    "stuck": _of("stuck"),
    "needsAction": _of("needsAction"),
    "flags": _of("state", "flags"),
    "attempt": _of("state", "attempt"),
    "courier": _of("state", "courier", "name"),
    "place": _of("state", "location", "label"),
    "updatedAt": _of("state", "updatedAt"),
    "complete": _of("complete"),
    "epoch": _of("epoch"),
    "seq": _of("seq"),
    "url": _of("url"),
}
"""The columns, each with the function that reads its value from an order's object."""


def csv_lines(orders: Sequence[AssessedOrder]) -> Iterator[str]:
    """Yield a row with the names of the columns, and a row for each order.

    Each row ends with a carriage return; the writer of lines adds the line feed.
    """
    yield _row(COLUMNS)
    for order in orders:
        fields = order_object(order.view, order.assessment)
        yield _row([csv_cell(value(fields)) for value in COLUMNS.values()])


def csv_cell(value: object) -> str:
    """Return a value as the text of a cell, without quotes.

    Null is empty, and a list has spaces between its items. Text is sanitized, because CSV has no escapes. If a
    spreadsheet would take a text for a formula, an apostrophe precedes it.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple():
            return csv_cell(" ".join(map(str, value)))
        case _:
            text = str(value)
            shown = sanitize(text)
            return f"'{shown}" if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def _row(cells: Sequence[str] | dict[str, Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r").writerow(cells)
    return buffer.getvalue()
