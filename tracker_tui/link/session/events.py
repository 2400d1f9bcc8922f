"""What a session is told, and what it tells its shell to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.wire.messages import ServerMessage


@dataclass(frozen=True, slots=True)
class Said:
    """Connection `conn` delivered `message`; `held` is the resume cursor of the order that it names, once joined."""

    conn: int
    at: float
    message: ServerMessage
    held: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """An order's view has everything up to `held`, however it got there."""

    order_id: str
    at: float
    held: Cursor | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """More orders are wanted."""

    order_ids: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """An order is no longer wanted: it was refused for good, or it has ended and gave up its place."""

    order_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Servable:
    """The present stream does not serve an order that another one would: a snapshot of it could be got."""

    at: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Connection `conn` gave a sign of life that is no message."""

    conn: int
    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """Connection `conn` ended or could not be opened; `draw` is uniform in [0, 1)."""

    conn: int
    at: float
    error: LinkError
    draw: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; `heard` is when the last byte arrived, `second` when the candidate's did."""

    at: float
    heard: float
    draw: float
    second: float = 0.0


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether the gateway itself answered a GET after connection `conn` had failed."""

    conn: int
    at: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of orders was read, and the session was told which of them are wanted."""

    at: float


@dataclass(frozen=True, slots=True)
class ListFailed:
    """The list of orders could not be read."""

    at: float
    error: LinkError


@dataclass(frozen=True, slots=True)
class Fetched:
    """Look `fetch` for a token is over: the newest one has number `token`, or `error` says why there is none.

    `draw` is uniform in [0, 1).
    """

    fetch: int
    at: float
    token: int
    error: str | None = None
    draw: float = 0.0


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway refused a request beside the stream because of token number `token`."""

    token: int
    at: float
    error: Refused


@dataclass(frozen=True, slots=True)
class Needed:
    """A request of the user waits for a token."""

    at: float


@dataclass(frozen=True, slots=True)
class Renewable:
    """The source of tokens was seen to have changed."""

    at: float


@dataclass(frozen=True, slots=True)
class Woke:
    """The machine or the process had slept; what was buffered meanwhile has been read."""

    at: float


@dataclass(frozen=True, slots=True)
class Pressed:
    """The user asked to reconnect now."""

    at: float


@dataclass(frozen=True, slots=True)
class AllEnded:
    """Every order that is wanted has an outcome and is complete."""


@dataclass(frozen=True, slots=True)
class AllRefused:
    """No order is left that the gateway would serve."""

    reason: str


@dataclass(frozen=True, slots=True)
class Quit:
    """The user leaves."""


Input: TypeAlias = (
    Said
    | Advanced
    | Wanted
    | Dropped
    | Servable
    | Heard
    | Ended
    | Tick
    | Verified
    | Listed
    | ListFailed
    | Fetched
    | Declined
    | Needed
    | Renewable
    | Woke
    | Pressed
    | AllEnded
    | AllRefused
    | Quit
)


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Open connection `conn` over `transport`, presenting token number `token`, if that is not 0."""

    conn: int
    transport: str
    token: int


@dataclass(frozen=True, slots=True)
class SubscribeAll:
    """Subscribe every wanted order on `conn`, from its resume cursor."""

    conn: int


@dataclass(frozen=True, slots=True)
class SubscribeSome:
    """Subscribe these orders on `conn`, which is open and can be spoken to."""

    conn: int
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Close `conn` with 1000."""

    conn: int


@dataclass(frozen=True, slots=True)
class AbortStream:
    """Drop `conn` without waiting for a close handshake."""

    conn: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask `conn` for a sign of life."""

    conn: int


@dataclass(frozen=True, slots=True)
class FetchAll:
    """Get the snapshot of every wanted order."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """Read the list of orders now, or as soon as the server allows."""


@dataclass(frozen=True, slots=True)
class Verify:
    """Find out whether the gateway itself answers a GET, now that connection `conn` has failed."""

    conn: int


@dataclass(frozen=True, slots=True)
class FetchToken:
    """Look for a token; `fetch` is the number of this look."""

    fetch: int


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Present token number `token` on `conn`."""

    conn: int
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
    | Verify
    | FetchToken
    | Authenticate
)
