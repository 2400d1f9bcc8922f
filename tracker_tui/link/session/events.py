"""Events that a session is stepped with, and the actions that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.wire.messages import ServerMessage


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Connection `connection_id` delivered `message`.

    Attributes:
        resume: The resume cursor of the order that the message names, after the view has joined the message.
    """

    connection_id: int
    at: float
    message: ServerMessage
    resume: Cursor | None = None


@dataclass(frozen=True, slots=True)
class OrderAdvanced:
    """An order's view is gap-free up to `resume`, whatever delivered the messages."""

    order_id: str
    at: float
    resume: Cursor | None


@dataclass(frozen=True, slots=True)
class OrdersAdded:
    """Orders were added to the watched ones."""

    order_ids: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class OrderRemoved:
    """An order is no longer watched: it was permanently refused, or it has ended and was removed."""

    order_id: str
    at: float


@dataclass(frozen=True, slots=True)
class OrdersServable:
    """A snapshot of an order was fetched that the active stream refuses: another stream would serve the order."""

    at: float


@dataclass(frozen=True, slots=True)
class BytesReceived:
    """Connection `connection_id` received bytes that are not a message, such as a pong."""

    connection_id: int
    at: float


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """Connection `connection_id` ended or could not be opened.

    Attributes:
        draw: Random number for jitter, uniform in [0, 1).
    """

    connection_id: int
    at: float
    error: LinkError
    draw: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed.

    Attributes:
        heard_at: When the last byte of the active connection arrived.
        candidate_heard_at: When the last byte of the candidate arrived.
    """

    at: float
    heard_at: float
    draw: float
    candidate_heard_at: float = 0.0


@dataclass(frozen=True, slots=True)
class GatewayProbed:
    """The GET after the failure of connection `connection_id` is over.

    Attributes:
        answered: Whether the gateway itself answered it.
    """

    connection_id: int
    at: float
    answered: bool


@dataclass(frozen=True, slots=True)
class ListRead:
    """The list of orders was read; its new orders were added before this event."""

    at: float


@dataclass(frozen=True, slots=True)
class ListFailed:
    """The list of orders could not be read."""

    at: float
    error: LinkError


@dataclass(frozen=True, slots=True)
class TokenFetched:
    """A fetch of a token is over.

    Attributes:
        fetch: Number of the fetch.
        token: Number of the newest token.
        error: Why there is no token, for display; None on success.
        draw: Random number for jitter, uniform in [0, 1).
    """

    fetch: int
    at: float
    token: int
    error: str | None = None
    draw: float = 0.0


@dataclass(frozen=True, slots=True)
class RequestUnauthorized:
    """The gateway refused a request because of token number `token`."""

    token: int
    at: float
    error: Refused


@dataclass(frozen=True, slots=True)
class TokenNeeded:
    """A request of the user waits for a token."""

    at: float


@dataclass(frozen=True, slots=True)
class CredentialsChanged:
    """The source of tokens has changed."""

    at: float


@dataclass(frozen=True, slots=True)
class WokeUp:
    """The machine or the process was asleep; the data that was buffered meanwhile has been read."""

    at: float


@dataclass(frozen=True, slots=True)
class ReconnectRequested:
    """The user asked to reconnect now."""

    at: float


@dataclass(frozen=True, slots=True)
class AllOrdersEnded:
    """Every watched order has an outcome and is complete, or there is no order left."""

    at: float


@dataclass(frozen=True, slots=True)
class AllOrdersRefused:
    """The gateway refused every order."""

    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class CloseRequested:
    """The feed is being closed."""


Event: TypeAlias = (
    MessageReceived
    | OrderAdvanced
    | OrdersAdded
    | OrderRemoved
    | OrdersServable
    | BytesReceived
    | ConnectionEnded
    | Tick
    | GatewayProbed
    | ListRead
    | ListFailed
    | TokenFetched
    | RequestUnauthorized
    | TokenNeeded
    | CredentialsChanged
    | WokeUp
    | ReconnectRequested
    | AllOrdersEnded
    | AllOrdersRefused
    | CloseRequested
)


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Open connection `connection_id` over `transport`, with token number `token` unless that is 0."""

    connection_id: int
    transport: str
    token: int


@dataclass(frozen=True, slots=True)
class SubscribeAll:
    """Subscribe every watched order on `connection_id`, from its resume cursor."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class SubscribeSome:
    """Subscribe these orders on `connection_id`, which is an open duplex stream."""

    connection_id: int
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Close `connection_id` with 1000."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class AbortStream:
    """Drop `connection_id` without a close handshake."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Ping `connection_id`."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class FetchAll:
    """Fetch the snapshot of every watched order."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """Read the list of orders now, or as soon as the server allows."""


@dataclass(frozen=True, slots=True)
class ProbeGateway:
    """Send a GET to see whether the gateway itself answers, after connection `connection_id` has failed."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class FetchToken:
    """Fetch a token; `fetch` is the number of the fetch."""

    fetch: int


@dataclass(frozen=True, slots=True)
class PresentToken:
    """Present token number `token` on `connection_id`."""

    connection_id: int
    token: int


Action: TypeAlias = (
    OpenStream
    | SubscribeAll
    | SubscribeSome
    | CloseStream
    | AbortStream
    | Ping
    | FetchAll
    | ReadList
    | ProbeGateway
    | FetchToken
    | PresentToken
)
