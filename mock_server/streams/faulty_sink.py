"""The stretch between a subscriber and its wire, on which messages get lost, late, doubled and mangled."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Any, Protocol

from mock_server.faults.base import Delivery, Forged, Held, Junk, Lost, Severed, Twice
from mock_server.faults.plan import Plan
from mock_server.net.clock import Clock
from mock_server.orders.encoded import Encoded
from mock_server.orders.subscriber import Sink
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Subscribed


class Wire(Sink, Protocol):
    """A sink that can also be mistreated."""

    def write_junk(self, data: bytes, *, binary: bool) -> None:
        """Send bytes that are no message."""

    def sever(self, message: Encoded[Any]) -> None:
        """Send half of a message and reset the connection."""


@dataclass(slots=True, eq=False)
class _HeldBack:
    message: Encoded[Any]
    copies: int
    order_id: str | None
    passes: int | None
    due: float


class FaultLine:
    """A sink in front of a wire; with nothing armed it is one comparison long.

    Args:
        wire: Where messages go in the end.
        plan: What is armed.
        clock: For messages that are held back.
        slot: Which of the watchers this is, for seeded draws.
    """

    def __init__(self, wire: Wire, plan: Plan, clock: Clock, slot: int) -> None:
        self._wire = wire
        self._plan = plan
        self._clock = clock
        self._slot = slot
        self._held: dict[_HeldBack, None] = {}
        self._timer: asyncio.Task[None] | None = None
        self._thawed: asyncio.Event | None = None
        self._closed = False

    @property
    def frozen(self) -> bool:
        """Whether nothing goes out at present."""
        return self._thawed is not None

    @property
    def buffered(self) -> int:
        """Bytes not taken yet; no room at all while frozen."""
        return self._wire.buffered if self._thawed is None else sys.maxsize

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Send `message`, as far as the armed faults let it."""
        if self._plan.quiet and not self._held and self._thawed is None:
            self._wire.write(message)
        else:
            self._mistreat(message, replayed)

    async def drained(self) -> None:
        """Wait until there is room, and longer while frozen."""
        while (thawed := self._thawed) is not None:
            await thawed.wait()
        await self._wire.drained()

    def freeze(self) -> None:
        """Hold everything back until `thaw`."""
        if self._thawed is None and not self._closed:
            self._thawed = asyncio.Event()

    def thaw(self) -> None:
        """Go on after a freeze."""
        if self._thawed is not None:
            self._thawed.set()
            self._thawed = None
            self._release_due()

    async def thawed(self) -> None:
        """Wait while frozen."""
        while (thawed := self._thawed) is not None:
            await thawed.wait()

    def release_reordered(self) -> None:
        """Send what waits for later messages to pass: there will be none."""
        if self._thawed is None:
            self._release([held for held in self._held if held.passes is not None])

    def heal(self) -> None:
        """Go on, and send everything that is held back, oldest first."""
        self.thaw()
        self._release(list(self._held))

    async def close(self) -> None:
        """Forget what is held back and let everyone who waits go."""
        self._closed = True
        self._held.clear()
        self.thaw()
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)

    def _mistreat(self, message: Encoded[Any], replayed: bool) -> None:
        body = message.message
        order_id = body.order_id if isinstance(body, Event | Snapshot | Subscribed) else None
        if self._thawed is not None:
            self._hold(_HeldBack(message, 1, order_id, None, 0.0))
            return
        if isinstance(body, Subscribed):
            # An answer speaks of what comes after it; nothing from before may follow (PROTOCOL §2).
            self._release([held for held in self._held if held.order_id == order_id])
        copies, held = 1, None
        for effect in self._plan.touches(self._slot, Delivery(body, replayed)):
            match effect:
                case Lost():
                    return
                case Twice():
                    copies += 1
                case Held():
                    held = held or effect
                case Forged(forged):
                    message = forged
                case Severed():
                    self._wire.sever(message)
                    return
                case Junk():
                    self._wire.write_junk(effect.data, binary=effect.binary)
                    if effect.instead:
                        return
        if held is not None:
            self._hold(_HeldBack(message, copies, order_id, held.messages, self._clock.time() + held.seconds))
            return
        for _ in range(copies):
            self._wire.write(message)
        if isinstance(body, Event):
            self._let_pass(body.order_id)

    def _let_pass(self, order_id: str) -> None:
        """Count a later event past the held ones of its order, and release those that have waited long enough."""
        free = []
        for held in self._held:
            if held.order_id == order_id and held.passes is not None:
                held.passes -= 1
                if held.passes <= 0:
                    free.append(held)
        self._release(free)

    def _hold(self, held: _HeldBack) -> None:
        if self._closed:
            return
        self._held[held] = None
        if self._timer is None or self._timer.done():
            self._timer = asyncio.create_task(self._wait_for_due(), name="holding messages back")

    async def _wait_for_due(self) -> None:
        while self._held:
            await self.thawed()
            if self._held:
                earliest = min(held.due for held in self._held)
                # Short, since something that is due sooner may be held back meanwhile.
                await self._clock.sleep(min(0.05, max(0.0, earliest - self._clock.time())))
                self._release_due()

    def _release_due(self) -> None:
        if self._thawed is None:
            now = self._clock.time()
            self._release([held for held in self._held if held.due <= now])

    def _release(self, held_back: list[_HeldBack]) -> None:
        for held in held_back:
            self._held.pop(held, None)
            for _ in range(held.copies):
                self._wire.write(held.message)
