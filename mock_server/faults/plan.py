"""Which faults are armed now, and whether they strike: seeded, so that connection timing shifts nothing."""

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
"""Versions whose deliveries are counted; beyond that the counting starts again."""


@dataclass(slots=True, eq=False)
class _ArmedFault:
    """An armed fault and how much of it is left."""

    fault: SteadyFault
    expires_at: float | None
    uses_left: int | None
    versions: set[object] = field(default_factory=set)


class Plan:
    """The armed faults.

    Args:
        seed: Where all chance comes from.
        fault_log: Where every strike is written down.
        clock: For faults that heal themselves after a time.
    """

    def __init__(self, seed: int, fault_log: FaultLog, clock: Clock) -> None:
        self._seed = seed
        self._fault_log = fault_log
        self._clock = clock
        self._armed: dict[_ArmedFault, None] = {}
        self._deliveries: Counter[tuple[int, str, int]] = Counter()
        self._on_heal: dict[Callable[[], None], None] = {}
        self._healed = asyncio.Event()
        self.quiet = True
        """Whether no fault that touches messages is armed: then a message goes straight to the wire."""

    @property
    def armed(self) -> list[str]:
        """What is armed, as text."""
        return [format_fault(armed.fault) for armed in self._armed]

    def arm(self, fault: SteadyFault) -> None:
        """Let `fault` strike from now on."""
        expires_at = None if fault.for_ is None else self._clock.time() + fault.for_
        self._armed[_ArmedFault(fault, expires_at, fault.count)] = None
        self._update()

    def disarm(self, name: str) -> None:
        """Let no fault of this name strike any more; what it holds back comes as late as it was to come."""
        for armed in [armed for armed in self._armed if armed.fault.name == name]:
            self._disarm(armed)

    def heal(self) -> None:
        """Disarm everything, and let everyone release what is held back."""
        self._armed.clear()
        self._update()
        self._healed.set()
        self._healed = asyncio.Event()
        for listener in tuple(self._on_heal):
            listener()

    def on_heal(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at each healing; gives back what ends that."""
        self._on_heal[listener] = None
        return lambda: self._on_heal.pop(listener, None)

    async def pause(self, seconds: float, *, unless: asyncio.Event | None = None) -> None:
        """Wait for `seconds`, until everything is healed, or until `unless` is set."""
        await wait_for_first(
            self._clock.sleep(seconds), self._healed.wait(), *([] if unless is None else [unless.wait()])
        )

    def expire(self) -> None:
        """Disarm what has been armed for as long as it should be."""
        now = self._clock.time()
        for armed in [armed for armed in self._armed if armed.expires_at is not None and armed.expires_at <= now]:
            self._disarm(armed)

    def effects_on(self, slot: int, delivery: Delivery) -> Iterator[Effect]:
        """What happens to a message on its way to the watcher in `slot`; each effect is written down."""
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
        """The armed fault of this kind if it strikes now."""
        return next(self.triggered(kind, lambda _: True, order_id, version), None)

    def triggered(self, kind: type[A], where: Callable[[A], bool], order_id: str = "", version: int = 0) -> Iterator[A]:
        """Each armed fault of this kind that fits `where` and strikes now, in the order of arming."""
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
            # Other watchers of the last version are told of it in the same breath, so this one is beyond the count.
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
        self.quiet = not any(isinstance(armed.fault, MessageFault) for armed in self._armed)

    def _count_delivery(self, slot: int, order_id: str, version: int) -> int:
        """How often this has been delivered to this slot before."""
        if len(self._deliveries) > _MOST_COUNTED:
            self._deliveries.clear()
        repeat = self._deliveries[slot, order_id, version]
        self._deliveries[slot, order_id, version] += 1
        return repeat

    def _random(self, fault: str, order_id: str, version: int, repeat: int) -> Random:
        key = f"{self._seed}|{fault}|{order_id}|{version}|{repeat}".encode()
        return Random(int.from_bytes(blake2b(key, digest_size=8).digest()))


def _identity(delivery: Delivery) -> tuple[str, int]:
    """What a draw depends on: the order and its seq, or the kind of message."""
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
