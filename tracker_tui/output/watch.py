"""From a feed to a report, until there is nothing left to wait for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, Phase
from tracker_tui.output.error_messages import (
    connection_failure,
    order_refused,
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
    stages_without,
)
from tracker_tui.output.stdout import LineWriter

if TYPE_CHECKING:
    from types import TracebackType

    from tracker_tui.domain.view import OrderView
    from tracker_tui.wire.messages import Problem

HELLO_WITHIN = 10.0
"""Seconds after the start within which a gateway must have said hello (DESIGN §3), or answered a plain request."""

ROAD_WITHIN = 60.0
"""Seconds after the start within which one that did answer must have said hello: two tries take a blocked road."""

TICK = 1.0
"""Seconds between two looks at what time alone changes."""


class Report(Protocol):
    """What turns changes into lines."""

    def lines(self, change: Change) -> Iterable[str]:
        """What a change has to tell."""

    def tick(self) -> Iterable[str]:
        """What changed by time alone."""

    def forget(self, order_id: str) -> None:
        """Tell no more of an order until its next change."""


class WatchedFeed(Protocol):
    """A feed, as `link.feed.OrderFeed` and `link.replay.ReplayFeed` are one."""

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders that are watched."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order."""

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the gateway refused for good."""

    async def __aenter__(self) -> object:
        """Start."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Close."""

    def __aiter__(self) -> AsyncIterator[Change]:
        """Yield what changes."""


async def watch(
    feed: WatchedFeed,
    report: Report,
    out: LineWriter,
    complain: Callable[[str], None],
    *,
    server: str,
    status: str | None = None,
    timeout: float | None = None,
    hello_within: float = HELLO_WITHIN,
    road_within: float = ROAD_WITHIN,
    patient: bool = False,
) -> ExitCode:
    """Report what happens to the orders of `feed`; the feed is closed at the end.

    Args:
        feed: A feed that was not started yet.
        report: What turns its changes into lines.
        out: Where the lines go.
        complain: Takes one line for people about what went wrong.
        server: The gateway's URL, for complaints.
        status: Stop as soon as every order has or had this status; None to stop when all have ended.
        timeout: Seconds after which to give up; None to wait without limit.
        hello_within: Seconds after which to give up if no gateway has said hello or answered.
        road_within: Seconds after which to give up if it has answered and not said hello.
        patient: Give up for no reason but `timeout`: the feed is a recording, which ends by itself.

    Raises:
        BrokenPipeError: Nobody reads the report any more.
    """
    start = asyncio.get_running_loop().time()
    deadline = math.inf if timeout is None else start + timeout
    if patient:
        hello_within = road_within = math.inf
    limit = asyncio.timeout_at(min(start + hello_within, deadline))
    answered = greeted = timed_out = hinted = False
    waiting = set(feed.order_ids)
    link: LinkState | None = None
    try:
        async with feed, limit, _ticking(report, out):
            async for change in feed:
                await out.write(report.lines(change))
                if isinstance(change, OrderChanged) and not (answered or greeted):
                    # On the way down the roads, a plain request got through: there is a gateway.
                    answered = True
                    limit.reschedule(min(start + road_within, deadline))
                if (
                    status is not None
                    and not hinted
                    and (stages := stages_without(feed.views.values(), feed.refused, status))
                ):
                    hinted = True
                    complain(unknown_status(status, stages))
                match change:
                    case LinkChanged():
                        link = change.link
                        # Live without a stream: there is no order to watch, and the gateway's list says so.
                        if (link.connected_at is not None or link.phase is Phase.LIVE) and not greeted:
                            greeted = True
                            limit.reschedule(deadline if timeout is not None else None)
                        if link.phase is Phase.SIGNED_OUT and not patient:
                            break
                    case OrderChanged(order_id=order_id) if order_id in waiting:
                        if order_id in feed.refused:
                            complain(order_refused(order_id, feed.refused[order_id], server))
                        elif not all_finished([change.view], (), status):
                            continue
                        waiting.discard(order_id)
                        if status is not None and not waiting:
                            # Meanwhile an order may have been reopened, or its status struck.
                            if all_finished(feed.views.values(), feed.refused, status):
                                break
                            waiting = set(feed.order_ids) - set(feed.refused)
    except TimeoutError:
        timed_out = True
    if not timed_out:
        return _end(feed, link, status, server, complain)
    if greeted and timeout is not None:
        complain(timeout_exceeded(timeout))
    else:
        complain(server_unreachable(server, link.reason if link else None))
    return most_severe([exit_code_of_orders(feed.views.values(), feed.refused, status), ExitCode.UNREACHABLE])


def _end(
    feed: WatchedFeed, link: LinkState | None, status: str | None, server: str, complain: Callable[[str], None]
) -> ExitCode:
    """The exit code for a feed that has ended by itself, once what there is to complain of is said."""
    orders = exit_code_of_orders(feed.views.values(), feed.refused, status)
    line = connection_failure(link, server) if link is not None else None
    # That every order was refused has been said of each.
    if line is not None and (exit_code_of_link(link) is ExitCode.SIGNED_OUT or orders is not ExitCode.UNKNOWN_ORDER):
        complain(line)
    return most_severe([orders, exit_code_of_link(link)])


@asynccontextmanager
async def _ticking(report: Report, out: LineWriter) -> AsyncIterator[None]:
    async def tick() -> None:
        while True:
            await asyncio.sleep(TICK)
            await out.write(report.tick())

    ticker = asyncio.create_task(tick(), name="tick")
    try:
        yield
    finally:
        ticker.cancel()
        await asyncio.gather(ticker, return_exceptions=True)
