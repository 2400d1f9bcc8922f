"""Interfaces that the screens depend on: a feed of orders and, in a demo, the server's faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracker_tui.link.changes import Change


class Refusal(Protocol):
    """Why the server refused an order: a code and the server's words (PROTOCOL §8)."""

    @property
    def code(self) -> str:
        """The protocol's code."""

    @property
    def detail(self) -> str:
        """The server's words; not sanitized."""


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


class ChangeObserver(Protocol):
    """Follows the changes of the feed, as the commands of ``--on`` do."""

    def on_change(self, change: Change, now: datetime) -> None:
        """Handle a change, at the wall time `now`."""

    def tick(self, now: datetime) -> None:
        """Handle what happens by time alone; called once a second."""

    def forget(self, order_id: str) -> None:
        """Drop an order that the user removed."""


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
