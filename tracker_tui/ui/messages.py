"""What travels up to the app."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class StateChanged(Message):
    """Something that is on show has changed; one repaint serves any number of these."""

    def can_replace(self, message: Message) -> bool:
        """Collapse into one whatever is waiting."""
        return isinstance(message, StateChanged)


@dataclass
class OrderChosen(Message):
    """An order of the board is to be opened."""

    order_id: str
