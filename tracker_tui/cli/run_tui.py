"""The front end for terminals: runs the app, and prints a summary afterwards."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tracker_tui.cli.cache_sync import CacheSync
from tracker_tui.cli.options import TOUR, UNTIL_ENDED
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import Target, open_feed, open_target, sign_in_hint
from tracker_tui.output.awaited_status import check_status
from tracker_tui.output.error_messages import (
    connection_failure,
    misspelt_status,
    recording_incomplete,
    timeout_exceeded,
    undecided_commands,
)
from tracker_tui.output.exit_codes import ExitCode, all_finished, exit_code_of_link, exit_code_of_orders, most_severe
from tracker_tui.storage.command_journal import CommandJournal
from tracker_tui.storage.files import state_directory
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.model.scene import Replay
from tracker_tui.ui.model.server_label import NO_LABEL, ServerLabel
from tracker_tui.wording.summary import summary

if TYPE_CHECKING:
    from datetime import datetime

    from tracker_tui.cli.hook_runner import HookRunner
    from tracker_tui.link.clock import Clock
    from tracker_tui.link.feed import OrderFeed
    from tracker_tui.link.recording.player import ReplayFeed

EXIT_DELAY = 2.0
"""Seconds for which the last screen stays visible when ``--until`` is met."""

POLL_INTERVAL = 0.25
"""Seconds between two checks of ``--until``."""

MAX_SUMMARIES = 5
"""Greatest number of orders for which summaries are printed after the screen."""


@dataclass(frozen=True, slots=True)
class _ExitReason:
    """Why the screen was closed before the user quit, if that is an error."""

    code: ExitCode
    message: str


def run_tui(settings: Settings, print_error: Callable[[str], None]) -> int:
    """Show the orders on the terminal until the user quits, and return the exit code.

    Args:
        settings: The settings of the run.
        print_error: Takes one line for stderr.

    Raises:
        UsageError: As of `open_target`.
    """
    return asyncio.run(_run(settings, print_error))


async def _run(settings: Settings, print_error: Callable[[str], None]) -> int:
    if settings.names_nothing:
        from tracker_tui.cli.start import choose_settings  # noqa: PLC0415 - most runs name something to watch

        chosen = await choose_settings(settings)
        if isinstance(chosen, int):
            return chosen
        settings = chosen
    async with open_target(settings) as target:
        cache_sync = CacheSync(settings)
        hooks = _build_hooks(settings, target.clock, lambda: app)
        app = TrackerApp(
            target.orders,
            lambda: _load_and_open_feed(settings, target, app, cache_sync),
            demo=target.demo,
            everything=settings.everything,
            filter_text=settings.filter or "",
            views=settings.views,
            columns=settings.columns or (),
            server=target.server,
            server_label=_label_of(settings, target),
            sign_in_hint=sign_in_hint(settings),
            theme=settings.theme,
            keys=settings.keys,
            tour=settings.demo == TOUR,
            replay=Replay(settings.speed) if target.replay is not None else None,
            quiet=settings.quiet,
            names_courier=settings.say_courier,
            observer=hooks,
            load_cached=lambda order_ids: cache_sync.load_added(app, order_ids),
            clock=target.clock,
            zone=UTC if settings.utc else None,
        )
        journal = _open_journal(settings, target, app)
        exit_timer = asyncio.create_task(_exit_when_finished(app, settings), name="exit-when-finished")
        try:
            async with (
                _background(cache_sync.run(app), "cache-sync"),
                _background(journal.run(lambda: app.feed), "command-journal"),
                hooks.running() if hooks is not None else nullcontext(),
            ):
                code = await app.run_async()
        finally:
            closed_at = target.clock.wall()
            exit_timer.cancel()
            with suppress(asyncio.CancelledError):
                await exit_timer
            await cache_sync.finish(app)
            journal.finish(app.feed)
    if target.replay is None and app.feed is not None:
        for line in undecided_commands(app.feed):
            print_error(line)
    if app.failure is not None or app.return_code:
        print_error(f"crashed: {app.failure or 'the screen failed'}; --log-file FILE keeps the details")
        return ExitCode.CRASH
    if code is not None:
        return code
    if target.recorder is not None and target.recorder.error is not None:
        print_error(recording_incomplete(settings.record, target.recorder.error))
    reason = exit_timer.result() if exit_timer.done() and not exit_timer.cancelled() else None
    if reason is not None and reason.code is ExitCode.USAGE:
        print_error(reason.message)
        return reason.code
    return _finish(app, settings, target, closed_at, print_error, reason=reason)


def _finish(
    app: TrackerApp,
    settings: Settings,
    target: Target,
    closed_at: datetime,
    print_error: Callable[[str], None],
    *,
    reason: _ExitReason | None,
) -> ExitCode:
    """Print summaries and the reason of a failure, and return the exit code."""
    views = list(app.feed.views.values()) if app.feed else []
    for view in views if len(views) <= MAX_SUMMARIES else ():
        sys.stdout.write(f"{summary(view, closed_at, as_of=app.as_of(view.order_id))}\n")
    refused = app.feed.refused if app.feed else ()
    # With --all, the outcome of single orders doesn't count.
    orders = ExitCode.DONE if settings.everything else exit_code_of_orders(views, refused, _awaited_status(settings))
    failure = connection_failure(app.link, target.server) if orders is not ExitCode.UNKNOWN_ORDER else None
    if failure is not None:
        print_error(failure)
    elif reason is not None:
        print_error(reason.message)
    return most_severe([orders, exit_code_of_link(app.link), *([reason.code] if reason is not None else [])])


@asynccontextmanager
async def _background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run a task until the context exits."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _label_of(settings: Settings, target: Target) -> ServerLabel:
    """Return the user's label for the server; the demo's server is called that."""
    if target.demo is not None:
        return ServerLabel("demo")
    return settings.servers.get(target.server, NO_LABEL)


def _build_hooks(settings: Settings, clock: Clock, app: Callable[[], TrackerApp]) -> HookRunner | None:
    """Return the runner of the commands of ``--on``; None if there are none."""
    if not settings.hooks:
        return None
    from tracker_tui.cli.hook_runner import CLOSE_TIMEOUT, HookRunner  # noqa: PLC0415 - only with --on
    from tracker_tui.wording.filter import Filter  # noqa: PLC0415 - as above

    return HookRunner(
        settings.hooks,
        os.environ,
        filter=Filter.parse(settings.filter or ""),
        report_failure=lambda text, order_id: app().log_command(clock.wall(), text, order_id),
        close_timeout=CLOSE_TIMEOUT,
    )


def _open_journal(settings: Settings, target: Target, app: TrackerApp) -> CommandJournal:
    """Return the journal of commands; it keeps nothing for ``--no-cache``, a demo and a replay."""
    is_temporary = settings.no_cache or target.demo is not None or target.replay is not None
    return CommandJournal(
        None if is_temporary else state_directory() / "asked", target.server, app.log_command, app.now
    )


async def _load_and_open_feed(
    settings: Settings, target: Target, app: TrackerApp, cache_sync: CacheSync
) -> OrderFeed | ReplayFeed:
    await cache_sync.load(app, target.orders)
    # Loading the network libraries takes a while: do it in a thread, so that the screen is painted meanwhile.
    await asyncio.to_thread(import_module, "tracker_tui.link.track")
    return open_feed(settings, target, stays_open=True)


async def _exit_when_finished(app: TrackerApp, settings: Settings) -> _ExitReason | None:
    """Close the screen when ``--until`` is met, or for a reason that is an error; return that reason."""
    try:
        async with asyncio.timeout(settings.timeout):
            reason = await _until_finished(app, settings)
    except TimeoutError:
        reason = _ExitReason(ExitCode.UNREACHABLE, timeout_exceeded(settings.timeout or 0.0))
    if reason is None:
        await asyncio.sleep(EXIT_DELAY)
    app.exit()
    return reason


async def _until_finished(app: TrackerApp, settings: Settings) -> _ExitReason | None:
    """Wait until ``--until`` is met, and return None; or until it is found to be misspelt."""
    if settings.until is None:
        await asyncio.Event().wait()
    status, check = _awaited_status(settings), None
    # Only the app may iterate over the feed, so poll it here.
    # An order that the user removes is not waited for, but removing all of them fulfils nothing.
    while app.feed is None or not app.feed.views or not all_finished(app.feed.views.values(), app.feed.refused, status):
        if status is not None and check is None and app.feed is not None:
            check = check_status(app.feed.views.values(), app.feed.refused, status)
            if check is not None and check.nearest is not None:
                return _ExitReason(ExitCode.USAGE, misspelt_status(status, check.nearest))
        await asyncio.sleep(POLL_INTERVAL)
    return None


def _awaited_status(settings: Settings) -> str | None:
    return None if settings.until == UNTIL_ENDED else settings.until
