"""The front end of ``--once``: prints the present state of orders, in one of five formats."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, tzinfo
from functools import cache, partial
from typing import TYPE_CHECKING

from tracker_tui.cli.options import Format
from tracker_tui.cli.order_cache import known_ids
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import Target, build_credentials
from tracker_tui.link.changes import OrderChanged
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.errors import LinkError
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import Server
from tracker_tui.output.filtered import describe_matching
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.once import explain_failure, report_once
from tracker_tui.output.order_document import Layout, OrderDocument, json_array
from tracker_tui.output.snapshot_client import SnapshotClient
from tracker_tui.wording.filter import Filter
from tracker_tui.wording.summary import summary

if TYPE_CHECKING:
    from tracker_tui.output.stdout import LineWriter
    from tracker_tui.output.watch import Describe


async def run_once(
    settings: Settings, format_: Format, target: Target, out: LineWriter, print_error: Callable[[str], None]
) -> int:
    """Print the present state of the orders and return the exit code.

    Args:
        settings: The settings of the run.
        format_: Any format but the screens.
        target: The server and the orders.
        out: Takes the lines.
        print_error: Takes one line for stderr.
    """
    async with HttpOrdersApi(HttpClient(Server.parse(target.server), ca_file=settings.ca_file)) as orders_api:
        client, orders = SnapshotClient(orders_api, build_credentials(settings)), target.orders
        if settings.everything:
            try:
                orders = tuple(await client.open_orders())
            except LinkError as error:
                code, message = explain_failure(error, target.server)
                print_error(message)
                return code
        describe, conclude = _build_once_report(settings, format_, SystemClock())
        return await report_once(
            orders,
            client.snapshot,
            describe,
            out,
            print_error,
            server=target.server,
            timeout=settings.timeout,
            conclude=conclude,
            known_ids=cache(partial(known_ids, settings, SystemClock().wall())),
        )


def _build_once_report(
    settings: Settings, format_: Format, clock: Clock
) -> tuple[Describe, Callable[[], Iterable[str]]]:
    """Return the function for the lines of an order, and the one for the lines after all orders."""
    zone = UTC if settings.utc else None
    describe: Describe
    conclude: Callable[[], Iterable[str]] = tuple
    if format_ is Format.PLAIN:
        describe = partial(_summary_lines, clock, zone)
    elif format_ is Format.NDJSON:
        describe = NdjsonReport(clock, encoding=sys.stdout.encoding).lines
    else:
        document = OrderDocument(_build_layout(format_, clock, zone), clock)
        describe, conclude = document.add, document.lines
    if settings.filter:
        describe = describe_matching(describe, Filter.parse(settings.filter), clock)
    return describe, conclude


def _summary_lines(clock: Clock, zone: tzinfo | None, change: OrderChanged) -> list[str]:
    return [summary(change.view, clock.wall(), zone)]


def _build_layout(format_: Format, clock: Clock, zone: tzinfo | None) -> Layout:
    encoding = sys.stdout.encoding
    if format_ is Format.JSON:
        return partial(json_array, encoding=encoding)
    if format_ is Format.CSV:
        from tracker_tui.output.csv_table import csv_lines  # noqa: PLC0415 - only for this format

        return csv_lines
    from tracker_tui.output.text_table import text_table  # noqa: PLC0415 - loads Rich
    from tracker_tui.wording.times import Instant  # noqa: PLC0415 - as above

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return lambda orders: text_table(orders, Instant(clock.time(), clock.wall(), zone), width=width, encoding=encoding)
