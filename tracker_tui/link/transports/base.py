"""How messages travel: every transport has the one shape that is defined here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import ClientMessage, ServerMessage

Resume: TypeAlias = Callable[[Iterable[str]], dict[str, Cursor | None]]
"""Gives, for those of the named orders that are still wanted, the cursor up to which everything of it is held.

To be called right before each request that bears the cursors: what it gave counts as asked for (PROTOCOL §7, resume).
"""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What a stream is opened for.

    Attributes:
        orders: Their ids, in the order in which they were given.
        resume: Where to resume each of them.
        token: What proves who asks; None where nothing does.
    """

    orders: tuple[str, ...]
    resume: Resume
    token: Token | None = None


class ReceivedMessage(NamedTuple):
    """A message as a stream delivers it.

    Attributes:
        message: The message.
        orders: The orders that the part of the stream was asked for on which it came; None for all of the stream's.
    """

    message: ServerMessage
    orders: Collection[str] | None = None


class Connection(Protocol):
    """An open stream.

    Attributes:
        tally: What had to be ignored on it.
        violations: How many messages were none of the protocol's, and skipped.
    """

    tally: IgnoredCounts
    violations: int

    @property
    def heard_at(self) -> float:
        """When the last byte of any kind arrived, in seconds on the loop's clock."""

    @property
    def rtt(self) -> float | None:
        """Seconds that the last ping took; None where none was answered."""

    def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield what arrives; hello is first, and a stream of several parts yields it once all of them have it.

        Raises:
            LinkError: The stream ended; how else it could not.
        """

    async def send(self, message: ClientMessage) -> None:
        """Send a message; one that a dying stream can't take any more is dropped, as `messages` tells of the end.

        On a transport that is not `duplex` nothing can be sent, and nothing is.
        """

    async def ping(self) -> None:
        """Ask for a sign of life and wait for it, or for the end of the stream; only where it is `duplex`."""

    async def close(self) -> None:
        """Close with 1000, and abort after a second."""

    def abort(self) -> None:
        """Drop the stream at once."""


class Transport(Protocol):
    """A way to open streams to one server.

    Attributes:
        name: What `--transport` calls it.
        duplex: Whether the client can speak on an open stream: subscribe, authenticate, ping.
        resubscribes: Whether an order can be subscribed again on an open stream; where it can't, a repair gets the
            snapshot at once (PROTOCOL §7).
    """

    name: str
    duplex: bool
    resubscribes: bool

    async def connect(self, ask: StreamRequest) -> Connection:
        """Open a stream. It has no time limits of its own: whoever waits for it judges its silence.

        Raises:
            LinkError: It could not be opened.
        """
