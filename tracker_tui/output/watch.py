"""Writes a report of a feed's changes until its orders are finished."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, Phase
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.output.awaited_status import check_status
from tracker_tui.output.error_messages import (
    connection_failure,
    misspelt_status,
    order_refused,
    served_ids,
    server_unreachable,
    timeout_exceeded,
    unknown_status,
)
from tracker_tui.output.exit_codes import (
    ExitCode,
    all_finished,
    exit_code_of_link,
    exit_code_of_orders,
    most_severe,
)
from tracker_tui.output.stdout import LineWriter

if TYPE_CHECKING:
    pass

HELLO_TIMEOUT = 10.0
"""Seconds from the start to the first hello or answer of the server."""

FALLBACK_TIMEOUT = 60.0
"""Seconds from the start to the first hello of a server that answered a request: fallback needs two tries."""

TICK_INTERVAL = 1.0
"""Seconds between two checks for changes by time alone."""

Describe = Callable[[OrderChanged], Iterable[str]]
"""Turns an order's present state into lines."""


class Report(Protocol):
    """Turns changes into lines."""

    def lines(self, change: Change) -> Iterable[str]:
        """Return the lines of a change."""

    def tick(self) -> Iterable[str]:
        """Return the lines of changes by time alone."""

    def forget(self, order_id: str) -> None:
        """Report nothing more about an order until its next change."""


async def watch(
    feed: Feed,
    report: Report,
    out: LineWriter,
    print_error: Callable[[str], None],
    *,
    server: str,
    status: str | None = None,
    timeout: float | None = None,
    hello_timeout: float = HELLO_TIMEOUT,
    fallback_timeout: float = FALLBACK_TIMEOUT,
    is_replay: bool = False,
    known_ids: Callable[[], Iterable[str]] = tuple,
) -> ExitCode:
    """Report the changes of a feed, close it at the end, and return the exit code.

    Args:
        feed: A feed that is not started yet.
        report: Turns the changes into lines.
        out: Takes the lines.
        print_error: Takes one line for stderr.
        server: The server's URL, for messages.
        status: Stop as soon as every order has or had this status; None to stop when all have ended.
        timeout: Seconds after which to give up; None to wait without limit.
        hello_timeout: Seconds to wait for a hello or any answer of the server.
        fallback_timeout: Seconds to wait for a hello of a server that has answered.
        known_ids: Returns ids, besides the watched ones, that the user may have meant by an unknown one.
        is_replay: Whether the feed is a recording, which ends by itself: only `timeout` limits it.

    Raises:
        BrokenPipeError: The reader of the report is gone.
        OutputUnwritable: The report can't be written.
    """
    start = asyncio.get_running_loop().time()
    deadline = math.inf if timeout is None else start + timeout
    if is_replay:
        hello_timeout = fallback_timeout = math.inf
    limit = asyncio.timeout_at(min(start + hello_timeout, deadline))
    answered = greeted = timed_out = False
    progress = _Progress(feed, print_error, server, status, known_ids)
    link: LinkState | None = None
    try:
        async with feed, limit, _ticking(report, out):
            async for change in feed:
                await out.write(report.lines(change))
                if isinstance(change, OrderChanged) and not (answered or greeted):
                    # A snapshot arrived before any hello: there is a server, so allow time for fallback.
                    answered = True
                    limit.reschedule(min(start + fallback_timeout, deadline))
                if progress.is_status_misspelt():
                    return ExitCode.USAGE
                match change:
                    case LinkChanged():
                        link = change.link
                        # Live without a stream: there is no order to watch, and the gateway's list says so.
                        if (link.connected_at is not None or link.phase is Phase.LIVE) and not greeted:
                            greeted = True
                            limit.reschedule(deadline if timeout is not None else None)
                        if link.phase is Phase.SIGNED_OUT and not is_replay:
                            break
                    case OrderChanged() if progress.is_finished_after(change):
                        break
    except TimeoutError:
        timed_out = True
    if not timed_out:
        return _finish(feed, link, status, server, print_error)
    if greeted and timeout is not None:
        print_error(timeout_exceeded(timeout))
    else:
        print_error(server_unreachable(server, link.reason if link else None))
    return most_severe([exit_code_of_orders(feed.views.values(), feed.refused, status), ExitCode.UNREACHABLE])


class _Progress:
    """The orders that are not finished yet; prints a message for each refused order."""

    def __init__(
        self,
        feed: Feed,
        print_error: Callable[[str], None],
        server: str,
        status: str | None,
        known_ids: Callable[[], Iterable[str]],
    ) -> None:
        self._known_ids = known_ids
        self._feed = feed
        self._print_error = print_error
        self._server = server
        self._status = status
        self._unfinished = set(feed.order_ids)
        self._is_status_checked = status is None

    def is_status_misspelt(self) -> bool:
        """Return whether the awaited status is unknown and close to a known one; print a message if it is unknown.

        It is judged once, when the stages of every order are known.
        """
        if self._status is None or self._is_status_checked:
            return False
        check = check_status(self._feed.views.values(), self._feed.refused, self._status)
        if check is None:
            return False
        self._is_status_checked = True
        if check.nearest is not None:
            self._print_error(misspelt_status(self._status, check.nearest))
        elif not check.is_known:
            self._print_error(unknown_status(self._status, check.stages))
        return check.nearest is not None

    def is_finished_after(self, change: OrderChanged) -> bool:
        """Return whether every order has or had the awaited status, or can't reach it any more."""
        feed, order_id = self._feed, change.order_id
        if order_id not in self._unfinished:
            return False
        if order_id in feed.refused:
            known = partial(served_ids, feed.order_ids, feed.refused, self._known_ids)
            self._print_error(order_refused(order_id, feed.refused[order_id], self._server, known))
        elif not all_finished([change.view], (), self._status):
            return False
        self._unfinished.discard(order_id)
        if self._status is None or self._unfinished:
            return False
        # An order may have been reopened since, or a correction may have struck its status.
        if all_finished(feed.views.values(), feed.refused, self._status):
            return True
        self._unfinished = set(feed.order_ids) - set(feed.refused)
        return False


def _finish(
    feed: Feed, link: LinkState | None, status: str | None, server: str, print_error: Callable[[str], None]
) -> ExitCode:
    """Print why the connection failed, if it did, and return the exit code."""
    orders = exit_code_of_orders(feed.views.values(), feed.refused, status)
    failure = connection_failure(link, server) if link is not None else None
    # Each refused order already has its own message.
    if failure is not None and (exit_code_of_link(link) is ExitCode.SIGNED_OUT or orders is not ExitCode.UNKNOWN_ORDER):
        print_error(failure)
    return most_severe([orders, exit_code_of_link(link)])


@asynccontextmanager
async def _ticking(report: Report, out: LineWriter) -> AsyncIterator[None]:
    async def tick() -> None:
        while True:
            await asyncio.sleep(TICK_INTERVAL)
            await out.write(report.tick())

    ticker = asyncio.create_task(tick(), name="tick")
    try:
        yield
    finally:
        ticker.cancel()
        await asyncio.gather(ticker, return_exceptions=True)
