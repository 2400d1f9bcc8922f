"""The faults of the proxy: their effects on a connection, whatever its protocol."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated

from annotated_types import Interval

from mock_server.faults.base import Fault, FaultLevel, count_of
from mock_server.faults.parameters import Count, HourSeconds, Lifetime, Seconds
from mock_server.faults.tcp_base import ConnectionEnded, ConnectionTarget, Direction, Ending, TcpFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(TcpFault):
    """Forwards everything `seconds` later, plus or minus `jitter`, in order."""

    name, effect_name = "latency", "delayed"
    advice = "show the age of its data, and not treat a late message as lost"
    seconds: HourSeconds = 0.2
    jitter: HourSeconds = 0.0
    direction: Direction = Direction.BOTH

    def delay(self, direction: Direction, rng: Random) -> float:
        """Draw the delay."""
        if not self.direction.covers(direction):
            return 0.0
        return max(0.0, self.seconds + rng.uniform(-self.jitter, self.jitter))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth(TcpFault):
    """Forwards at most `rate` bytes per second."""

    name, effect_name = "bandwidth", "throttled"
    advice = "continue to read, and treat every received byte as a sign of life"
    rate: Annotated[int, Interval(ge=1, le=10**9)] = 4096
    direction: Direction = Direction.BOTH

    def max_piece(self, direction: Direction) -> int | None:
        """Return the bytes of a tenth of a second."""
        return max(1, self.rate // 10) if self.direction.covers(direction) else None

    def pause(self, direction: Direction, size: int) -> float:
        """Return the seconds that these bytes take."""
        return size / self.rate if self.direction.covers(direction) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slicer(TcpFault):
    """Forwards data in pieces of `size` bytes, with a pause after each."""

    name, effect_name = "slicer", "sliced"
    advice = "assemble messages from pieces of any size"
    size: Annotated[int, Interval(ge=1, le=65536)] = 16
    seconds: Annotated[float, Interval(ge=0, le=60)] = 0.001
    direction: Direction = Direction.BOTH

    def max_piece(self, direction: Direction) -> int | None:
        """Return the size of a piece."""
        return self.size if self.direction.covers(direction) else None

    def pause(self, direction: Direction, size: int) -> float:
        """Return the pause after a piece."""
        return self.seconds if self.direction.covers(direction) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitData(TcpFault):
    """Closes the connection after `size` bytes in one direction."""

    name = "limit-data"
    advice = "reconnect and resume from the cursor"
    size: Annotated[int, Interval(ge=0, le=10**12)] = 16384
    direction: Direction = Direction.BOTH

    def byte_limit(self, direction: Direction) -> int | None:
        """Return the limit of this direction."""
        return self.size if self.direction.covers(direction) else None

    def on_limit(self, connection: ConnectionTarget) -> None:
        """Close the connection."""
        connection.record(self, "closed", f"after {count_of(self.size, 'byte')}")
        raise ConnectionEnded(Ending.FIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(TcpFault):
    """Ends the connection exactly after byte `at` of the response, `count` times."""

    name = "cut"
    advice = "discard the incomplete message, reconnect and resume from the cursor"
    at: Annotated[int, Interval(ge=0, le=10**12)] = 1000
    how: Ending = Ending.RST
    count: Count | None = 1

    def byte_limit(self, direction: Direction) -> int | None:
        """Return the limit of the response."""
        return self.at if direction is Direction.DOWN else None

    def on_limit(self, connection: ConnectionTarget) -> None:
        """End the connection."""
        connection.record(self, "cut", f"at byte {self.at}, {self.how}")
        raise ConnectionEnded(self.how)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPeer(TcpFault):
    """Resets the connection `seconds` after it was opened, or after the injection."""

    name = "reset-peer"
    advice = "reconnect after a short random wait and resume from the cursor"
    seconds: Seconds = 0.0

    def start(self, connection: ConnectionTarget) -> None:
        """Schedule the reset."""

        def act() -> None:
            connection.record(self, "reset")
            raise ConnectionEnded(Ending.RST)

        connection.schedule(self.seconds, self, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(TcpFault):
    """Drops the connection to the server after `seconds`; the client's side stays open and silent."""

    name = "half-open"
    advice = "detect the silence after two heartbeats and 2 s, abort, and reconnect"
    seconds: Seconds = 0.0

    def start(self, connection: ConnectionTarget) -> None:
        """Schedule the drop."""

        def act() -> None:
            connection.record(self, "half open")
            connection.silence(self, drop_upstream=True)

        connection.schedule(self.seconds, self, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout(TcpFault):
    """Accepts connections, discards all data, and closes after `seconds` or never."""

    name, effect_name = "timeout", "silent"
    advice = "stop waiting by its own timer, abort, and reconnect"
    seconds: Seconds | None = None

    def start(self, connection: ConnectionTarget) -> None:
        """Silence the connection, and schedule its end."""

        def act() -> None:
            connection.record(self, "closed")
            raise ConnectionEnded(Ending.FIN)

        connection.silence(self, drop_upstream=False)
        if self.seconds is not None:
            connection.schedule(self.seconds, self, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClose(TcpFault):
    """Forwards the end of either side `seconds` later."""

    name, effect_name = "slow-close", "will close late"
    advice = "not wait for the close handshake: abort after a second or two"
    seconds: Seconds = 5.0

    def close_delay(self, direction: Direction) -> float:
        """Return the delay."""
        return self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnection(TcpFault):
    """Resets new connections before any data is forwarded."""

    name, effect_name, new_only = "refuse", "refused", True
    advice = "keep the last state with its age, and retry with increasing, random waits"

    def start(self, connection: ConnectionTarget) -> None:
        """Reset the connection."""
        raise ConnectionEnded(Ending.RST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Down(Fault):
    """Stops listening and resets open connections until `for` is over, `up`, or a healing; `keep` spares open ones."""

    name, level = "down", FaultLevel.TCP
    advice = "keep the last state with its age, and retry with increasing, random waits"
    for_: Lifetime | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Up(Fault):
    """Ends `down`."""

    name, level = "up", FaultLevel.TCP
    advice = "be connected again within seconds"


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
"""The proxy's faults by name, in the order in which they are listed."""
