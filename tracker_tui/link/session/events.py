"""What a session is told, and what it tells its shell to do."""

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
    """An order's view has everything up to `resume`, however it got there."""

    order_id: str
    at: float
    resume: Cursor | None


@dataclass(frozen=True, slots=True)
class OrdersAdded:
    """More orders are wanted."""

    order_ids: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class OrderRemoved:
    """An order is no longer wanted: it was refused for good, or it has ended and gave up its place."""

    order_id: str
    at: float


@dataclass(frozen=True, slots=True)
class OrdersServable:
    """The present stream does not serve an order that another one would: a snapshot of it could be got."""

    at: float


@dataclass(frozen=True, slots=True)
class BytesReceived:
    """Connection `connection_id` gave a sign of life that is no message."""

    connection_id: int
    at: float


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """Connection `connection_id` ended or could not be opened; `draw` is uniform in [0, 1)."""

    connection_id: int
    at: float
    error: LinkError
    draw: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; `heard_at` is when the last byte arrived, `candidate_heard_at` when the candidate's did."""

    at: float
    heard_at: float
    draw: float
    candidate_heard_at: float = 0.0


@dataclass(frozen=True, slots=True)
class GatewayProbed:
    """Whether the gateway itself answered a GET after connection `connection_id` had failed."""

    connection_id: int
    at: float
    answered: bool


@dataclass(frozen=True, slots=True)
class ListRead:
    """The list of orders was read, and the session was told which of them are wanted."""

    at: float


@dataclass(frozen=True, slots=True)
class ListFailed:
    """The list of orders could not be read."""

    at: float
    error: LinkError


@dataclass(frozen=True, slots=True)
class TokenFetched:
    """Look `fetch` for a token is over: the newest one has number `token`, or `error` says why there is none.

    `draw` is uniform in [0, 1).
    """

    fetch: int
    at: float
    token: int
    error: str | None = None
    draw: float = 0.0


@dataclass(frozen=True, slots=True)
class RequestUnauthorized:
    """The gateway refused a request beside the stream because of token number `token`."""

    token: int
    at: float
    error: Refused


@dataclass(frozen=True, slots=True)
class TokenNeeded:
    """A request of the user waits for a token."""

    at: float


@dataclass(frozen=True, slots=True)
class CredentialsChanged:
    """The source of tokens was seen to have changed."""

    at: float


@dataclass(frozen=True, slots=True)
class WokeUp:
    """The machine or the process had slept; what was buffered meanwhile has been read."""

    at: float


@dataclass(frozen=True, slots=True)
class ReconnectRequested:
    """The user asked to reconnect now."""

    at: float


@dataclass(frozen=True, slots=True)
class AllOrdersEnded:
    """Every order that is wanted has an outcome and is complete."""


@dataclass(frozen=True, slots=True)
class AllOrdersRefused:
    """No order is left that the gateway would serve."""

    reason: str


@dataclass(frozen=True, slots=True)
class CloseRequested:
    """The user leaves."""


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
    """Open connection `connection_id` over `transport`, presenting token number `token`, if that is not 0."""

    connection_id: int
    transport: str
    token: int


@dataclass(frozen=True, slots=True)
class SubscribeAll:
    """Subscribe every wanted order on `connection_id`, from its resume cursor."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class SubscribeSome:
    """Subscribe these orders on `connection_id`, which is open and can be spoken to."""

    connection_id: int
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Close `connection_id` with 1000."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class AbortStream:
    """Drop `connection_id` without waiting for a close handshake."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask `connection_id` for a sign of life."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class FetchAll:
    """Get the snapshot of every wanted order."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """Read the list of orders now, or as soon as the server allows."""


@dataclass(frozen=True, slots=True)
class ProbeGateway:
    """Find out whether the gateway itself answers a GET, now that connection `connection_id` has failed."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class FetchToken:
    """Look for a token; `fetch` is the number of this look."""

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
