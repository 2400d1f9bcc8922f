"""The sink between a subscriber and its connection, which applies message faults."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Any, Protocol

from mock_server.faults.base import Corrupted, CutShort, Delayed, Delivery, Dropped, Duplicated, Replaced
from mock_server.faults.plan import Plan
from mock_server.net.clock import Clock
from mock_server.orders.encoded import Encoded
from mock_server.orders.subscriber import Sink
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Subscribed


class FaultableSink(Sink, Protocol):
    """A sink that can also send invalid and incomplete messages."""

    def write_invalid(self, data: bytes, *, binary: bool) -> None:
        """Send bytes that are not a message."""

    def cut_short(self, message: Encoded[Any]) -> None:
        """Send half of a message and reset the connection."""


@dataclass(slots=True, eq=False)
class _DelayedMessage:
    message: Encoded[Any]
    copies: int
    order_id: str | None
    events_to_pass: int | None
    due: float


class FaultySink:
    """A sink that applies the armed faults to messages; without faults it costs one comparison.

    Args:
        sink: The destination of the messages.
        plan: The armed faults.
        clock: Times delayed messages.
        slot: The number of the stream, for seeded draws.
    """

    def __init__(self, sink: FaultableSink, plan: Plan, clock: Clock, slot: int) -> None:
        self._sink = sink
        self._plan = plan
        self._clock = clock
        self._slot = slot
        self._delayed: dict[_DelayedMessage, None] = {}
        self._timer: asyncio.Task[None] | None = None
        self._unfrozen: asyncio.Event | None = None
        self._closed = False

    @property
    def frozen(self) -> bool:
        """Whether nothing is sent at present."""
        return self._unfrozen is not None

    @property
    def buffered(self) -> int:
        """Bytes that the kernel has not taken yet; no room at all while frozen."""
        return self._sink.buffered if self._unfrozen is None else sys.maxsize

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Send `message`, unless an armed fault prevents it."""
        if not self._plan.has_message_faults and not self._delayed and self._unfrozen is None:
            self._sink.write(message)
        else:
            self._write_with_faults(message, replayed)

    async def drain(self) -> None:
        """Wait until there is room, and while frozen."""
        while (unfrozen := self._unfrozen) is not None:
            await unfrozen.wait()
        await self._sink.drain()

    def freeze(self) -> None:
        """Delay all messages until `unfreeze`."""
        if self._unfrozen is None and not self._closed:
            self._unfrozen = asyncio.Event()

    def unfreeze(self) -> None:
        """End the freeze, and send the messages that are due."""
        if self._unfrozen is not None:
            self._unfrozen.set()
            self._unfrozen = None
            self._release_due()

    async def wait_until_unfrozen(self) -> None:
        """Wait while frozen."""
        while (unfrozen := self._unfrozen) is not None:
            await unfrozen.wait()

    def release_reordered(self) -> None:
        """Send messages that wait for later messages, since none will follow."""
        if self._unfrozen is None:
            self._release([delayed for delayed in self._delayed if delayed.events_to_pass is not None])

    def heal(self) -> None:
        """End the freeze, and send every delayed message, oldest first."""
        self.unfreeze()
        self._release(list(self._delayed))

    async def close(self) -> None:
        """Discard delayed messages and end every wait."""
        self._closed = True
        self._delayed.clear()
        self.unfreeze()
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)

    def _write_with_faults(self, message: Encoded[Any], replayed: bool) -> None:
        content = message.message
        order_id = content.order_id if isinstance(content, Event | Snapshot | Subscribed) else None
        if self._unfrozen is not None:
            self._delay(_DelayedMessage(message, 1, order_id, None, 0.0))
            return
        if isinstance(content, Subscribed):
            # Older messages must not follow the answer to a subscription (PROTOCOL §2).
            self._release([delayed for delayed in self._delayed if delayed.order_id == order_id])
        copies, delayed = 1, None
        for effect in self._plan.effects_on(self._slot, Delivery(content, replayed)):
            match effect:
                case Dropped():
                    return
                case Duplicated():
                    copies += 1
                case Delayed():
                    delayed = delayed or effect
                case Replaced(replacement):
                    message = replacement
                case CutShort():
                    self._sink.cut_short(message)
                    return
                case Corrupted():
                    self._sink.write_invalid(effect.data, binary=effect.binary)
                    if effect.instead:
                        return
        if delayed is not None:
            self._delay(
                _DelayedMessage(message, copies, order_id, delayed.messages, self._clock.time() + delayed.seconds)
            )
            return
        for _ in range(copies):
            self._sink.write(message)
        if isinstance(content, Event):
            self._count_event(content.order_id)

    def _count_event(self, order_id: str) -> None:
        """Count a later event for the delayed ones of its order, and send those that have waited long enough."""
        due = []
        for delayed in self._delayed:
            if delayed.order_id == order_id and delayed.events_to_pass is not None:
                delayed.events_to_pass -= 1
                if delayed.events_to_pass <= 0:
                    due.append(delayed)
        self._release(due)

    def _delay(self, delayed: _DelayedMessage) -> None:
        if self._closed:
            return
        self._delayed[delayed] = None
        if self._timer is None or self._timer.done():
            self._timer = asyncio.create_task(self._wait_for_due(), name="delayed messages")

    async def _wait_for_due(self) -> None:
        while self._delayed:
            await self.wait_until_unfrozen()
            if self._delayed:
                earliest = min(delayed.due for delayed in self._delayed)
                # Sleep briefly, since a message that is due earlier may be delayed meanwhile.
                await self._clock.sleep(min(0.05, max(0.0, earliest - self._clock.time())))
                self._release_due()

    def _release_due(self) -> None:
        if self._unfrozen is None:
            now = self._clock.time()
            self._release([delayed for delayed in self._delayed if delayed.due <= now])

    def _release(self, messages: list[_DelayedMessage]) -> None:
        for delayed in messages:
            self._delayed.pop(delayed, None)
            for _ in range(delayed.copies):
                self._sink.write(delayed.message)
