"""The server as one-shot faults use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from mock_server.faults.base import StreamScope, StreamTarget, count_of
from mock_server.gateway.edits import add_note, current_state, end_order
from mock_server.gateway.gateway import Gateway
from mock_server.net.listener import Listener
from mock_server.net.sockets import reset_connection
from tracker_tui.domain.order import Outcome

if TYPE_CHECKING:
    from aiohttp.web import Server

Renumbered = Callable[[Mapping[str, Mapping[int, int]]], None]


class GatewayTarget:
    """Applies one-shot faults to a server.

    Args:
        gateway: The state of the server.
        listener: The listener, which an outage closes.
        server: The open connections, which an outage resets.
        on_renumbered: Called with the new seqs of history after a new epoch.
    """

    def __init__(self, gateway: Gateway, listener: Listener, server: Server, on_renumbered: Renumbered) -> None:
        self._gateway = gateway
        self._listener = listener
        self._server = server
        self._on_renumbered = on_renumbered

    def record(self, fault: str, effect: str, order_id: str | None = None, detail: str = "") -> None:
        """Add a record to the fault log."""
        self._gateway.fault_log.write(fault, effect, order_id, detail)

    def streams(self, order: str | None, which: StreamScope) -> Iterable[StreamTarget]:
        """Return the open streams that watch `order`, or all; with `StreamScope.ONE` only the oldest."""
        streams = [stream for stream in self._gateway.streams if order is None or stream.subscriber.watches(order)]
        return streams if which is StreamScope.ALL else streams[:1]

    async def choose(self, order: str | None) -> str | None:
        """Return `order`; or one that is watched and has not ended; or any that has not ended; or any."""
        if order is not None:
            return order
        log = self._gateway.log
        watched = [order_id for stream in self._gateway.streams for order_id in stream.subscriber.orders]
        for order_id in (*watched, *log.order_ids):
            state = await current_state(self._gateway, order_id)
            if state is not None and state.outcome is None:
                return order_id
        return next(iter(log.order_ids), None)

    def orders(self, order: str | None) -> list[str]:
        """Return `order` alone, or all orders."""
        return self._gateway.log.order_ids if order is None else [order]

    def freeze_requests(self, seconds: float) -> None:
        """Answer no new request for `seconds`."""
        self._gateway.freeze_requests(seconds)

    async def reopen(self) -> int:
        """Open a new epoch; return its number."""
        self._on_renumbered(await self._gateway.log.reopen())
        return self._gateway.log.epoch

    async def truncate(self, order_id: str, keep: int) -> int:
        """Remove all but the `keep` newest versions of an order; return how many events were removed."""
        return await self._gateway.log.truncate(order_id, keep)

    async def note(self, order_id: str, text: str) -> int:
        """Append a note to an order's history; return its seq."""
        return (await add_note(self._gateway, order_id, text)).seq

    async def end(self, order_id: str, outcome: Outcome) -> int:
        """End an order; return the seq of its last version."""
        return (await end_order(self._gateway, order_id, outcome)).seq

    async def outage(self, seconds: float) -> None:
        """Reset every connection and refuse new ones for `seconds`."""
        if not self._listener.is_open:
            self.record("outage", "already down")
            return
        self._listener.close()
        # A connection accepted just now is registered in the next step of the event loop.
        await asyncio.sleep(0)
        reset_count = 0
        for connection in self._server.connections:
            if connection.transport is not None:
                reset_connection(connection.transport)
                reset_count += 1
        self.record("outage", "down", None, f"{count_of(reset_count, 'connection')} reset, for {seconds:g} s")
        await self._gateway.plan.pause(seconds)
        await self._listener.reopen()
        self.record("outage", "up")

    def expire_tokens(self) -> int:
        """Expire every token that has been accepted so far; return how many."""
        return self._gateway.access.expire_all()
