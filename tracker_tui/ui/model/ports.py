"""Interfaces that the screens depend on: a feed of orders and, in a demo, the server's faults."""

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
    """Why the server refused an order: a code and the server's words (PROTOCOL §8)."""

    @property
    def code(self) -> str:
        """The protocol's code."""

    @property
    def detail(self) -> str:
        """The server's words; not sanitized."""


class Feed(Protocol):
    """A feed such as `link.feed.OrderFeed`. Entering it connects; leaving it closes within 2 s."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order."""

    @property
    def link(self) -> LinkState:
        """The state of the connection."""

    @property
    def counters(self) -> Counters:
        """Counters since the start."""

    @property
    def listed(self) -> bool:
        """Whether the server's list of orders has been read; always False where no list is read."""

    @property
    def coverage(self) -> Coverage:
        """How many orders are watched, of how many that are to be."""

    @property
    def refused(self) -> Mapping[str, Refusal]:
        """The orders that the server refused."""

    @property
    def heard_at(self) -> float | None:
        """When the last byte arrived, in seconds on the feed's clock."""

    @property
    def rtt(self) -> float | None:
        """Seconds of the last ping; None before the first."""

    def standing(self, order_id: str) -> Standing:
        """Return the standing of an order's view."""

    def pending_commands(self, order_id: str) -> PendingCommands:
        """Return an order's pending commands, oldest first."""

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Send a command for an order; return its id.

        Raises:
            Ended: The feed no longer sends commands for this order.
        """

    def reconnect(self) -> None:
        """Open a new connection now."""

    def wake(self) -> None:
        """Check the connection now, after the process slept or the user was away."""

    async def __aenter__(self) -> object:
        """Start connecting."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Close the connection."""

    def __aiter__(self) -> AsyncIterator[Change]:
        """Yield the changes until the link is final."""


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """A fault of the demo's catalogue.

    Attributes:
        name: Its name.
        level: What it affects: message, connection, network, server.
        summary: Its effect.
        advice: What a client should do about it.
        rate: Default probability, 0 to 1; None for a fault that acts once, when it is injected.
    """

    name: str
    level: str
    summary: str
    advice: str
    rate: float | None = None


class Demo(Protocol):
    """The mock server of ``--demo``, as far as the screens need it."""

    @property
    def url(self) -> str:
        """The server's base URL."""

    @property
    def catalogue(self) -> Sequence[FaultEntry]:
        """All faults."""

    @property
    def armed(self) -> Sequence[str]:
        """The armed steady faults, written ``NAME[:key=value,…]``."""

    @property
    def sent(self) -> int:
        """Number of events sent so far, before faults."""

    def inject(self, spec: str) -> None:
        """Inject a fault, written ``NAME[:key=value,…]``.

        Raises:
            ValueError: There is no such fault or parameter; the message is one line.
        """

    def disarm(self, name: str) -> None:
        """Disarm the steady faults of this name."""

    def heal(self) -> None:
        """Disarm all faults."""

    def on_record(self, tell: Callable[[datetime, str], None]) -> None:
        """Call `tell` with the wall time and the text of each later line of the server's fault record."""
