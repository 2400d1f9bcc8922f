"""Streams made of plain GETs, for networks that block everything else (PROTOCOL §5, §7)."""

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
from tracker_tui.domain.transport import TransportName
from tracker_tui.link.errors import Oversized, Refused
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.link.session.verdicts import verdict_of_problem
from tracker_tui.link.transports.base import ReceivedMessage, StreamRequest
from tracker_tui.link.transports.http_stream import HttpStream, closed_by_client
from tracker_tui.wire.messages import Heartbeat, Hello, Mode, Problem, ServerMessage, Subscribed

MIN_INTERVAL = 5.0
"""Minimum seconds between two polls of an order."""

ORDERS_PER_SECOND = 10
"""Polls per second; with more orders than that allows, the interval grows."""

JITTER = 0.2
"""Fraction by which a wait varies."""

PollResult: TypeAlias = tuple[ServerMessage, ...]


class PollingTransport:
    """Opens streams of GETs to one server."""

    name = TransportName.POLLING
    duplex = False
    resubscribes = False

    def __init__(self, client: HttpClient, random: Random) -> None:
        self._client = client
        self._random = random

    async def connect(self, request: StreamRequest) -> PollingConnection:
        """Return a stream; its first message shows whether the server answers."""
        return PollingConnection(HttpOrdersApi(self._client), request, self._random)


class PollingConnection(HttpStream):
    """Polls of the orders, one after the other; see `Connection`."""

    def __init__(self, api: HttpOrdersApi, request: StreamRequest, random: Random) -> None:
        super().__init__()
        self.tally = api.tally
        self._api = api
        self._request = request
        self._random = random
        self._loop = asyncio.get_running_loop()
        self._interval = max(MIN_INTERVAL, len(request.orders) / ORDERS_PER_SECOND)
        self._answered = dict.fromkeys(request.orders, self._loop.time())
        self._subscribed: set[str] = set()
        self._fresh = deque(request.orders)
        self._turns: deque[str] = deque()
        self._due = 0.0

    @property
    def heard_at(self) -> float:
        """When the order was answered that has waited longest for an answer; now, if no order is polled."""
        return min(self._answered.values(), default=self._loop.time())

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield a hello, then the answers as messages.

        Raises:
            StreamClosed: The client closed it.
            TransportDown: No answer.
            TransportBlocked: The answer is not from the server.
            Refused: The server refuses more than a single order.
            ServerBusy: The server or a proxy is busy.
        """
        greeted = False
        polls: dict[asyncio.Task[PollResult], str] = {}
        end = self._start(asyncio.Event().wait())
        try:
            while not self.closed:
                while len(polls) < MAX_CONCURRENT_FETCHES and (order_id := self._next()) is not None:
                    cursors = self._request.resume([order_id])
                    if order_id in cursors:
                        polls[self._start(self._poll(order_id, cursors[order_id]))] = order_id
                    else:
                        del self._answered[order_id]
                may_start = self._turns and len(polls) < MAX_CONCURRENT_FETCHES
                timeout = max(0.0, self._due - self._loop.time()) if may_start else None
                await asyncio.wait({end, *polls}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
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
        """Return the next order to poll: first all at once, then spread over the interval; None if none is due."""
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
            snapshot = await self._api.snapshot_unless(order_id, have, self._request.token)
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
            assert have is not None  # only a conditional request can be "not modified"
            return (Subscribed(order_id, Mode.REPLAY, have, have) if first else Heartbeat(now, {order_id: have}),)
        if first:
            return (Subscribed(order_id, Mode.SNAPSHOT, None, snapshot.version), snapshot)
        return (snapshot, Heartbeat(now, {order_id: snapshot.version}))
