"""The changes that a front end has not read yet; bounded, because only the newest view of an order matters."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import Enum, auto

from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, OrderChanged, OrderForgotten

POSITION_INTERVAL = 0.1
"""Minimum seconds between two changes of one order that only move its position."""

MOST_LINES = 1_000
"""Number of link changes and notes that may wait; beyond that the oldest are dropped."""


class ChangeQueue:
    """Changes in order; unread changes of one order are merged."""

    def __init__(self) -> None:
        self._ready: dict[object, Change] = {}
        self._delayed: dict[str, tuple[OrderChanged, asyncio.TimerHandle]] = {}
        self._read_at: dict[str, float] = {}
        self._lines = 0
        self._written = asyncio.Event()
        self._closed = False
        self._failure: BaseException | None = None

    def put(self, change: Change, *, minor: bool = False) -> None:
        """Add a change; a `minor` one of an order waits until `POSITION_INTERVAL` after its last."""
        if isinstance(change, OrderChanged):
            order_id = change.order_id
            self._ready.pop(OrderForgotten(order_id), None)
            earlier, timer = self._delayed.pop(order_id, (self._ready.get(order_id), None))
            if isinstance(earlier, OrderChanged):
                change = replace(change, arrived=earlier.arrived + change.arrived)
            loop = asyncio.get_running_loop()
            due = self._read_at.get(order_id, float("-inf")) + POSITION_INTERVAL
            if minor and loop.time() < due and order_id not in self._ready:
                self._delayed[order_id] = change, timer or loop.call_at(due, self._release, order_id)
                return
            if timer is not None:
                timer.cancel()
            self._ready[order_id] = change
        elif isinstance(change, OrderForgotten):
            if change.order_id in self._delayed:
                self._delayed.pop(change.order_id)[1].cancel()
            self._ready[change] = change
        else:
            self._lines += 1
            self._ready[self._lines] = change
            self._ready.pop(self._lines - MOST_LINES, None)
        self._written.set()

    async def get(self) -> Change | None:
        """Return the next change; None once the queue is closed and empty.

        Raises:
            BaseException: The feed failed with it.
        """
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if self._closed:
                return None
            self._written.clear()
            await self._written.wait()
        key = next(iter(self._ready))
        change = self._ready.pop(key)
        if isinstance(change, OrderChanged):
            self._read_at[change.order_id] = asyncio.get_running_loop().time()
        elif isinstance(change, OrderForgotten):
            self._read_at.pop(change.order_id, None)
        return change

    def close(self) -> None:
        """Accept no more changes; changes that wait for their interval are due now."""
        for order_id in tuple(self._delayed):
            self._release(order_id)
        self._closed = True
        self._written.set()

    def reopen(self) -> None:
        """Let readers wait for changes again, after `close`."""
        self._closed = False

    def fail(self, failure: BaseException) -> None:
        """Accept no more changes because of `failure`; `get` raises it after the unread changes."""
        self._failure = self._failure or failure
        self._written.set()

    def _release(self, order_id: str) -> None:
        self._ready[order_id], timer = self._delayed.pop(order_id)
        timer.cancel()
        self._written.set()


class Significance(Enum):
    """The significance of a change of a view for a user."""

    NOTHING = auto()
    """Only the known progress of the server has changed."""
    POSITION = auto()
    FULL = auto()


def compare(before: OrderView, after: OrderView) -> Significance:
    """Return how much of what people look at differs between two views of an order."""
    if before.history is not after.history or before.facts is not after.facts:
        return Significance.FULL
    if (before.complete, before.superseded_epoch) != (after.complete, after.superseded_epoch):
        return Significance.FULL
    if before.state is after.state:
        return Significance.NOTHING
    if before.state is None or after.state is None:
        return Significance.FULL
    old, new = before.state.value, after.state.value
    moved = replace(old, location=new.location, updated_at=new.updated_at) == new
    return Significance.POSITION if moved else Significance.FULL
