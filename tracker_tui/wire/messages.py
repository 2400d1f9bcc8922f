"""The messages of order-stream v1, as frozen dataclasses (PROTOCOL §4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import OrderId, Time

SUBPROTOCOL = "order-stream.v1"
"""The WebSocket subprotocol (PROTOCOL §5)."""


def _read_cursor(text: object) -> Cursor:
    if isinstance(text, Cursor):
        return text
    return Cursor.parse(text if isinstance(text, str) else "")


CursorText = Annotated[Cursor, PlainValidator(_read_cursor)]
Seconds = Annotated[float, Field(ge=0)]


class Mode(StrEnum):
    """Answer to a subscription: the missing events, or a snapshot."""

    REPLAY = "replay"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message on every stream; it shows that the transport works."""

    protocol: int
    server_time: Time
    token_expires_at: Time | None
    node: str
    heartbeat_seconds: Annotated[float, Field(ge=1, le=30)] = 5
    type: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The answer to a subscription, for one order; a replay starts after `from_`."""

    order_id: OrderId
    mode: Mode
    from_: CursorText | None
    head: CursorText
    type: Literal["subscribed"] = "subscribed"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A regular message with the newest version of every subscribed order."""

    server_time: Time
    heads: dict[OrderId, CursorText]
    type: Literal["heartbeat"] = "heartbeat"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal of one order, or without `order_id` of the stream, which then closes (PROTOCOL §8)."""

    code: str
    detail: str
    order_id: OrderId | None = None
    retry_after_seconds: Seconds | None = None
    type: Literal["problem"] = "problem"


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The answer to `Authenticate`; with an error, the previous expiry stays valid."""

    token_expires_at: Time | None = None
    error: str | None = None
    type: Literal["authenticated"] = "authenticated"


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Notice that the server shuts down or restarts, and closes within a second."""

    reason: str
    retry_after_seconds: Seconds | None = None
    type: Literal["goodbye"] = "goodbye"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message of an unknown type; ignored, but it shows that the connection is alive."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Request to watch orders from their cursors; None requests a snapshot."""

    orders: dict[OrderId, CursorText | None]
    type: Literal["subscribe"] = "subscribe"


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Request to stop watching orders."""

    orders: tuple[OrderId, ...]
    type: Literal["unsubscribe"] = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Authenticate:
    """A fresh token for the open stream."""

    token: str
    type: Literal["authenticate"] = "authenticate"

    def __repr__(self) -> str:
        return "Authenticate(token=…)"


Message = Hello | Subscribed | Snapshot | Event | Heartbeat | Problem | Authenticated | Goodbye
"""The known messages of a server."""

ServerMessage = Message | Unknown
"""The results of decoding a server's message."""

ClientMessage = Subscribe | Unsubscribe | Authenticate
"""The messages of a client (WebSocket only)."""
