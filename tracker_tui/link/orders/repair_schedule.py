"""Takes the repair steps of all orders when they are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tracker_tui.link.orders import repair
from tracker_tui.link.orders.repair import Remedy, Repair

REPAIR_PAUSE = 0.05
"""Minimum seconds between two subscriptions for repairs: orders that are due in between share one frame, because a
server accepts at most 50 frames a second (PROTOCOL §4)."""


class RepairStep(NamedTuple):
    """The result of looking at one order that is due.

    Attributes:
        order_id: The order.
        repair: Its repair after the step.
        remedy: The request to send; None if there is none.
        became_out_of_sync: Whether the order counts as out of sync from this step on.
    """

    order_id: str
    repair: Repair
    remedy: Remedy | None
    became_out_of_sync: bool


class RepairSchedule:
    """The earliest deadline of all repairs."""

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._subscribed_at = float("-inf")

    @property
    def deadline(self) -> float | None:
        """When the first repair may be due, in seconds on the clock: never too late, sometimes too early."""
        return None if self._deadline is None else max(self._deadline, self._subscribed_at + REPAIR_PAUSE)

    def add(self, state: Repair) -> None:
        """Take the deadline of a repair into account."""
        if (due := state.deadline) is not None and (self._deadline is None or due < self._deadline):
            self._deadline = due

    def take_due(
        self,
        repairs: Mapping[str, Repair],
        at: float,
        draw: Callable[[], float],
        *,
        progress_at: float,
        resubscribes: bool,
    ) -> list[RepairStep]:
        """Take the steps that are due.

        Args:
            repairs: The repair of each order.
            at: Now.
            draw: Returns a number, uniform in [0, 1).
            progress_at: As in `repair.take_step`.
            resubscribes: As in `repair.take_step`.

        Returns:
            The steps, one for each order that was due.
        """
        steps: list[RepairStep] = []
        if (deadline := self.deadline) is None or at < deadline:
            return steps
        self._deadline = None
        for order_id, before in repairs.items():
            after, remedy = before, None
            if before.deadline is not None and before.deadline <= at:
                after, remedy = repair.take_step(before, at, draw(), progress_at=progress_at, resubscribes=resubscribes)
                became_out_of_sync = after.reconciling and not before.reconciling
                steps.append(RepairStep(order_id, after, remedy, became_out_of_sync))
            self.add(after)
            if remedy in {Remedy.SUBSCRIBE, Remedy.BOTH}:
                self._subscribed_at = at
        return steps
