"""Which faults are armed now, and whether they strike: seeded, so that connection timing shifts nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import TypeVar

from mock_server.faults.base import Armed, Delivery, Effect, MessageFault
from mock_server.faults.fault_log import Ledger
from mock_server.faults.spec import write
from mock_server.net.clock import Clock
from mock_server.net.waiting import first_of
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Subscribed

A = TypeVar("A", bound=Armed)

_MOST_COUNTED = 100_000
"""Versions whose deliveries are counted; beyond that the counting starts again."""


@dataclass(slots=True, eq=False)
class _Rule:
    """An armed fault and how much of it is left."""

    fault: Armed
    until: float | None
    left: int | None
    versions: set[object] = field(default_factory=set)


class Plan:
    """The armed faults.

    Args:
        seed: Where all chance comes from.
        ledger: Where every strike is written down.
        clock: For faults that heal themselves after a time.
    """

    def __init__(self, seed: int, ledger: Ledger, clock: Clock) -> None:
        self._seed = seed
        self._ledger = ledger
        self._clock = clock
        self._rules: dict[_Rule, None] = {}
        self._deliveries: Counter[tuple[int, str, int]] = Counter()
        self._on_heal: dict[Callable[[], None], None] = {}
        self._healed = asyncio.Event()
        self.quiet = True
        """Whether no fault that touches messages is armed: then a message goes straight to the wire."""

    @property
    def armed(self) -> list[str]:
        """What is armed, as text."""
        return [write(rule.fault) for rule in self._rules]

    def arm(self, fault: Armed) -> None:
        """Let `fault` strike from now on."""
        until = None if fault.for_ is None else self._clock.time() + fault.for_
        self._rules[_Rule(fault, until, fault.count)] = None
        self._settle()

    def disarm(self, name: str) -> None:
        """Let no fault of this name strike any more; what it holds back comes as late as it was to come."""
        for rule in [rule for rule in self._rules if rule.fault.name == name]:
            self._disarm(rule)

    def heal(self) -> None:
        """Disarm everything, and let everyone release what is held back."""
        self._rules.clear()
        self._settle()
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
        await first_of(self._clock.sleep(seconds), self._healed.wait(), *([] if unless is None else [unless.wait()]))

    def expire(self) -> None:
        """Disarm what has been armed for as long as it should be."""
        now = self._clock.time()
        for rule in [rule for rule in self._rules if rule.until is not None and rule.until <= now]:
            self._disarm(rule)

    def touches(self, slot: int, delivery: Delivery) -> Iterator[Effect]:
        """What happens to a message on its way to the watcher in `slot`; each effect is written down."""
        order_id, version = _identity(delivery)
        nth = self._count(slot, order_id, version)
        for rule in tuple(self._rules):
            fault = rule.fault
            if (
                not isinstance(fault, MessageFault)
                or fault.order not in (None, order_id)
                or not fault.could(delivery)
                or not self._is_left(rule, (order_id, version))
            ):
                continue
            rng = self._rng(fault.name, order_id, version, nth)
            if rng.random() >= fault.probability:
                continue
            self._spend(rule, (order_id, version))
            self._ledger.write(fault.name, fault.done, order_id or None, _describe(delivery))
            yield fault.touch(delivery, rng)

    def strikes(self, kind: type[A], order_id: str = "", version: int = 0) -> A | None:
        """The armed fault of this kind if it strikes now."""
        return next(self.all_that_strike(kind, lambda _: True, order_id, version), None)

    def all_that_strike(
        self, kind: type[A], where: Callable[[A], bool], order_id: str = "", version: int = 0
    ) -> Iterator[A]:
        """Each armed fault of this kind that fits `where` and strikes now, in the order of arming."""
        for rule in tuple(self._rules):
            fault = rule.fault
            if not isinstance(fault, kind) or not where(fault) or not self._is_left(rule, None):
                continue
            nth = self._count(-1, f"{fault.name} {order_id}", version)
            if self._rng(fault.name, order_id, version, nth).random() < fault.probability:
                self._spend(rule, None)
                yield fault

    def _is_left(self, rule: _Rule, version: object) -> bool:
        if rule.until is not None and rule.until <= self._clock.time():
            self._disarm(rule)
            return False
        if isinstance(rule.fault, MessageFault) and rule.fault.per_version and version not in rule.versions:
            # Other watchers of the last version are told of it in the same breath, so this one is beyond the count.
            if rule.left == 0:
                self._disarm(rule)
                return False
            return True
        return True

    def _spend(self, rule: _Rule, version: object) -> None:
        if rule.left is None:
            return
        per_version = isinstance(rule.fault, MessageFault) and rule.fault.per_version
        if per_version:
            if version in rule.versions:
                return
            rule.versions.add(version)
        rule.left -= 1
        if rule.left == 0 and not per_version:
            self._disarm(rule)

    def _disarm(self, rule: _Rule) -> None:
        self._rules.pop(rule, None)
        self._settle()

    def _settle(self) -> None:
        self.quiet = not any(isinstance(rule.fault, MessageFault) for rule in self._rules)

    def _count(self, slot: int, order_id: str, version: int) -> int:
        """How often this has been delivered to this slot before."""
        if len(self._deliveries) > _MOST_COUNTED:
            self._deliveries.clear()
        nth = self._deliveries[slot, order_id, version]
        self._deliveries[slot, order_id, version] += 1
        return nth

    def _rng(self, fault: str, order_id: str, version: int, nth: int) -> Random:
        key = f"{self._seed}|{fault}|{order_id}|{version}|{nth}".encode()
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
