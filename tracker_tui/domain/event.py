"""The two messages that carry an order's state and can be joined into a view (PROTOCOL §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen

from tracker_tui.domain.cursor import MAX_NUMBER, Cursor
from tracker_tui.domain.order import Epoch, Milestone, Order, OrderId, OrderState, Seq


@dataclass(frozen=True, slots=True)
class Event:
    """A new version of an order, with its whole state.

    Attributes:
        milestone: The line that this version adds to history; None for a position or ETA update.
    """

    order_id: OrderId
    epoch: Epoch
    seq: Seq
    state: OrderState
    milestone: Milestone | None
    type: Literal["event"] = "event"

    def __post_init__(self) -> None:
        if self.milestone is not None and self.milestone.seq != self.seq:
            raise ValueError("the milestone of an event must have the event's seq")

    @property
    def version(self) -> Cursor:
        """The version of `state`."""
        return Cursor(self.epoch, self.seq)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything about an order at one version. It closes every gap up to its seq.

    Attributes:
        history: The newest milestones, oldest first.
        history_from: The seq from which `history` is complete.
    """

    order_id: OrderId
    epoch: Epoch
    seq: Annotated[int, Ge(0), Le(MAX_NUMBER)]
    order: Order
    state: OrderState
    history: Annotated[tuple[Milestone, ...], MaxLen(500)]
    history_from: Annotated[int, Ge(0), Le(MAX_NUMBER)]
    type: Literal["snapshot"] = "snapshot"

    def __post_init__(self) -> None:
        if self.order.id != self.order_id:
            raise ValueError("the order of a snapshot must have the snapshot's orderId")
        if any(milestone.seq > self.seq for milestone in self.history):
            raise ValueError("the history of a snapshot must end at its seq")

    @property
    def version(self) -> Cursor:
        """The version of `state` and of `order`."""
        return Cursor(self.epoch, self.seq)
