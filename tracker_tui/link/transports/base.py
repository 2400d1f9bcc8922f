"""The interface of every transport and its connections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import ClientMessage, ServerMessage

Resume: TypeAlias = Callable[[Iterable[str]], dict[str, Cursor | None]]
"""Returns the resume cursors of those of the given orders that are still watched.

Call it right before each request that carries the cursors: they count as requested then (PROTOCOL §7).
"""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A request to open a stream.

    Attributes:
        orders: Ids of the orders, in the order in which they were given.
        resume: Returns their resume cursors.
        token: The token to present; None for none.
    """

    orders: tuple[str, ...]
    resume: Resume
    token: Token | None = None


class ReceivedMessage(NamedTuple):
    """A message as a stream delivers it.

    Attributes:
        message: The message.
        orders: The orders of the part of the stream on which it arrived; None for all orders.
    """

    message: ServerMessage
    orders: Collection[str] | None = None


class Connection(Protocol):
    """An open stream.

    Attributes:
        tally: Unknown message types and fields, which were ignored.
        violations: Messages that broke the protocol and were skipped.
    """

    tally: IgnoredCounts
    violations: int

    @property
    def heard_at(self) -> float:
        """When the last byte of any kind arrived, in seconds on the loop's clock."""

    @property
    def rtt(self) -> float | None:
        """Round-trip time of the last ping, in seconds; None without an answered ping."""

    def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the messages as they arrive, starting with hello.

        A stream of several parts yields one hello, after all of them have received theirs.

        Raises:
            LinkError: The stream ended; the iterator ends in no other way.
        """

    async def send(self, message: ClientMessage) -> None:
        """Send a message; drop it if the stream is closing, because `messages` then raises.

        On a transport that is not `duplex`, do nothing.
        """

    async def ping(self) -> None:
        """Send a ping and wait for its answer, or for the end of the stream; do nothing if it is not `duplex`."""

    async def close(self) -> None:
        """Close with code 1000; abort after a second."""

    def abort(self) -> None:
        """Drop the stream at once."""


class Transport(Protocol):
    """Opens streams to one server.

    Attributes:
        duplex: Whether the client can send on an open stream: subscribe, authenticate, ping.
        resubscribes: Whether an order can be subscribed again on an open stream; if not, a repair fetches the snapshot
            at once (PROTOCOL §7).
    """

    duplex: bool
    resubscribes: bool

    @property
    def name(self) -> str:
        """Its name, one of `TransportName`."""

    async def connect(self, request: StreamRequest) -> Connection:
        """Open a stream, without a timeout: the caller has one.

        Raises:
            LinkError: The stream could not be opened.
        """
