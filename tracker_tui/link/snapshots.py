"""Getting snapshots beside the stream: a few at once, each order's once at a time."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Protocol

from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import LinkError, Oversized, Refused, ServerBusy
from tracker_tui.link.orders import Orders
from tracker_tui.link.server import REQUESTS
from tracker_tui.link.verdicts import Course, judge
from tracker_tui.wire import Problem, Snapshot


class Resource(Protocol):
    """Where snapshots are got."""

    async def snapshot(self, order_id: str) -> Snapshot:
        """Get one; raises `LinkError`."""

    async def aclose(self) -> None:
        """Let go of its connections."""


class Snapshots:
    """Gets the snapshots that a repair asks for and hands them, or what the server says instead, to the orders."""

    def __init__(self, resource: Resource, orders: Orders, clock: Clock, random: Random) -> None:
        self._resource = resource
        self._orders = orders
        self._clock = clock
        self._random = random
        self._slots = asyncio.Semaphore(REQUESTS)
        self._wanted: set[str] = set()

    async def get(self, order_id: str) -> bool:
        """Get an order's snapshot; False if nothing came of it that the orders were told.

        What fails for now is not tried again here: the repair's own timer asks again.
        """
        if order_id in self._wanted:
            return False
        self._wanted.add(order_id)
        try:
            async with self._slots:
                snapshot = await self._resource.snapshot(order_id)
        except Oversized as error:
            self._orders.refuse(order_id, Problem("too_large", str(error)))
        except (Refused, ServerBusy) as error:
            verdict = judge(error)
            if isinstance(error, Refused) and verdict.course is Course.FINAL:
                self._orders.refuse(order_id, error.problem)
            else:
                self._orders.busy(order_id, self._clock.time(), verdict.retry_after, self._random.random())
        except LinkError:
            return False
        else:
            self._orders.join(snapshot, self._clock.time())
        finally:
            self._wanted.discard(order_id)
        return True
