"""Every fault of the proxy, one class each: what it does to a connection, whatever the protocol on it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated

from annotated_types import Interval

from mock_server.faults.base import Fault, FaultLevel
from mock_server.faults.parameters import Count, HourSeconds, Lifetime, Seconds
from mock_server.faults.tcp_base import ConnectionEnded, ConnectionTarget, Direction, Ending, TcpFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(TcpFault):
    """Passes everything on `seconds` later, give or take `jitter`, in order."""

    name, effect_name = "latency", "delayed"
    advice = "show what has arrived with its age, and take lateness for no loss"
    seconds: HourSeconds = 0.2
    jitter: HourSeconds = 0.0
    direction: Direction = Direction.BOTH

    def delay(self, direction: Direction, rng: Random) -> float:
        """Draw it."""
        if not self.direction.covers(direction):
            return 0.0
        return max(0.0, self.seconds + rng.uniform(-self.jitter, self.jitter))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth(TcpFault):
    """Lets so many bytes a second through."""

    name, effect_name = "bandwidth", "throttled"
    advice = "read on, and count any byte as a sign of life"
    rate: Annotated[int, Interval(ge=1, le=10**9)] = 4096
    direction: Direction = Direction.BOTH

    def max_piece(self, direction: Direction) -> int | None:
        """A tenth of a second's worth."""
        return max(1, self.rate // 10) if self.direction.covers(direction) else None

    def pause(self, direction: Direction, size: int) -> float:
        """What they take."""
        return size / self.rate if self.direction.covers(direction) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slicer(TcpFault):
    """Cuts what it passes on into pieces of `size` bytes, with a pause after each."""

    name, effect_name = "slicer", "sliced"
    advice = "put messages together from whatever pieces they arrive in"
    size: Annotated[int, Interval(ge=1, le=65536)] = 16
    seconds: Annotated[float, Interval(ge=0, le=60)] = 0.001
    direction: Direction = Direction.BOTH

    def max_piece(self, direction: Direction) -> int | None:
        """As asked."""
        return self.size if self.direction.covers(direction) else None

    def pause(self, direction: Direction, size: int) -> float:
        """As asked."""
        return self.seconds if self.direction.covers(direction) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitData(TcpFault):
    """Closes the connection after `size` bytes in one direction."""

    name = "limit-data"
    advice = "reconnect and resume from the cursor"
    size: Annotated[int, Interval(ge=0, le=10**12)] = 16384
    direction: Direction = Direction.BOTH

    def byte_limit(self, direction: Direction) -> int | None:
        """As asked."""
        return self.size if self.direction.covers(direction) else None

    def on_limit(self, connection: ConnectionTarget) -> None:
        """Close it."""
        connection.record(self, "closed", f"after {self.size} bytes")
        raise ConnectionEnded(Ending.FIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(TcpFault):
    """Ends the connection exactly after byte `at` of the answer, `count` times."""

    name = "cut"
    advice = "discard the half message, reconnect and resume from the cursor"
    at: Annotated[int, Interval(ge=0, le=10**12)] = 1000
    how: Ending = Ending.RST
    count: Count | None = 1

    def byte_limit(self, direction: Direction) -> int | None:
        """Of the answer."""
        return self.at if direction is Direction.DOWN else None

    def on_limit(self, connection: ConnectionTarget) -> None:
        """Cut it."""
        connection.record(self, "cut", f"at byte {self.at}, {self.how}")
        raise ConnectionEnded(self.how)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPeer(TcpFault):
    """Resets the connection `seconds` after it was opened, or after the injection."""

    name = "reset-peer"
    advice = "reconnect after a short random wait and resume from the cursor"
    seconds: Seconds = 0.0

    def start(self, connection: ConnectionTarget) -> None:
        """Wait for it."""

        def act() -> None:
            connection.record(self, "reset")
            raise ConnectionEnded(Ending.RST)

        connection.schedule(self.seconds, self, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(TcpFault):
    """Drops the server's side after `seconds`; the client's stays open, is told nothing, and can send on."""

    name = "half-open"
    advice = "notice the silence after two heartbeats and 2 s, abort, reconnect"
    seconds: Seconds = 0.0

    def start(self, connection: ConnectionTarget) -> None:
        """Wait for it."""

        def act() -> None:
            connection.record(self, "half open")
            connection.silence(self, drop_upstream=True)

        connection.schedule(self.seconds, self, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout(TcpFault):
    """Accepts and says nothing, swallows everything, and closes after `seconds` or never."""

    name, effect_name = "timeout", "silent"
    advice = "give up by a timer of its own, abort, and reconnect"
    seconds: Seconds | None = None

    def start(self, connection: ConnectionTarget) -> None:
        """Fall silent, on what is open too."""

        def act() -> None:
            connection.record(self, "closed")
            raise ConnectionEnded(Ending.FIN)

        connection.silence(self, drop_upstream=False)
        if self.seconds is not None:
            connection.schedule(self.seconds, self, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClose(TcpFault):
    """Passes the end of either side on `seconds` later."""

    name, effect_name = "slow-close", "will close late"
    advice = "wait for no close handshake: abort after a second or two"
    seconds: Seconds = 5.0

    def close_delay(self, direction: Direction) -> float:
        """As asked."""
        return self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnection(TcpFault):
    """Resets new connections before a byte of theirs has gone on."""

    name, effect_name, new_only = "refuse", "refused", True
    advice = "keep the last state with its age, and retry with growing, random waits"

    def start(self, connection: ConnectionTarget) -> None:
        """Reset it."""
        raise ConnectionEnded(Ending.RST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Down(Fault):
    """Listens no more and resets what is open, until `for` is over, `up`, or a healing; `keep` spares what is open."""

    name, level = "down", FaultLevel.TCP
    advice = "keep the last state with its age, and retry with growing, random waits"
    for_: Lifetime | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Up(Fault):
    """Ends a `down`."""

    name, level = "up", FaultLevel.TCP
    advice = "be connected again seconds"


_KINDS: tuple[type[Fault], ...] = (
    Latency,
    Bandwidth,
    Slicer,
    LimitData,
    Cut,
    ResetPeer,
    HalfOpen,
    Timeout,
    SlowClose,
    RefuseConnection,
    Down,
    Up,
)

TCP_FAULTS: dict[str, type[Fault]] = {kind.name: kind for kind in _KINDS}
"""The proxy's catalogue, by name, in the order in which it is shown."""
