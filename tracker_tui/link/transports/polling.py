"""Streams made of plain GETs, for networks that let nothing else through (PROTOCOL §5, §7)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import TypeAlias

from tracker_tui.domain.codes import ErrorCode, Recovery
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.errors import Oversized, Refused
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.link.session.verdicts import verdict_of_problem
from tracker_tui.link.transports.base import ReceivedMessage, StreamRequest
from tracker_tui.link.transports.http_stream import HttpStream, closed_by_client
from tracker_tui.wire.messages import Heartbeat, Hello, Mode, Problem, ServerMessage, Subscribed

MIN_INTERVAL = 5.0
"""Seconds between two polls of an order (DESIGN §2, ladder)."""

ORDERS_PER_SECOND = 10
"""With so many orders a second the interval grows beyond that."""

JITTER = 0.2
"""Share of itself by which a wait varies."""

PollResult: TypeAlias = tuple[ServerMessage, ...]


class PollingTransport:
    """Makes streams of GETs to one server."""

    name = "polling"
    duplex = False
    resubscribes = False

    def __init__(self, network: HttpClient, random: Random) -> None:
        self._network = network
        self._random = random

    async def connect(self, ask: StreamRequest) -> PollingConnection:
        """Begin; whether anything answers is seen with the first message."""
        return PollingConnection(HttpOrdersApi(self._network), ask, self._random)


class PollingConnection(HttpStream):
    """Polls going round; see `Connection`."""

    def __init__(self, resource: HttpOrdersApi, ask: StreamRequest, random: Random) -> None:
        super().__init__()
        self.tally = resource.tally
        self._resource = resource
        self._ask = ask
        self._random = random
        self._loop = asyncio.get_running_loop()
        self._interval = max(MIN_INTERVAL, len(ask.orders) / ORDERS_PER_SECOND)
        self._answered = dict.fromkeys(ask.orders, self._loop.time())
        self._subscribed: set[str] = set()
        self._fresh = deque(ask.orders)
        self._turns: deque[str] = deque()
        self._due = 0.0

    @property
    def heard_at(self) -> float:
        """When that order was answered that has been without an answer for longest; now, where none is polled."""
        return min(self._answered.values(), default=self._loop.time())

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the answers as messages, with a hello in front.

        Raises:
            StreamClosed: Our side closed it.
            TransportDown: Nothing answers.
            TransportBlocked: Something answers that is not the gateway.
            Refused: The gateway refuses whatever is asked of it.
            ServerBusy: Something answers that it is busy.
        """
        greeted = False
        polls: dict[asyncio.Task[PollResult], str] = {}
        end = self._start(asyncio.Event().wait())
        try:
            while not self.closed:
                while len(polls) < MAX_CONCURRENT_FETCHES and (order_id := self._next()) is not None:
                    asked = self._ask.resume([order_id])
                    if order_id in asked:
                        polls[self._start(self._poll(order_id, asked[order_id]))] = order_id
                    else:
                        del self._answered[order_id]
                may_begin = self._turns and len(polls) < MAX_CONCURRENT_FETCHES
                patience = max(0.0, self._due - self._loop.time()) if may_begin else None
                await asyncio.wait({end, *polls}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                for poll in [poll for poll in polls if poll.done() and not self.closed]:
                    answer = poll.result()
                    order_id = polls.pop(poll)
                    self._answered[order_id] = self._loop.time()
                    self._turns.append(order_id)
                    if not greeted:
                        greeted = True
                        yield ReceivedMessage(Hello(1, datetime.now(UTC), None, "", self._interval))
                    for message in answer:
                        yield ReceivedMessage(message, (order_id,))
            raise closed_by_client()
        finally:
            await self._stop()
            await asyncio.gather(*polls, return_exceptions=True)

    def _next(self) -> str | None:
        """The order whose turn it is: at first every one at once, then one after the other over the interval."""
        now = self._loop.time()
        if self._fresh:
            order_id = self._fresh.popleft()
        elif self._turns and now >= self._due:
            order_id = self._turns.popleft()
        else:
            return None
        share = self._interval / max(len(self._answered), 1)
        self._due = now + share * self._random.uniform(1 - JITTER, 1 + JITTER)
        return order_id

    async def _poll(self, order_id: str, have: Cursor | None) -> PollResult:
        try:
            snapshot = await self._resource.snapshot_unless(order_id, have, self._ask.token)
        except Oversized as error:
            return (Problem(ErrorCode.TOO_LARGE, str(error), order_id),)
        except Refused as error:
            if verdict_of_problem(error.problem).recovery is not Recovery.FINAL:
                raise
            return (replace(error.problem, order_id=order_id),)
        first = order_id not in self._subscribed
        self._subscribed.add(order_id)
        now = datetime.now(UTC)
        if snapshot is None:
            assert have is not None  # without a condition nothing is "not modified"
            return (Subscribed(order_id, Mode.REPLAY, have, have) if first else Heartbeat(now, {order_id: have}),)
        if first:
            return (Subscribed(order_id, Mode.SNAPSHOT, None, snapshot.version), snapshot)
        return (snapshot, Heartbeat(now, {order_id: snapshot.version}))
