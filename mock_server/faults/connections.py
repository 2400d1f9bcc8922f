"""Faults that strike open streams: cut, closed, frozen, slow to begin."""

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
    """Resets the connection in the middle of a frame, `count` times."""

    name, level, effect_name = "cut", FaultLevel.CONNECTION, "cut"
    advice = "discard the half message, reconnect and resume from the cursor"
    count: Count | None = 1

    def applies_to(self, delivery: Delivery) -> bool:
        """What a stream goes on and on with, so that a new stream gets going at all."""
        return isinstance(delivery.message, Event | Snapshot | Heartbeat)

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Send half of it."""
        return CutShort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(OneShotFault):
    """Ends streams without a close frame."""

    name, level = "disconnect", FaultLevel.CONNECTION
    advice = "reconnect after a short random wait and resume from the cursor"
    order: OrderId | None = None
    which: StreamScope = StreamScope.ALL

    async def apply(self, target: FaultTarget) -> None:
        """End them."""
        for stream in target.streams(self.order, self.which):
            stream.abort()
            target.record(self.name, "disconnected", self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(OneShotFault):
    """Closes streams with a code and a reason."""

    name, level = "close", FaultLevel.CONNECTION
    advice = "follow the code: 4000–4499 retry, 4500–4999 final, others by the table"
    code: CloseCode = 1011
    reason: str = ""
    order: OrderId | None = None
    which: StreamScope = StreamScope.ALL

    async def apply(self, target: FaultTarget) -> None:
        """Close them."""
        for stream in target.streams(self.order, self.which):
            target.record(self.name, "closed", self.order, str(self.code))
            await stream.close(self.code, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptThenClose(SteadyFault):
    """Accepts streams and closes them at once, before hello."""

    name, level = "accept-then-close", FaultLevel.CONNECTION
    advice = "take no opened stream for a healthy one: back off all the same"
    code: CloseCode = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowHello(SteadyFault):
    """Sends hello late."""

    name, level = "slow-hello", FaultLevel.CONNECTION
    advice = "count a stream as usable when hello has arrived, and try again after 5 s without it"
    seconds: HourSeconds = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferSse(SteadyFault):
    """Keeps the body of new SSE streams back as a buffering proxy does, for `seconds` or until healed; `head`, too."""

    name, level = "buffer-sse", FaultLevel.NETWORK
    advice = "count a stream as usable when hello has arrived; without it, take the next transport"
    seconds: Seconds | None = None
    head: bool = False


class FrozenRequests(StrEnum):
    """What becomes of requests while the gateway is frozen."""

    SERVE = "serve"
    HANG = "hang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(OneShotFault):
    """Falls silent with the sockets open and pings unanswered; new connections are served, or hang too."""

    name, level = "freeze", FaultLevel.CONNECTION
    advice = "notice the silence after two heartbeats and 2 s, abort, reconnect"
    seconds: Seconds = 30.0
    new: FrozenRequests = FrozenRequests.SERVE
    order: OrderId | None = None

    async def apply(self, target: FaultTarget) -> None:
        """Freeze what is open, and on demand what comes."""
        for stream in target.streams(self.order, StreamScope.ALL):
            stream.freeze(self.seconds)
            target.record(self.name, "frozen", self.order, f"for {self.seconds:g} s")
        if self.new is FrozenRequests.HANG:
            target.freeze_requests(self.seconds)
