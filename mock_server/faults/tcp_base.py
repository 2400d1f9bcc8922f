"""The base of the proxy's faults: the connections that they apply to, and their effects on one."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import ClassVar, Protocol

from mock_server.faults.base import FaultLevel, SteadyFault
from mock_server.faults.parameters import MATCH_ALL, ConnectionMatch


class RequestKind(StrEnum):
    """The kind of a connection's first request."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    SSE = "sse"
    OTHER = "other"


class Direction(StrEnum):
    """The direction of data on a connection."""

    UP = "up"
    """From the client to the server."""
    DOWN = "down"
    """From the server to the client."""
    BOTH = "both"

    def covers(self, direction: Direction) -> bool:
        """Return whether `direction`, up or down, is included."""
        return self in (direction, Direction.BOTH)


class Ending(StrEnum):
    """The way in which a connection ends."""

    FIN = "fin"
    RST = "rst"


class ConnectionEnded(Exception):
    """The connection must end now, in this way."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class ConnectionTarget(Protocol):
    """A connection through the proxy, as a fault uses it."""

    def record(self, fault: TcpFault, effect: str, detail: str = "") -> None:
        """Add a record about this connection to the fault log."""

    def schedule(self, seconds: float, fault: TcpFault, action: Callable[[], None]) -> None:
        """Call `action` in `seconds`, at once for 0, unless `fault` has been healed by then."""

    def silence(self, fault: TcpFault, *, drop_upstream: bool) -> None:
        """Forward nothing from now on; discard what either side sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpFault(SteadyFault, ABC):
    """A fault of connections; `probability` and `count` refer to connections.

    Attributes:
        match: The connections that it applies to, by their first request.
        effect_name: The effect to record when it is triggered; empty if the fault records its effect later.
        new_only: Whether it spares connections that are open when it is injected.
    """

    level = FaultLevel.TCP
    effect_name: ClassVar[str] = ""
    new_only: ClassVar[bool] = False

    match: ConnectionMatch = MATCH_ALL

    def start(self, wire: ConnectionTarget) -> None:
        """Start acting on a connection.

        Raises:
            ConnectionEnded: The connection must end.
        """

    def delay(self, direction: Direction, rng: Random) -> float:
        """Return the seconds by which data that arrives now is forwarded later."""
        return 0.0

    def max_piece(self, direction: Direction) -> int | None:
        """Return the most bytes to forward at once; None for no limit."""
        return None

    def pause(self, direction: Direction, size: int) -> float:
        """Return the seconds to wait after forwarding `size` bytes."""
        return 0.0

    def byte_limit(self, direction: Direction) -> int | None:
        """Return the bytes after which the connection ends; None for no limit."""
        return None

    def on_limit(self, wire: ConnectionTarget) -> None:
        """End the connection, since the limit is reached.

        Raises:
            ConnectionEnded: Always.
        """
        raise ConnectionEnded(Ending.FIN)

    def close_delay(self, direction: Direction) -> float:
        """Return the seconds by which the end of a side is forwarded later."""
        return 0.0
