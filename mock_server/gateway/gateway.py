"""The state that all streams and requests share: the log, the faults, and the open streams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from itertools import count
from typing import Any, Protocol

from mock_server.auth.tokens import Key
from mock_server.faults.base import StreamTarget
from mock_server.faults.fault_log import FaultLog
from mock_server.faults.lagging import LaggingLog
from mock_server.faults.plan import Plan
from mock_server.gateway.access import Access
from mock_server.net.clock import Clock
from mock_server.orders.log.base import EventLog
from mock_server.orders.stats import Counters
from mock_server.orders.subscriber import Subscriber

_TICK_SECONDS = 0.25
_NO_LIMIT_SECONDS = 1e8

_logger = logging.getLogger(__name__)


class ActiveStream(StreamTarget, Protocol):
    """An open stream, as the gateway uses it.

    Attributes:
        slot: Its number; the lowest free number is given to the next stream.
        subscriber: The orders that it watches.
    """

    slot: int
    subscriber: Subscriber

    async def tick(self, now: float) -> None:
        """Do what is due: send a heartbeat, or close a stream that is stalled, too slow or out of time."""

    async def say_goodbye(self) -> None:
        """Send `goodbye` and close (PROTOCOL §4)."""


class Gateway:
    """The state of one running server.

    Args:
        log: The event log; `view` is the log as clients see it.
        plan: The armed faults.
        fault_log: The log of injected and triggered faults.
        clock: The clock.
        heartbeat_seconds: Seconds between heartbeats and pings (PROTOCOL §4).
        node: The server's name in `hello`.
        key: The key that signs tokens; None disables authentication.
    """

    def __init__(
        self,
        log: EventLog,
        plan: Plan,
        fault_log: FaultLog,
        clock: Clock,
        *,
        heartbeat_seconds: float,
        node: str,
        key: Key | None = None,
    ) -> None:
        self.log = log
        self.plan = plan
        self.fault_log = fault_log
        self.clock = clock
        self.heartbeat_seconds = heartbeat_seconds
        self.node = node
        self.view: EventLog = LaggingLog(log, plan, fault_log)
        self.access = Access(key, clock, plan, fault_log)
        self.counters = Counters()
        self.streams: dict[ActiveStream, None] = {}
        self.ended_orders: set[str] = set()
        """Orders that a fault or a command has ended; the simulation leaves them alone."""
        self.draining = False
        self._frozen_until = 0.0
        self._held_requests: dict[asyncio.Event, asyncio.Transport] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        plan.on_heal(self._unfreeze)

    def free_slot(self) -> int:
        """Return the lowest free slot, so that seeded faults treat a reconnecting client as the same client."""
        taken = {stream.slot for stream in self.streams}
        return next(slot for slot in count() if slot not in taken)

    def freeze_requests(self, seconds: float) -> None:
        """Answer no new request for `seconds`."""
        self._frozen_until = self.clock.time() + seconds

    async def wait_until_unfrozen(self, transport: asyncio.Transport | None) -> None:
        """Wait while requests are frozen, until the client disconnects at the latest."""
        remaining = self._frozen_until - self.clock.time()
        if remaining > 0:
            await self.hold_request(transport, remaining)

    async def hold_request(self, transport: asyncio.Transport | None, seconds: float | None) -> None:
        """Wait for `seconds`, None for ever; stop when all faults are healed or the client disconnects."""
        if transport is None:
            return
        client_gone = asyncio.Event()
        self._held_requests[client_gone] = transport
        try:
            await self.plan.pause(_NO_LIMIT_SECONDS if seconds is None else seconds, unless=client_gone)
        finally:
            del self._held_requests[client_gone]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the background, until the gateway closes at the latest."""
        task = asyncio.create_task(self._log_failure(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never awaits the coroutine.
        task.add_done_callback(lambda _: work.close())

    async def run(self) -> None:
        """Send heartbeats, close dead and stalled streams, and disarm faults whose time is over, until cancelled."""
        while True:
            await self.clock.sleep(_TICK_SECONDS)
            self.plan.expire()
            for client_gone, transport in self._held_requests.items():
                if transport.is_closing():
                    client_gone.set()
            now = self.clock.time()
            for stream in tuple(self.streams):
                await stream.tick(now)

    async def close(self) -> None:
        """Send goodbye on every stream, then cancel every background task (PROTOCOL §4)."""
        self.draining = True
        for client_gone in self._held_requests:
            client_gone.set()
        await asyncio.gather(*(stream.say_goodbye() for stream in tuple(self.streams)))
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _unfreeze(self) -> None:
        self._frozen_until = 0.0

    async def _log_failure(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            _logger.exception("a background task of the gateway failed")
