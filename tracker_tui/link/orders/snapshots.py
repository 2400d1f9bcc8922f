"""Getting snapshots beside the stream: a few at once, each order's once at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from random import Random
from typing import Protocol

from tracker_tui.domain.codes import ErrorCode, Recovery
from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.authorization import Authorization
from tracker_tui.link.auth.token import Token
from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import LinkError, Oversized, Refused, ServerBusy
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.session.verdicts import verdict_of
from tracker_tui.wire.messages import Problem


class OrdersApi(Protocol):
    """Where snapshots are got, and commands sent."""

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Get one; raises `LinkError`."""

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Have a command applied; raises `LinkError`."""

    async def aclose(self) -> None:
        """Let go of its connections."""


class FetchResult(Enum):
    """What came of a GET."""

    TAKEN = auto()
    """The gateway itself answered, and the orders were told what."""
    BUSY = auto()
    """Something answered that it is busy; the orders were told so."""
    NONE = auto()
    """Nothing answered, or nothing that is the gateway."""


class SnapshotFetcher:
    """Gets the snapshots that a repair asks for and hands them, or what the server says instead, to the orders."""

    def __init__(
        self,
        resource: OrdersApi,
        authorization: Authorization,
        orders: Orders,
        clock: Clock,
        random: Random,
        *,
        serves: Callable[[str], bool],
    ) -> None:
        """Prepare to get snapshots; `serves` tells whether the open stream serves an order now."""
        self._resource = resource
        self._authorization = authorization
        self._serves = serves
        self._orders = orders
        self._clock = clock
        self._random = random
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_FETCHES)
        self._wanted: dict[str, asyncio.Future[FetchResult]] = {}

    async def get(self, order_id: str, *, anew: bool = False) -> FetchResult:
        """Get an order's snapshot; one that is being got already is waited for.

        What fails for now is not tried again here: the repair's own timer asks again.

        Args:
            order_id: The order.
            anew: Return only what a request sent from now on is answered.
        """
        if (under_way := self._wanted.get(order_id)) is not None:
            answer = await asyncio.shield(under_way)
            return await self.get(order_id) if anew else answer
        future = self._wanted[order_id] = asyncio.get_running_loop().create_future()
        result = FetchResult.NONE
        try:
            async with self._slots:
                result = await self._get(order_id)
        finally:
            # Who waits for it is told, whatever happened; who waits for nothing has not to be.
            del self._wanted[order_id]
            future.set_result(result)
        return result

    async def _get(self, order_id: str) -> FetchResult:
        try:
            snapshot = await self._authorization.send(partial(self._resource.snapshot, order_id))
        except Oversized as error:
            self._orders.refuse(order_id, Problem(ErrorCode.TOO_LARGE, str(error)))
            return FetchResult.TAKEN
        except (Refused, ServerBusy) as error:
            verdict = verdict_of(error)
            if (
                isinstance(error, Refused)
                and verdict.recovery is Recovery.FINAL
                and not self._contradicts(order_id, error)
            ):
                self._orders.refuse(order_id, error.problem)
            else:
                self._orders.postpone_fetch(order_id, self._clock.time(), verdict.retry_after, self._random.random())
            return FetchResult.TAKEN if isinstance(error, Refused) else FetchResult.BUSY
        except LinkError:
            return FetchResult.NONE
        self._orders.receive_snapshot(snapshot, self._clock.time())
        return FetchResult.TAKEN

    def _contradicts(self, order_id: str, error: Refused) -> bool:
        """Whether a GET is forbidden of an order that the stream serves: the stream says when that is over."""
        return error.problem.code == ErrorCode.FORBIDDEN and self._serves(order_id)
