"""The front ends for pipes and logs: plain and ndjson; with ``--once``, `run_once` does the work."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo
from functools import cache, partial
from typing import Any

from tracker_tui.cli.options import UNTIL_ENDED, Format
from tracker_tui.cli.order_cache import known_ids
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import Target, open_feed, open_target
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.output.assessments import Assessments
from tracker_tui.output.error_messages import recording_incomplete
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.stdout import LineWriter
from tracker_tui.output.watch import Report, watch

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that close the connection and end the run with 128 + their number."""

PrintError = Callable[[str], None]
"""Takes one line for stderr."""


def run_stream(settings: Settings, format_: Format, print_error: PrintError) -> int:
    """Write the changes of the orders to stdout until they are finished, and return the exit code.

    Raises:
        UsageError: As of `open_target`.
        BrokenPipeError: The reader of stdout is gone.
        OutputUnwritable: Stdout can't be written.
    """
    return asyncio.run(_run_until_signal(_run(settings, format_, print_error)))


async def _run(settings: Settings, format_: Format, print_error: PrintError) -> int:
    out = LineWriter(sys.stdout.fileno(), sys.stdout.encoding)
    async with open_target(settings) as target:
        if settings.once:
            from tracker_tui.cli.run_once import run_once  # noqa: PLC0415 - loads the network libraries

            code = await run_once(settings, format_, target, out, print_error)
        else:
            code = await _run_watch(settings, format_, target, out, print_error)
        if target.recorder is not None and target.recorder.error is not None:
            print_error(recording_incomplete(settings.record, target.recorder.error))
        return code


async def _run_watch(
    settings: Settings, format_: Format, target: Target, out: LineWriter, print_error: PrintError
) -> int:
    feed = open_feed(settings, target)
    # After SIGSTOP the connection may be dead; only a check can tell.
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCONT, feed.wake)
    try:
        async with _running_hooks(settings, _build_report(settings, format_, target.clock), target.clock) as report:
            return await watch(
                feed,
                report,
                out,
                print_error,
                server=target.server,
                status=None if settings.until == UNTIL_ENDED else settings.until,
                timeout=settings.timeout,
                is_replay=target.replay is not None,
                known_ids=cache(partial(known_ids, settings, SystemClock().wall())),
            )
    finally:
        loop.remove_signal_handler(signal.SIGCONT)


@asynccontextmanager
async def _running_hooks(settings: Settings, report: Report, clock: Clock) -> AsyncIterator[Report]:
    """Yield a report that also runs the commands of ``--on``; the report itself if there are none."""
    if not settings.hooks:
        yield report
        return
    from tracker_tui.cli.hook_runner import HookRunner, ReportWithHooks  # noqa: PLC0415 - only with --on
    from tracker_tui.wording.filter import Filter  # noqa: PLC0415 - as above

    runner = HookRunner(settings.hooks, os.environ, filter=Filter.parse(settings.filter or ""))
    async with runner.running():
        yield ReportWithHooks(report, runner, clock)


def _build_report(settings: Settings, format_: Format, clock: Clock) -> Report:
    assessments = Assessments(clock)
    report = _build_unfiltered_report(format_, clock, UTC if settings.utc else None, assessments)
    if not settings.filter:
        return report
    from tracker_tui.output.filtered import FilteredReport  # noqa: PLC0415 - only with a filter
    from tracker_tui.wording.filter import Filter  # noqa: PLC0415 - as above

    return FilteredReport(report, Filter.parse(settings.filter), assessments)


def _build_unfiltered_report(format_: Format, clock: Clock, zone: tzinfo | None, assessments: Assessments) -> Report:
    if format_ is Format.NDJSON:
        return NdjsonReport(clock, assessments, sys.stdout.encoding)
    from tracker_tui.output.plain import PlainReport  # noqa: PLC0415 - loads Rich

    return PlainReport(clock, sys.stdout, zone, assessments)


async def _run_until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine; a signal cancels it and becomes the exit code."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    caught: list[int] = []

    def stop(number: int) -> None:
        # Cancel once: closing takes limited time, and a second Ctrl-C must not interrupt it.
        if not caught:
            caught.append(number)
            task.cancel()

    # nohup has SIGHUP ignored; keep it so.
    handled = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in handled:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
