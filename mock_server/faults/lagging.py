"""An event log whose snapshots may be some versions old, as on a node that lags behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mock_server.faults.fault_log import Ledger
from mock_server.faults.plan import Plan
from mock_server.faults.server import LaggingSnapshot
from mock_server.orders.encoded import Encoded
from mock_server.orders.log.base import Answer, EventLog, MilestoneDraft, Summary, Watcher, Whole, every
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Order, OrderState


class LaggingLog:
    """The log as watchers see it; heads are always true (PROTOCOL §2: a client then waits for the head)."""

    def __init__(self, log: EventLog, plan: Plan, ledger: Ledger) -> None:
        self._log = log
        self._plan = plan
        self._ledger = ledger

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

    async def attach(self, order_id: str, after: Cursor | None, watcher: Watcher) -> Answer | None:
        """See `EventLog.attach`; a snapshot in the answer may lag."""
        answer = await self._log.attach(order_id, after, watcher)
        if isinstance(answer, Whole):
            return replace(answer, snapshot=await self._aged(answer.snapshot))
        return answer

    def detach(self, order_id: str, watcher: Watcher) -> None:
        """See `EventLog.detach`."""
        self._log.detach(order_id, watcher)

    async def heads(self, order_ids: Iterable[str]) -> dict[str, Cursor]:
        """See `EventLog.heads`."""
        return await self._log.heads(order_ids)

    async def snapshot(self, order_id: str, *, behind: int = 0) -> Encoded[Snapshot] | None:
        """See `EventLog.snapshot`; may lag."""
        present = await self._log.snapshot(order_id, behind=behind)
        return present if present is None or behind else await self._aged(present)

    async def summaries(
        self, *, open_only: bool, after: str | None, limit: int, covered: Callable[[str], bool] = every
    ) -> list[Summary]:
        """See `EventLog.summaries`."""
        return await self._log.summaries(open_only=open_only, after=after, limit=limit, covered=covered)

    async def reopen(self) -> Mapping[str, Mapping[int, int]]:
        """See `EventLog.reopen`."""
        return await self._log.reopen()

    async def truncate(self, order_id: str, keep: int) -> int:
        """See `EventLog.truncate`."""
        return await self._log.truncate(order_id, keep)

    async def _aged(self, present: Encoded[Snapshot]) -> Encoded[Snapshot]:
        message = present.message
        fault = self._plan.strikes(LaggingSnapshot, message.order_id, message.seq)
        if fault is None:
            return present
        # As old as is asked for, or as old as is known: one version is enough to lag.
        for behind in range(min(fault.versions, message.seq - 1), 0, -1):
            older = await self._log.snapshot(message.order_id, behind=behind)
            if older is not None:
                detail = f"{older.message.version} instead of {message.version}"
                self._ledger.write(fault.name, "served old", message.order_id, detail)
                return older
        return present
