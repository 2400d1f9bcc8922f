"""The library's front door: `OrderFeed` keeps the views of orders up to date and yields what changes."""

from __future__ import annotations

import random as random_module
from collections import ChainMap
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from tracker_tui.domain.command import Verb
from tracker_tui.domain.order import check_order_ids
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link import debug_log
from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.changes import Change, Counters, Coverage, FeedEnded, LinkChanged, LinkState, Standing
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.session import events
from tracker_tui.link.session.ladder import PROBES
from tracker_tui.link.session_loop import SessionLoop
from tracker_tui.link.transports.base import Transport
from tracker_tui.wire.messages import Problem

if TYPE_CHECKING:
    from tracker_tui.link.recording.recorder import Recorder


class OrderFeed:
    """The views of some orders, kept as the server has them.

    An async context manager and an async iterator of `Change`. Entering starts to connect; it doesn't wait for the
    server and doesn't fail if the server is unreachable. The iterator ends when every order has ended or was refused,
    or when the feed is closed. Orders that are added after that start a new session, and iterating again goes on with
    its changes.
    """

    def __init__(
        self,
        order_ids: Sequence[str],
        transports: Sequence[Transport],
        resource: OrdersApi,
        *,
        credentials: Credentials | None = None,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
        probes: Sequence[float] = PROBES,
        listing: OrdersApi | None = None,
        recorder: Recorder | None = None,
        stays_open: bool = False,
    ) -> None:
        """Prepare to watch `order_ids`.

        Args:
            order_ids: Well-formed, distinct ids: at most 1,000 (PROTOCOL §5), at least one unless `listing` is given.
            transports: Ways to open streams, best first. A single one has no fallback.
            resource: Client for snapshots and commands.
            credentials: Source of tokens; None sends requests without one.
            clock: The loop's time and the wall clock.
            random: Source of jitter.
            probes: Seconds until each try of a better transport, as `ladder.PROBES`.
            listing: Client for the list of open orders. With it, the feed adds new orders and never ends by itself.
            recorder: Recorder of every received message and every change.
            stays_open: Whether iterating waits for more orders after all have ended, rather than ending.
        """
        self._loop = SessionLoop(
            order_ids,
            transports,
            resource,
            credentials=credentials,
            clock=clock or SystemClock(),
            random=random or random_module.Random(),
            probes=probes,
            list_api=listing,
            recorder=recorder,
            stays_open=stays_open,
        )
        self._recorder = recorder

    async def __aenter__(self) -> Self:
        self._loop.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._loop.close()

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        change = await self._loop.queue.get()
        if change is None:
            raise StopAsyncIteration
        debug_log.log_change(change)
        if self._recorder is not None:
            self._recorder.record_change(change)
            if isinstance(change, LinkChanged):
                self._recorder.record_metrics(self._loop.metrics)
        return change

    @property
    def clock(self) -> Clock:
        """The clock of every ``…_at`` time of this feed."""
        return self._loop.clock

    @property
    def counters(self) -> Counters:
        """Counters of the connection since the start."""
        return self._loop.counters

    @property
    def replay(self) -> None:
        """No controls: the feed is live."""
        return None

    @property
    def listed(self) -> bool:
        """Whether the gateway's list of orders was read; always False without a list."""
        return self._loop.list_was_read

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The watched orders, including the refused ones."""
        return tuple(self._loop.orders.views)

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every watched order, and the last view of each order that has ended and was removed."""
        return MappingProxyType(ChainMap(self._loop.orders.views, self._loop.slots.slots.views))

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the gateway permanently refused, and its reason."""
        return MappingProxyType(ChainMap(self._loop.orders.refused, self._loop.slots.slots.refused))

    @property
    def coverage(self) -> Coverage:
        """The number of watched orders, and of orders to watch."""
        return self._loop.slots.slots.coverage

    @property
    def link(self) -> LinkState:
        """The state of the connection."""
        return self._loop.session.link

    @property
    def heard_at(self) -> float | None:
        """Time of the last byte of a stream, or of the last list read without one, in seconds on `clock`; or None."""
        return self._loop.heard_at

    @property
    def user(self) -> str | None:
        """The subject of the token in use, if it is a JWT; not verified. None without one."""
        return self._loop.user

    @property
    def rtt(self) -> float | None:
        """Round-trip time of the last ping of the active stream, in seconds; None without an answer."""
        return self._loop.metrics.rtt

    def standing(self, order_id: str) -> Standing:
        """Return whether an order's view is in sync. A view is live only if the link is live, too."""
        return self._loop.slots.slots.standing(order_id) or self._loop.orders.standing(order_id)

    def reconnect(self) -> None:
        """Open a new stream now, at most once a second and never before a server's floor; if signed out, sign in."""
        self._loop.dispatch(events.ReconnectRequested(self.clock.time()))

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Send a command for a watched order; retry until the gateway answers.

        The result arrives as the `pending_commands` of that order's changes. The feed doesn't end before it.

        Returns:
            The command's id. The milestone that results from the command carries the same id.

        Raises:
            ValueError: The text is missing or too long.
            FeedEnded: The feed has ended, or doesn't watch the order.
        """
        if order_id not in self._loop.orders.views or self._loop.has_ended:
            raise FeedEnded
        return self._loop.commands.send(order_id, verb, text)

    def pending_commands(self, order_id: str) -> PendingCommands:
        """Return the commands sent for an order through this feed, with their results so far."""
        return self._loop.orders.pending_commands.of(order_id)

    def add(self, order_ids: Iterable[str]) -> tuple[str, ...]:
        """Watch more orders, also ones that have ended; after the end, start a new session.

        An order that is watched already is ignored, unless the server refused it: then it is requested again. Of the
        orders that were found by themselves, the newest give way to the added ones.

        Returns:
            The orders that were not added, because 1,000 orders would be exceeded or the feed was closed.

        Raises:
            ValueError: One of them is not an order id; then none is added.
        """
        order_ids = tuple(dict.fromkeys(order_ids))
        check_order_ids(order_ids)
        if self._loop.is_closed:
            return order_ids
        self._loop.slots.add_named(order_ids, self.clock.time())
        return tuple(order_id for order_id in order_ids if order_id not in self._loop.orders.views)

    def remove(self, order_id: str) -> bool:
        """Stop watching an order; the list of open orders does not bring it back, only `add` does.

        Returns:
            Whether it was removed. An order with an open command is kept, because its result is not known yet.
        """
        if self._loop.is_closed or self._loop.orders.has_open_command(order_id):
            return False
        self._loop.slots.remove(order_id, self.clock.time())
        self._loop.settle()
        return True

    def wake(self) -> None:
        """Check whether the stream is still alive, after a sleep or after the screen was out of focus."""
        self._loop.wake()
