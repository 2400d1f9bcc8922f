"""Faults of single messages: dropped, delayed, duplicated, corrupted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Annotated

from annotated_types import Interval

from mock_server.faults.base import (
    Corrupted,
    Delayed,
    Delivery,
    Dropped,
    Duplicated,
    Effect,
    FaultLevel,
    MessageFault,
    Replaced,
)
from mock_server.faults.corruption import CorruptionKind, corrupt_payload
from mock_server.faults.parameters import Count, HourSeconds, Probability
from mock_server.orders.encoded import Encoded
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event
from tracker_tui.wire.messages import Heartbeat, Mode, Subscribed


@dataclass(frozen=True, slots=True, kw_only=True)
class _EventFault(MessageFault):
    """A message fault that acts on events only, live and replayed."""

    probability: Probability = 0.3

    def applies_to(self, delivery: Delivery) -> bool:
        return isinstance(delivery.message, Event)


class Drop(_EventFault):
    """Drops events."""

    name, level, effect_name = "drop", FaultLevel.MESSAGE, "dropped"
    advice = "detect the gap by the seq or the heartbeat's head, and resubscribe from the last complete version"

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Drop the event."""
        return Dropped()


class Duplicate(_EventFault):
    """Sends events twice."""

    name, level, effect_name = "duplicate", FaultLevel.MESSAGE, "duplicated"
    advice = "ignore a version that it has already"

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Send the event twice."""
        return Duplicated()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(_EventFault):
    """Sends events after up to `window` later events of their order, at most `seconds` late."""

    name, level, effect_name = "reorder", FaultLevel.MESSAGE, "held back"
    advice = "apply the highest version at once, and wait a second before it repairs a gap"
    window: Annotated[int, Interval(ge=1, le=1000)] = 6
    seconds: HourSeconds = 0.5

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Delay the event."""
        return Delayed(rng.randint(1, self.window), self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(MessageFault):
    """Sends events and heartbeats `seconds` late, plus or minus `jitter`."""

    name, level, effect_name = "delay", FaultLevel.MESSAGE, "delayed"
    advice = "show the age of its data, and not treat a late message as lost"
    probability: Probability = 0.3
    seconds: HourSeconds = 0.5
    jitter: HourSeconds = 0.25

    def applies_to(self, delivery: Delivery) -> bool:
        """Return whether the message may arrive at any time."""
        return isinstance(delivery.message, Event | Heartbeat)

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Delay the message."""
        return Delayed(None, max(0.0, self.seconds + rng.uniform(-self.jitter, self.jitter)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseTail(MessageFault):
    """Drops the next `count` new events for every client; with `count=all,for=10` all new events of 10 s."""

    name, level, effect_name, counts_versions = "lose-tail", FaultLevel.MESSAGE, "lost", True
    advice = "detect the loss by the heads of the next heartbeat, and repair it within seconds"
    count: Count | None = 3

    def applies_to(self, delivery: Delivery) -> bool:
        """Return whether the event is new: a replay must repair the loss."""
        return isinstance(delivery.message, Event) and not delivery.replayed

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Drop the event."""
        return Dropped()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleInReplay(MessageFault):
    """Leaves events out of replays."""

    name, level, effect_name = "hole-in-replay", FaultLevel.MESSAGE, "left out"
    advice = "not expect a replay to be complete, and fetch the snapshot after 2 s without progress"
    probability: Probability = 0.3

    def applies_to(self, delivery: Delivery) -> bool:
        """Return whether the event is replayed."""
        return delivery.replayed

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Drop the event."""
        return Dropped()


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupt(_EventFault):
    """Sends something that is not a message: `instead` of an event, which is then lost, or before it."""

    name, level, effect_name = "corrupt", FaultLevel.MESSAGE, "corrupted"
    advice = "count it and continue; repair the gap if there is one"
    kind: CorruptionKind = CorruptionKind.ANY
    instead: bool = True

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Send an invalid message."""
        data, binary = corrupt_payload(self.kind, delivery.message, rng)
        return Corrupted(data, binary, self.instead)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongEcho(MessageFault):
    """Answers a subscription with an anchor other than the requested one."""

    name, level, effect_name = "wrong-echo", FaultLevel.MESSAGE, "echoed wrongly"
    advice = "fetch the snapshot, since the replay starts at the wrong version"

    def applies_to(self, delivery: Delivery) -> bool:
        """Return whether the message announces a replay."""
        return isinstance(delivery.message, Subscribed) and delivery.message.mode is Mode.REPLAY

    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Announce a neighbour of the anchor."""
        message = delivery.message
        if not isinstance(message, Subscribed) or message.from_ is None:
            return Dropped()
        seq = message.from_.seq - 1 if message.from_.seq else 1
        return Replaced(Encoded(replace(message, from_=Cursor(message.from_.epoch, seq))))
