"""Reports of the present state as one document, with the worst order first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_tui.domain.attention import Assessment, assess
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import OrderChanged
from tracker_tui.output.json_text import json_text
from tracker_tui.output.order_object import order_object

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock


@dataclass(frozen=True, slots=True)
class AssessedOrder:
    """An order with its state, and its assessment when it was read."""

    view: OrderView
    assessment: Assessment


Layout = Callable[[Sequence[AssessedOrder]], Iterable[str]]
"""Turns all orders into the lines of a document."""


class OrderDocument:
    """Collects orders and lays them out together.

    Args:
        layout: Turns the orders into lines.
        clock: The clock of the assessments.
    """

    def __init__(self, layout: Layout, clock: Clock) -> None:
        self._layout = layout
        self._clock = clock
        self._orders: list[AssessedOrder] = []

    def add(self, change: OrderChanged) -> tuple[str, ...]:
        """Add an order that was just read; no line can be written before all orders are known."""
        if change.view.state is not None:
            self._orders.append(AssessedOrder(change.view, assess(change.view, self._clock.wall())))
        return ()

    def lines(self) -> Iterable[str]:
        """Return the lines of the document; equal orders stay in the sequence in which they were added."""
        return self._layout(sorted(self._orders, key=lambda order: order.assessment.rank))


def json_array(orders: Sequence[AssessedOrder], encoding: str = "utf-8") -> Iterator[str]:
    """Yield a JSON array of the objects of orders, one object a line.

    Args:
        orders: The orders.
        encoding: The encoding of the output.
    """
    texts = [json_text(order_object(order.view, order.assessment), encoding) for order in orders]
    yield from ("[", *(f"{text}," for text in texts[:-1]), *texts[-1:], "]") if texts else ("[]",)
