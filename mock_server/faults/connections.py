"""Faults of open streams: cut, closed, frozen, slow to start."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from mock_server.faults.base import (
    CutShort,
    Delivery,
    Effect,
    FaultLevel,
    FaultTarget,
    MessageFault,
    OneShotFault,
    SteadyFault,
    StreamScope,
)
from mock_server.faults.parameters import CloseCode, Count, HourSeconds, OrderId, Seconds
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Heartbeat


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff(MessageFault):
    """Resets the connection in the middle of a message, `count` times."""

    name, level, effect_name = "cut", FaultLevel.CONNECTION, "cut"
    advice = "discard the incomplete message, reconnect and resume from the cursor"
    count: Count | None = 1

    def applies_to(self, delivery: Delivery) -> bool:
        """Return whether the message is one of a running stream, so that new streams can still be opened."""
        return isinstance(delivery.message, Event | Snapshot | Heartbeat)

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Cut the message short."""
        return CutShort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(OneShotFault):
    """Closes streams without a close frame."""

    name, level = "disconnect", FaultLevel.CONNECTION
    advice = "reconnect after a short random wait and resume from the cursor"
    order: OrderId | None = None
    which: StreamScope = StreamScope.ALL

    async def apply(self, target: FaultTarget) -> None:
        """Abort the matching streams."""
        for stream in target.streams(self.order, self.which):
            stream.abort()
            target.record(self.name, "disconnected", self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(OneShotFault):
    """Closes streams with a close code and a reason."""

    name, level = "close", FaultLevel.CONNECTION
    advice = "act by the code: retry after 4000–4499, stop after 4500–4999, follow the protocol's table for others"
    code: CloseCode = 1011
    reason: str = ""
    order: OrderId | None = None
    which: StreamScope = StreamScope.ALL

    async def apply(self, target: FaultTarget) -> None:
        """Close the matching streams."""
        for stream in target.streams(self.order, self.which):
            target.record(self.name, "closed", self.order, str(self.code))
            await stream.close(self.code, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptThenClose(SteadyFault):
    """Accepts streams and closes them at once, before hello."""

    name, level = "accept-then-close", FaultLevel.CONNECTION
    advice = "not treat an opened stream as a healthy one, and back off as after a failure"
    code: CloseCode = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowHello(SteadyFault):
    """Sends hello `seconds` late."""

    name, level = "slow-hello", FaultLevel.CONNECTION
    advice = "treat a stream as usable once hello has arrived, and retry after 5 s without it"
    seconds: HourSeconds = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferSse(SteadyFault):
    """Holds back the body of new SSE streams, like a buffering proxy, for `seconds` or until healed; `head` too."""

    name, level = "buffer-sse", FaultLevel.NETWORK
    advice = "treat a stream as usable once hello has arrived; without it, fall back to the next transport"
    seconds: Seconds | None = None
    head: bool = False


class FrozenRequests(StrEnum):
    """The handling of new requests while open streams are frozen."""

    SERVE = "serve"
    HANG = "hang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(OneShotFault):
    """Sends nothing and answers no pings, with the sockets open; with `new=hang` no new request is answered."""

    name, level = "freeze", FaultLevel.CONNECTION
    advice = "detect the silence after two heartbeats and 2 s, abort, and reconnect"
    seconds: Seconds = 30.0
    new: FrozenRequests = FrozenRequests.SERVE
    order: OrderId | None = None

    async def apply(self, target: FaultTarget) -> None:
        """Freeze the matching streams, and new requests with `new=hang`."""
        for stream in target.streams(self.order, StreamScope.ALL):
            stream.freeze(self.seconds)
            target.record(self.name, "frozen", self.order, f"for {self.seconds:g} s")
        if self.new is FrozenRequests.HANG:
            target.freeze_requests(self.seconds)
