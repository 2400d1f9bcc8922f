"""What a fault of the proxy is: which connections it may strike, and what it may do to one."""

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
    """What the first request asks for."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    SSE = "sse"
    OTHER = "other"


class Direction(StrEnum):
    """Which of the two ways of a connection."""

    UP = "up"
    """From the client to the server."""
    DOWN = "down"
    BOTH = "both"

    def covers(self, direction: Direction) -> bool:
        """Whether `direction`, up or down, is meant."""
        return self in (direction, Direction.BOTH)


class Ending(StrEnum):
    """How a connection ends, as both sides see it."""

    FIN = "fin"
    RST = "rst"


class ConnectionEnded(Exception):
    """The connection is to end now, in this way."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class ConnectionTarget(Protocol):
    """A connection through the proxy, as a fault sees it."""

    def record(self, fault: TcpFault, effect: str, detail: str = "") -> None:
        """Write down what was done."""

    def schedule(self, seconds: float, fault: TcpFault, action: Callable[[], None]) -> None:
        """Do `action` in so many seconds, unless `fault` has been healed by then; 0 is at once."""

    def silence(self, fault: TcpFault, *, drop_upstream: bool) -> None:
        """Let nothing through any more; what either side sends is swallowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpFault(SteadyFault, ABC):
    """A fault of connections; `probability` and `count` are drawn and counted by connection.

    Attributes:
        match: Which connections it may strike, by their first request.
        effect_name: What the record says when it strikes; empty if the fault tells later what it has done.
        new_only: Whether it leaves alone what is open when it is injected.
    """

    level = FaultLevel.TCP
    effect_name: ClassVar[str] = ""
    new_only: ClassVar[bool] = False

    match: ConnectionMatch = MATCH_ALL

    def start(self, wire: ConnectionTarget) -> None:
        """It has struck this connection.

        Raises:
            Ended: The connection is to end.
        """

    def delay(self, direction: Direction, rng: Random) -> float:
        """Seconds by which what arrives now is passed on later."""
        return 0.0

    def max_piece(self, direction: Direction) -> int | None:
        """The most bytes to be passed on at once."""
        return None

    def pause(self, direction: Direction, size: int) -> float:
        """Seconds to wait after so many bytes."""
        return 0.0

    def byte_limit(self, direction: Direction) -> int | None:
        """Bytes after which the connection ends; None for no limit."""
        return None

    def on_limit(self, wire: ConnectionTarget) -> None:
        """The allowance is used up.

        Raises:
            Ended: Always.
        """
        raise ConnectionEnded(Ending.FIN)

    def close_delay(self, direction: Direction) -> float:
        """Seconds by which the end of a side is passed on later."""
        return 0.0
