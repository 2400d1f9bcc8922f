"""Every message of order-stream v1, as a frozen dataclass (PROTOCOL §4)."""

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
    """How a server answers a subscription: the missing events, or everything at once."""

    REPLAY = "replay"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Hello:
    """First on every stream; a transport is usable from here on."""

    protocol: int
    server_time: Time
    token_expires_at: Time | None
    node: str
    heartbeat_seconds: Annotated[float, Field(ge=1, le=30)] = 5
    type: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The answer for one order; `from_` is the anchor that a replay really starts after."""

    order_id: OrderId
    mode: Mode
    from_: CursorText | None
    head: CursorText
    type: Literal["subscribed"] = "subscribed"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life with the head version of every subscribed order."""

    server_time: Time
    heads: dict[OrderId, CursorText]
    type: Literal["heartbeat"] = "heartbeat"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal: of one order where `order_id` is given, else of the stream, which closes next (PROTOCOL §8)."""

    code: str
    detail: str
    order_id: OrderId | None = None
    retry_after_seconds: Seconds | None = None
    type: Literal["problem"] = "problem"


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The answer to `Authenticate`; with `error` set, the old expiry stands."""

    token_expires_at: Time | None = None
    error: str | None = None
    type: Literal["authenticated"] = "authenticated"


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The server drains or restarts and closes within a second."""

    reason: str
    retry_after_seconds: Seconds | None = None
    type: Literal["goodbye"] = "goodbye"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message of a type that this version doesn't know; ignored, but it counts as a sign of life."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Watch these orders from these cursors; None asks for a snapshot."""

    orders: dict[OrderId, CursorText | None]
    type: Literal["subscribe"] = "subscribe"


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Watch these orders no longer."""

    orders: tuple[OrderId, ...]
    type: Literal["unsubscribe"] = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Authenticate:
    """A fresh token for the running stream."""

    token: str
    type: Literal["authenticate"] = "authenticate"

    def __repr__(self) -> str:
        return "Authenticate(token=…)"


Message = Hello | Subscribed | Snapshot | Event | Heartbeat | Problem | Authenticated | Goodbye
"""What a server sends, as far as this version knows it."""

ServerMessage = Message | Unknown
"""What decoding a server's message can give."""

ClientMessage = Subscribe | Unsubscribe | Authenticate
"""What a client sends (WebSocket only)."""
