"""What the screens need from outside: a feed of orders and, in a demo, a hand on the server's faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, Counters, Coverage, LinkState, Standing


class Refusal(Protocol):
    """Why the gateway refused an order: a code of PROTOCOL §8 and its own words."""

    @property
    def code(self) -> str:
        """The protocol's code."""

    @property
    def detail(self) -> str:
        """What the gateway says of it; text from outside."""


class Feed(Protocol):
    """A running feed, as `link.feed.OrderFeed` is one; entering it connects, leaving it closes within 2 s."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order."""

    @property
    def link(self) -> LinkState:
        """The connection."""

    @property
    def counters(self) -> Counters:
        """What the link went through."""

    @property
    def listed(self) -> bool:
        """Whether the gateway's list of orders was read; never where none is."""

    @property
    def coverage(self) -> Coverage:
        """How many orders are watched, of how many that are to be."""

    @property
    def refused(self) -> Mapping[str, Refusal]:
        """The orders that the gateway refused for good."""

    @property
    def heard_at(self) -> float | None:
        """When the last byte arrived, in seconds on the feed's clock."""

    @property
    def rtt(self) -> float | None:
        """Seconds that the last ping took."""

    def standing(self, order_id: str) -> Standing:
        """What the view of an order is worth."""

    def pending_commands(self, order_id: str) -> PendingCommands:
        """What was asked of an order here, and what is known to have come of it."""

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Ask something of an order.

        Raises:
            Ended: Nothing can be asked of it any more.
        """

    def reconnect(self) -> None:
        """Open a new connection now."""

    def wake(self) -> None:
        """Doubt the connection now: the process slept, or the user was away."""

    async def __aenter__(self) -> object:
        """Start connecting."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Close."""

    def __aiter__(self) -> AsyncIterator[Change]:
        """Yield what changes, until the link is final."""


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """A fault of the demo's catalogue.

    Attributes:
        name: What it is called.
        level: Where it bites: message, connection, network, server.
        summary: What it does.
        advice: What a client should do about it.
        rate: How often it strikes unless told otherwise, 0 to 1; None where it strikes once, when it is injected.
    """

    name: str
    level: str
    summary: str
    advice: str
    rate: float | None = None


class Demo(Protocol):
    """The mock server of ``--demo``, as far as the screens reach it."""

    @property
    def url(self) -> str:
        """Where it listens."""

    @property
    def catalogue(self) -> Sequence[FaultEntry]:
        """Every fault that there is."""

    @property
    def armed(self) -> Sequence[str]:
        """The steady faults that are at work, as they would be injected."""

    @property
    def sent(self) -> int:
        """Events sent so far, before any fault struck them."""

    def inject(self, spec: str) -> None:
        """Inject a fault, written ``NAME[:key=value,…]``.

        Raises:
            ValueError: The server has no such fault or parameter; one line says which.
        """

    def disarm(self, name: str) -> None:
        """Take the steady faults of this name back."""

    def heal(self) -> None:
        """Take every fault back."""

    def on_record(self, tell: Callable[[datetime, str], None]) -> None:
        """Have every later line of the server's fault record told, with its wall time."""
