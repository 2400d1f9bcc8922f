"""How messages travel: every transport has the one shape that is defined here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from tracker_tui.wire import ClientMessage, ServerMessage, Tally


class Connection(Protocol):
    """An open stream.

    Attributes:
        tally: What had to be ignored on it.
        violations: How many messages were none of the protocol's, and skipped.
    """

    tally: Tally
    violations: int

    @property
    def heard_at(self) -> float:
        """When the last byte of any kind arrived, in seconds on the loop's clock."""

    @property
    def rtt(self) -> float | None:
        """Seconds that the last ping took; None where none was answered."""

    def messages(self) -> AsyncIterator[ServerMessage]:
        """Yield what arrives.

        Raises:
            LinkError: The stream ended; how else it could not.
        """

    async def send(self, message: ClientMessage) -> None:
        """Send a message; one that a dying stream can't take any more is dropped, as `messages` tells of the end."""

    async def ping(self) -> None:
        """Ask for a sign of life and wait for it, or for the end of the stream."""

    async def close(self) -> None:
        """Close with 1000, and abort after a second."""

    def abort(self) -> None:
        """Drop the stream at once."""


class Transport(Protocol):
    """A way to open streams to one server.

    Attributes:
        name: What `--transport` and the badge call it.
    """

    name: str

    async def connect(self) -> Connection:
        """Open a stream.

        Raises:
            LinkError: It could not be opened.
        """
