"""The events of the orders that the session does not know yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.session import events


@dataclass(slots=True)
class UnreportedEvents:
    """Collects what messages change for the session, until it is reported.

    Attributes:
        advanced: The orders whose resume cursor moved, and the cursors.
        refused: The orders that were refused permanently.
        serves_again: Whether a snapshot shows that the server would serve a refused order again.
    """

    advanced: dict[str, Cursor | None] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    serves_again: bool = False

    def remove(self, order_id: str) -> None:
        """Drop an order that is no longer watched."""
        self.advanced.pop(order_id, None)
        self.refused = [refused for refused in self.refused if refused != order_id]

    def take(self, at: float, *, resubscribes: bool) -> list[events.Event]:
        """Return the events since the last call.

        Args:
            at: Now.
            resubscribes: Whether the current stream accepts another subscription of an order, so that it needs no other
                stream.
        """
        found: list[events.Event] = [
            events.OrderAdvanced(order_id, at, resume) for order_id, resume in self.advanced.items()
        ]
        found += [events.OrderRemoved(order_id, at) for order_id in self.refused]
        if self.serves_again and not resubscribes:
            found.append(events.OrdersServable(at))
        self.advanced, self.refused, self.serves_again = {}, [], False
        return found
