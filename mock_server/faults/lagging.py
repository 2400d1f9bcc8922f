"""An event log whose snapshots may lag some versions behind, as on a replica."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mock_server.faults.fault_log import FaultLog
from mock_server.faults.plan import Plan
from mock_server.faults.server import LaggingSnapshot
from mock_server.orders.encoded import Encoded
from mock_server.orders.log.base import (
    EventLog,
    FullSnapshot,
    MilestoneDraft,
    MissedVersions,
    OrderSummary,
    Watcher,
    all_orders,
)
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Order, OrderState


class LaggingLog:
    """The event log as clients see it; heads never lag, so that clients wait for the head (PROTOCOL §2)."""

    def __init__(self, log: EventLog, plan: Plan, fault_log: FaultLog) -> None:
        self._log = log
        self._plan = plan
        self._fault_log = fault_log

    @property
    def epoch(self) -> int:
        """See `EventLog.epoch`."""
        return self._log.epoch

    @property
    def order_ids(self) -> list[str]:
        """See `EventLog.order_ids`."""
        return self._log.order_ids

    async def append(
        self, order_id: str, state: OrderState, milestone: MilestoneDraft | None, order: Order | None = None
    ) -> Encoded[Event]:
        """See `EventLog.append`."""
        return await self._log.append(order_id, state, milestone, order)

    async def attach(self, order_id: str, after: Cursor | None, watcher: Watcher) -> MissedVersions | None:
        """See `EventLog.attach`; a snapshot that it returns may lag."""
        answer = await self._log.attach(order_id, after, watcher)
        if isinstance(answer, FullSnapshot):
            return replace(answer, snapshot=await self._made_older(answer.snapshot))
        return answer

    def detach(self, order_id: str, watcher: Watcher) -> None:
        """See `EventLog.detach`."""
        self._log.detach(order_id, watcher)

    async def heads(self, order_ids: Iterable[str]) -> dict[str, Cursor]:
        """See `EventLog.heads`."""
        return await self._log.heads(order_ids)

    async def snapshot(self, order_id: str, *, behind: int = 0) -> Encoded[Snapshot] | None:
        """See `EventLog.snapshot`; the snapshot may lag."""
        current = await self._log.snapshot(order_id, behind=behind)
        return current if current is None or behind else await self._made_older(current)

    async def summaries(
        self, *, open_only: bool, after: str | None, limit: int, covered: Callable[[str], bool] = all_orders
    ) -> list[OrderSummary]:
        """See `EventLog.summaries`."""
        return await self._log.summaries(open_only=open_only, after=after, limit=limit, covered=covered)

    async def reopen(self) -> Mapping[str, Mapping[int, int]]:
        """See `EventLog.reopen`."""
        return await self._log.reopen()

    async def truncate(self, order_id: str, keep: int) -> int:
        """See `EventLog.truncate`."""
        return await self._log.truncate(order_id, keep)

    async def _made_older(self, current: Encoded[Snapshot]) -> Encoded[Snapshot]:
        message = current.message
        fault = self._plan.first_triggered(LaggingSnapshot, message.order_id, message.seq)
        if fault is None:
            return current
        # If so old a version is unknown, use the oldest that is known.
        for behind in range(min(fault.versions, message.seq - 1), 0, -1):
            older = await self._log.snapshot(message.order_id, behind=behind)
            if older is not None:
                detail = f"{older.message.version} instead of {message.version}"
                self._fault_log.write(fault.name, "served old", message.order_id, detail)
                return older
        return current
