"""The armed faults and when they are triggered: seeded, independent of the timing of connections."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import TypeVar

from mock_server.faults.base import Delivery, Effect, MessageFault, SteadyFault
from mock_server.faults.fault_log import FaultLog
from mock_server.faults.spec import format_fault
from mock_server.net.clock import Clock
from mock_server.net.waiting import wait_for_first
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Subscribed

A = TypeVar("A", bound=SteadyFault)

_MOST_COUNTED = 100_000
"""Versions whose deliveries are counted; above that the counters are reset."""


@dataclass(slots=True, eq=False)
class _ArmedFault:
    """An armed fault, its remaining uses, and the time at which it disarms itself."""

    fault: SteadyFault
    expires_at: float | None
    uses_left: int | None
    versions: set[object] = field(default_factory=set)


class Plan:
    """The armed faults.

    Args:
        seed: The seed of every random draw.
        fault_log: The log of triggered faults.
        clock: The clock for faults that disarm themselves after a time.
    """

    def __init__(self, seed: int, fault_log: FaultLog, clock: Clock) -> None:
        self._seed = seed
        self._fault_log = fault_log
        self._clock = clock
        self._armed: dict[_ArmedFault, None] = {}
        self._deliveries: Counter[tuple[int, str, int]] = Counter()
        self._on_heal: dict[Callable[[], None], None] = {}
        self._healed = asyncio.Event()
        self.has_message_faults = False
        """Whether a fault that acts on messages is armed; otherwise messages are sent without any further check."""

    @property
    def armed(self) -> list[str]:
        """The armed faults, written as they would be injected."""
        return [format_fault(armed.fault) for armed in self._armed]

    def arm(self, fault: SteadyFault) -> None:
        """Arm a fault."""
        expires_at = None if fault.for_ is None else self._clock.time() + fault.for_
        self._armed[_ArmedFault(fault, expires_at, fault.count)] = None
        self._update()

    def disarm(self, name: str) -> None:
        """Disarm all faults with this name; messages already delayed keep their delay."""
        for armed in [armed for armed in self._armed if armed.fault.name == name]:
            self._disarm(armed)

    def heal(self) -> None:
        """Disarm all faults, and call the listeners so that they release delayed messages."""
        self._armed.clear()
        self._update()
        self._healed.set()
        self._healed = asyncio.Event()
        for listener in tuple(self._on_heal):
            listener()

    def on_heal(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at each healing; return a function that removes the listener."""
        self._on_heal[listener] = None
        return lambda: self._on_heal.pop(listener, None)

    async def pause(self, seconds: float, *, unless: asyncio.Event | None = None) -> None:
        """Wait for `seconds`, until all faults are healed, or until `unless` is set."""
        await wait_for_first(
            self._clock.sleep(seconds), self._healed.wait(), *([] if unless is None else [unless.wait()])
        )

    def expire(self) -> None:
        """Disarm the faults whose time is over."""
        now = self._clock.time()
        for armed in [armed for armed in self._armed if armed.expires_at is not None and armed.expires_at <= now]:
            self._disarm(armed)

    def effects_on(self, slot: int, delivery: Delivery) -> Iterator[Effect]:
        """Yield the effects on a message for the client in `slot`; record each of them."""
        order_id, version = _identity(delivery)
        repeat = self._count_delivery(slot, order_id, version)
        for armed in tuple(self._armed):
            fault = armed.fault
            if (
                not isinstance(fault, MessageFault)
                or fault.order not in (None, order_id)
                or not fault.applies_to(delivery)
                or not self._has_uses_left(armed, (order_id, version))
            ):
                continue
            rng = self._random(fault.name, order_id, version, repeat)
            if rng.random() >= fault.probability:
                continue
            self._count_use(armed, (order_id, version))
            self._fault_log.write(fault.name, fault.effect_name, order_id or None, _describe(delivery))
            yield fault.effect_on(delivery, rng)

    def first_triggered(self, kind: type[A], order_id: str = "", version: int = 0) -> A | None:
        """Return the first armed fault of this kind that is triggered now."""
        return next(self.triggered(kind, lambda _: True, order_id, version), None)

    def triggered(self, kind: type[A], where: Callable[[A], bool], order_id: str = "", version: int = 0) -> Iterator[A]:
        """Yield each armed fault of this kind that fits `where` and is triggered now, in the order of arming."""
        for armed in tuple(self._armed):
            fault = armed.fault
            if not isinstance(fault, kind) or not where(fault) or not self._has_uses_left(armed, None):
                continue
            repeat = self._count_delivery(-1, f"{fault.name} {order_id}", version)
            if self._random(fault.name, order_id, version, repeat).random() < fault.probability:
                self._count_use(armed, None)
                yield fault

    def _has_uses_left(self, armed: _ArmedFault, version: object) -> bool:
        if armed.expires_at is not None and armed.expires_at <= self._clock.time():
            self._disarm(armed)
            return False
        if isinstance(armed.fault, MessageFault) and armed.fault.counts_versions and version not in armed.versions:
            # The last counted version has been delivered to all clients already: this is a later one.
            if armed.uses_left == 0:
                self._disarm(armed)
                return False
            return True
        return True

    def _count_use(self, armed: _ArmedFault, version: object) -> None:
        if armed.uses_left is None:
            return
        per_version = isinstance(armed.fault, MessageFault) and armed.fault.counts_versions
        if per_version:
            if version in armed.versions:
                return
            armed.versions.add(version)
        armed.uses_left -= 1
        if armed.uses_left == 0 and not per_version:
            self._disarm(armed)

    def _disarm(self, armed: _ArmedFault) -> None:
        self._armed.pop(armed, None)
        self._update()

    def _update(self) -> None:
        self.has_message_faults = any(isinstance(armed.fault, MessageFault) for armed in self._armed)

    def _count_delivery(self, slot: int, order_id: str, version: int) -> int:
        """Count a delivery to this slot; return how often it happened before."""
        if len(self._deliveries) > _MOST_COUNTED:
            self._deliveries.clear()
        repeat = self._deliveries[slot, order_id, version]
        self._deliveries[slot, order_id, version] += 1
        return repeat

    def _random(self, fault: str, order_id: str, version: int, repeat: int) -> Random:
        key = f"{self._seed}|{fault}|{order_id}|{version}|{repeat}".encode()
        return Random(int.from_bytes(blake2b(key, digest_size=8).digest()))


def _identity(delivery: Delivery) -> tuple[str, int]:
    """Return the input of a random draw: the order and its seq, or the kind of message."""
    match delivery.message:
        case Event() | Snapshot() as message:
            return message.order_id, message.seq
        case Subscribed() as message:
            return message.order_id, 0
        case message:
            return "", len(message.type)


def _describe(delivery: Delivery) -> str:
    message = delivery.message
    if isinstance(message, Event | Snapshot):
        return f"{message.type} {message.version}" + (" of a replay" if delivery.replayed else "")
    return message.type
