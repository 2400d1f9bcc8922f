"""The front ends for pipes and logs: plain and ndjson, and the present state by --once."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from tracker_tui.cli.options import UNTIL_ENDED, Format
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import Target, build_credentials, open_feed, open_target
from tracker_tui.link.changes import OrderChanged
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.errors import LinkError
from tracker_tui.output.error_messages import recording_incomplete
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.stdout import LineWriter
from tracker_tui.output.watch import Report, watch

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a run with 128 + its number, after the connection was closed (DESIGN §3)."""

Complain = Callable[[str], None]
"""Takes one line for people."""


def run_stream(settings: Settings, format_: Format, complain: Complain) -> int:
    """Write what happens to the orders on stdout until there is nothing left to wait for; back with the exit code.

    Raises:
        UsageError: There is no such scenario.
        BrokenPipeError: Nobody reads the output any more.
    """
    return asyncio.run(_unless_signalled(_report(settings, format_, complain)))


async def _report(settings: Settings, format_: Format, complain: Complain) -> int:
    out = LineWriter(sys.stdout.fileno(), sys.stdout.encoding)
    async with open_target(settings) as place:
        front = _once if settings.once else _watch
        code = await front(settings, format_, place, out, complain)
        if place.recorder is not None and place.recorder.torn is not None:
            complain(recording_incomplete(settings.record, place.recorder.torn))
        return code


async def _watch(settings: Settings, format_: Format, place: Target, out: LineWriter, complain: Complain) -> int:
    feed = open_feed(settings, place)
    # Whoever was stopped may find the connection dead; whether it is shows only when it is looked at.
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCONT, feed.wake)
    try:
        return await watch(
            feed,
            _report_in(settings, format_, place.clock),
            out,
            complain,
            server=place.server,
            status=None if settings.until == UNTIL_ENDED else settings.until,
            timeout=settings.timeout,
            patient=place.replay is not None,
        )
    finally:
        loop.remove_signal_handler(signal.SIGCONT)


async def _once(settings: Settings, format_: Format, place: Target, out: LineWriter, complain: Complain) -> int:
    from tracker_tui.link.http.client import Network  # noqa: PLC0415 - brings the network libraries
    from tracker_tui.link.http.orders_api import OrderResource  # noqa: PLC0415 - brings the network libraries
    from tracker_tui.link.http.server import Server  # noqa: PLC0415
    from tracker_tui.output.once import explain_failure, report_once  # noqa: PLC0415
    from tracker_tui.output.snapshot_client import SnapshotClient  # noqa: PLC0415

    async with OrderResource(Network(Server.parse(place.server), ca_file=settings.ca_file)) as resource:
        visitor, orders = SnapshotClient(resource, build_credentials(settings)), place.orders
        if settings.everything:
            try:
                orders = tuple(await visitor.open_orders())
            except LinkError as error:
                code, complaint = explain_failure(error, place.server)
                complain(complaint)
                return code
        return await report_once(
            orders,
            visitor,
            _description_in(settings, format_, SystemClock()),
            out,
            complain,
            server=place.server,
            timeout=settings.timeout,
        )


def _report_in(settings: Settings, format_: Format, clock: Clock) -> Report:
    run_stream = _full_report(format_, clock)
    if not settings.filter:
        return run_stream
    from tracker_tui.output.filtered import FilteredReport  # noqa: PLC0415 - only where something is filtered
    from tracker_tui.wording.filter import Filter  # noqa: PLC0415 - as above

    return FilteredReport(run_stream, Filter.parse(settings.filter), clock)


def _full_report(format_: Format, clock: Clock) -> Report:
    if format_ is Format.NDJSON:
        return NdjsonReport(clock)
    from tracker_tui.output.plain import PlainReport  # noqa: PLC0415 - brings Rich

    return PlainReport(clock, sys.stdout)


def _description_in(settings: Settings, format_: Format, clock: Clock) -> Callable[[OrderChanged], Iterable[str]]:
    from tracker_tui.wording.summary import summary  # noqa: PLC0415 - only for the present state

    def describe(change: OrderChanged) -> Iterable[str]:
        return [summary(change.view, clock.wall())]

    description = describe if format_ is Format.PLAIN else NdjsonReport(clock).lines
    if not settings.filter:
        return description
    from tracker_tui.output.filtered import describe_matching  # noqa: PLC0415 - only where something is filtered
    from tracker_tui.wording.filter import Filter  # noqa: PLC0415 - as above

    return describe_matching(description, Filter.parse(settings.filter), clock)


async def _unless_signalled(work: Coroutine[Any, Any, int]) -> int:
    """Do `work`; a signal cancels it and becomes its exit code."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    caught: list[int] = []

    def stop(number: int) -> None:
        # Once: what closes is bounded, and a second Ctrl-C must not leave the connection half closed.
        if not caught:
            caught.append(number)
            task.cancel()

    # Who starts us under nohup wants SIGHUP ignored.
    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heeded:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)
