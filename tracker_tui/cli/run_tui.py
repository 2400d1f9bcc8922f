"""The front end for terminals: runs the app, and says how the orders stand once the screen is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from tracker_tui.cli.cache_sync import CacheSync
from tracker_tui.cli.options import TOUR, UNTIL_ENDED
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import Target, open_feed, open_target, sign_in_hint
from tracker_tui.output.error_messages import (
    connection_failure,
    recording_incomplete,
    timeout_exceeded,
    undecided_commands,
)
from tracker_tui.output.exit_codes import ExitCode, all_finished, exit_code_of_link, exit_code_of_orders, most_severe
from tracker_tui.storage.command_journal import CommandJournal
from tracker_tui.storage.files import state_directory
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.model.scene import Replay
from tracker_tui.wording.summary import summary

if TYPE_CHECKING:
    from tracker_tui.link.feed import OrderFeed
    from tracker_tui.link.recording.player import ReplayFeed

LINGER = 2.0
"""Seconds for which the last picture stays, so that it is seen, when --until closes the screen."""

LOOK = 0.25
"""Seconds between two looks at whether --until is met."""

MOST_SUMMARIES = 5
"""Most orders that are summed up when the screen is gone."""


def run_tui(settings: Settings, complain: Callable[[str], None]) -> int:
    """Show the orders on the terminal until the user leaves; back with the exit code.

    Raises:
        UsageError: There is no such scenario.
    """
    return asyncio.run(_show(settings, complain))


async def _show(settings: Settings, complain: Callable[[str], None]) -> int:
    status = None if settings.until == UNTIL_ENDED else settings.until
    async with open_target(settings) as place:
        keeping = CacheSync(settings)
        app = TrackerApp(
            place.orders,
            lambda: _open(settings, place, app, keeping),
            demo=place.demo,
            everything=settings.everything,
            filter_text=settings.filter or "",
            server=place.server,
            renewal=sign_in_hint(settings),
            theme=settings.theme,
            keys=settings.keys,
            tour=settings.demo == TOUR,
            replay=Replay(settings.speed) if place.replay is not None else None,
            quiet=settings.quiet,
            clock=place.clock,
        )
        leaving = asyncio.create_task(_leave(app, settings, status), name="leave")
        keeper = asyncio.create_task(keeping.run(app), name="keep")
        unfinished = _unfinished(settings, place, app)
        asker = asyncio.create_task(unfinished.run(lambda: app.feed), name="unfinished")
        try:
            code = await app.run_async()
        finally:
            seen_at = place.clock.wall()
            for task in (leaving, keeper, asker):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await keeping.finish(app)
            unfinished.finish(app.feed)
    if place.replay is None and app.feed is not None:
        for undecided in undecided_commands(app.feed):
            complain(undecided)
    if app.failure is not None or app.return_code:
        complain(f"crashed: {app.failure or 'the screen failed'}; --log-file FILE keeps the details")
        return ExitCode.CRASH
    if code is not None:
        return code
    if place.recorder is not None and place.recorder.torn is not None:
        complain(recording_incomplete(settings.record, place.recorder.torn))
    feed = app.feed
    views = list(feed.views.values()) if feed else []
    for view in views if len(views) <= MOST_SUMMARIES else ():
        sys.stdout.write(f"{summary(view, seen_at, as_of=app.as_of(view.order_id))}\n")
    timed_out = leaving.done() and not leaving.cancelled() and leaving.result()
    # Who watches everything watches no one order to its end.
    orders = ExitCode.DONE if settings.everything else exit_code_of_orders(views, feed.refused if feed else (), status)
    line = connection_failure(app.link, place.server) if orders is not ExitCode.UNKNOWN_ORDER else None
    if line is not None:
        complain(line)
    elif timed_out and settings.timeout is not None:
        complain(timeout_exceeded(settings.timeout))
    return most_severe([orders, exit_code_of_link(app.link), *([ExitCode.UNREACHABLE] if timed_out else [])])


def _unfinished(settings: Settings, place: Target, app: TrackerApp) -> CommandJournal:
    """What remembers what was asked; nothing does where nothing is to be kept, or nobody outlives the program."""
    forgetful = settings.no_cache or place.demo is not None or place.replay is not None
    return CommandJournal(None if forgetful else state_directory(os.environ) / "asked", place.server, app.note, app.now)


async def _open(settings: Settings, place: Target, app: TrackerApp, keeping: CacheSync) -> OrderFeed | ReplayFeed:
    await keeping.load(app, place.orders)
    # Loading the network libraries takes a while; the screen is painted meanwhile.
    await asyncio.to_thread(import_module, "tracker_tui.link.track")
    return open_feed(settings, place)


async def _leave(app: TrackerApp, settings: Settings, status: str | None) -> bool:
    """Close the screen when --until is met or --timeout is over; True if it is the latter."""
    try:
        async with asyncio.timeout(settings.timeout):
            if settings.until is None:
                await asyncio.Event().wait()
            # The feed is the app's to read, so it is looked at rather than listened to.
            while app.feed is None or not all_finished(app.feed.views.values(), app.feed.refused, status):  # noqa: ASYNC110
                await asyncio.sleep(LOOK)
    except TimeoutError:
        app.exit()
        return True
    await asyncio.sleep(LINGER)
    app.exit()
    return False
