"""Faults of the server itself: its log, its snapshots, its availability, its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

from mock_server.faults.base import FaultLevel, FaultTarget, OneShotFault, SteadyFault, StreamScope, count_of
from mock_server.faults.parameters import Count, OrderId, Seconds
from tracker_tui.domain.order import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEpoch(OneShotFault):
    """Opens a new epoch, as after the loss of a log, on live connections or after dropping them."""

    name, level = "new-epoch", FaultLevel.SERVER
    advice = "subscribe with null, and mark the old state until the snapshot of the new epoch arrives"
    drop_connections: bool = False

    async def apply(self, target: FaultTarget) -> None:
        """Open the epoch."""
        if self.drop_connections:
            for stream in target.streams(None, StreamScope.ALL):
                stream.abort()
        epoch = await target.reopen()
        target.record(self.name, "reopened", None, f"epoch {epoch}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateLog(OneShotFault):
    """Removes the oldest events and history, so that old cursors get a snapshot with a later history."""

    name, level = "truncate-log", FaultLevel.SERVER
    advice = "apply the snapshot, and keep the older history that it has"
    keep: Count = 1
    order: OrderId | None = None

    async def apply(self, target: FaultTarget) -> None:
        """Truncate the log of each order."""
        for order_id in target.orders(self.order):
            forgotten = await target.truncate(order_id, self.keep)
            target.record(self.name, "truncated", order_id, f"{count_of(forgotten, 'event')} forgotten")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaggingSnapshot(SteadyFault):
    """Serves snapshots that are up to `versions` old, like a lagging replica."""

    name, level = "lagging-snapshot", FaultLevel.SERVER
    advice = "roll nothing back, and retry until it has reached the announced head"
    order: OrderId | None = None
    versions: Annotated[int, Interval(ge=1, le=1000)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(OneShotFault):
    """Resets every connection and refuses new ones for `seconds`."""

    name, level = "outage", FaultLevel.SERVER
    advice = "keep the last state with its age, and retry with increasing, random waits"
    seconds: Seconds = 10.0

    async def apply(self, target: FaultTarget) -> None:
        """Stop listening, then listen again."""
        await target.outage(self.seconds)


EVIL_TEXT = "[/b][@click=app.quit]quit[/] \x1b]0;x\x07\x1b[2J\x00 \u202edetrevni\u202c [red]"
"""Markup, terminal escape sequences, NUL and a right-to-left override."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvilText(OneShotFault):
    """Appends a note with markup, terminal escape sequences and control characters."""

    name, level = "evil-text", FaultLevel.SERVER
    advice = "show control characters as symbols, and never interpret text from outside"
    order: OrderId | None = None
    count: Annotated[int, Interval(ge=1, le=1000)] = 1

    async def apply(self, target: FaultTarget) -> None:
        """Append the note."""
        if (order_id := await target.choose(self.order)) is None:
            return
        for _ in range(self.count):
            seq = await target.note(order_id, EVIL_TEXT)
            target.record(self.name, "noted", order_id, f"seq {seq}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalWhileWatching(OneShotFault):
    """Ends an order while clients watch it."""

    name, level = "terminal-while-watching", FaultLevel.SERVER
    advice = "show the outcome, close with 1000 once every order has ended, and exit with the outcome's code"
    outcome: Outcome = Outcome.CANCELLED
    order: OrderId | None = None

    async def apply(self, target: FaultTarget) -> None:
        """End the order; the simulation leaves it alone from then on."""
        if (order_id := await target.choose(self.order)) is None:
            return
        seq = await target.end(order_id, self.outcome)
        target.record(self.name, "ended", order_id, f"{self.outcome} at seq {seq}")
