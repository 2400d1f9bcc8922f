"""Messages from screens and widgets to the app."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class StateChanged(Message):
    """Something visible changed; one repaint serves any number of these messages."""

    def can_replace(self, message: Message) -> bool:
        """Merge waiting messages of this kind into one."""
        return isinstance(message, StateChanged)


@dataclass
class OrderChosen(Message):
    """The user opened an order of the board.

    Attributes:
        order_id: The order.
        order_ids: All orders as the board listed them then.
    """

    order_id: str
    order_ids: tuple[str, ...] = ()


@dataclass
class NoticePosted(Message):
    """A screen has a line for the header, safe to show.

    Attributes:
        text: The line.
        seconds: Seconds for which it is shown.
    """

    text: str
    seconds: float


@dataclass
class OrderShown(Message):
    """An order is on the screen, chosen on the board or by walking its list."""

    order_id: str


@dataclass
class SuggestionTaken(Message):
    """The user meant another order than the one that the server refused."""

    refused: str
    order_id: str
