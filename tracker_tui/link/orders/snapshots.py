"""Fetches snapshots by GET: a few at a time, and never two of one order at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from random import Random

from tracker_tui.domain.codes import ErrorCode, Recovery
from tracker_tui.link.authorization import Authorization
from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import LinkError, Oversized, Refused, ServerBusy
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.session.verdicts import verdict_of
from tracker_tui.wire.messages import Problem


class FetchResult(Enum):
    """The result of a GET."""

    ANSWERED = auto()
    """The server itself answered; the answer was applied to the orders."""
    BUSY = auto()
    """The server or a proxy was busy; the order's next fetch was postponed."""
    FAILED = auto()
    """The server did not answer."""


class SnapshotFetcher:
    """Fetches snapshots, and applies them, or the server's refusals, to the orders.

    Args:
        api: The API from which snapshots are fetched.
        authorization: Sends a request with a token.
        orders: The orders.
        clock: The clock of the feed.
        random: Source of jitter.
        is_served: Returns whether the open stream serves an order now.
    """

    def __init__(
        self,
        api: OrdersApi,
        authorization: Authorization,
        orders: Orders,
        clock: Clock,
        random: Random,
        *,
        is_served: Callable[[str], bool],
    ) -> None:
        self._api = api
        self._authorization = authorization
        self._is_served = is_served
        self._orders = orders
        self._clock = clock
        self._random = random
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_FETCHES)
        self._in_flight: dict[str, asyncio.Future[FetchResult]] = {}

    async def get(self, order_id: str, *, fresh: bool = False) -> FetchResult:
        """Fetch the snapshot of an order, or wait for the request in flight for it.

        A failed request is not retried here: the order's repair sends the next one.

        Args:
            order_id: The order.
            fresh: Whether the result must come from a request that is sent after this call.
        """
        if (in_flight := self._in_flight.get(order_id)) is not None:
            result = await asyncio.shield(in_flight)
            return await self.get(order_id) if fresh else result
        future = self._in_flight[order_id] = asyncio.get_running_loop().create_future()
        result = FetchResult.FAILED
        try:
            async with self._slots:
                result = await self._get(order_id)
        finally:
            # Always resolve the future, so that concurrent callers never hang.
            del self._in_flight[order_id]
            future.set_result(result)
        return result

    async def _get(self, order_id: str) -> FetchResult:
        try:
            snapshot = await self._authorization.send(partial(self._api.snapshot, order_id))
        except Oversized as error:
            self._orders.refuse(order_id, Problem(ErrorCode.TOO_LARGE, str(error)))
            return FetchResult.ANSWERED
        except (Refused, ServerBusy) as error:
            verdict = verdict_of(error)
            if (
                isinstance(error, Refused)
                and verdict.recovery is Recovery.FINAL
                and not self._contradicts_stream(order_id, error)
            ):
                self._orders.refuse(order_id, error.problem)
            else:
                self._orders.postpone_fetch(order_id, self._clock.time(), verdict.retry_after, self._random.random())
            return FetchResult.ANSWERED if isinstance(error, Refused) else FetchResult.BUSY
        except LinkError:
            return FetchResult.FAILED
        self._orders.receive_snapshot(snapshot, self._clock.time())
        return FetchResult.ANSWERED

    def _contradicts_stream(self, order_id: str, error: Refused) -> bool:
        """Return whether a GET is forbidden for an order that the stream serves; the stream then decides."""
        return error.problem.code == ErrorCode.FORBIDDEN and self._is_served(order_id)
