"""Faults that strike single messages: lost, late, doubled, mangled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from mock_server.faults.base import Delivery, Effect, Forged, Held, Junk, Level, Lost, MessageFault, Twice, within
from mock_server.faults.corruption import JunkKind, junk
from mock_server.orders.encoded import Encoded
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event
from tracker_tui.wire.messages import Heartbeat, Mode, Subscribed


@dataclass(frozen=True, slots=True, kw_only=True)
class _EventFault(MessageFault):
    """A message fault that strikes events only, live and replayed."""

    probability: float = within(0.3, 0, 1)

    def could(self, delivery: Delivery) -> bool:
        return isinstance(delivery.message, Event)


class Drop(_EventFault):
    """Loses events."""

    name, level, done = "drop", Level.MESSAGE, "dropped"
    advice = "notice the hole by the seq or the heartbeat's head, and subscribe again from the last complete version"

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Lose it."""
        return Lost()


class Duplicate(_EventFault):
    """Sends events twice."""

    name, level, done = "duplicate", Level.MESSAGE, "duplicated"
    advice = "ignore a version that is held already"

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Send it twice."""
        return Twice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(_EventFault):
    """Lets up to `window` later events of the order pass, for `seconds` at most."""

    name, level, done = "reorder", Level.MESSAGE, "held back"
    advice = "apply the highest version at once, and wait a second before calling a hole a loss"
    window: int = within(6, 1, 1000)
    seconds: float = within(0.5, 0, 3600)

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Hold it back."""
        return Held(rng.randint(1, self.window), self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(MessageFault):
    """Sends events and heartbeats `seconds` late, give or take `jitter`."""

    name, level, done = "delay", Level.MESSAGE, "delayed"
    advice = "show what has arrived with its age, and take lateness for no loss"
    probability: float = within(0.3, 0, 1)
    seconds: float = within(0.5, 0, 3600)
    jitter: float = within(0.25, 0, 3600)

    def could(self, delivery: Delivery) -> bool:
        """Only what may arrive at any time."""
        return isinstance(delivery.message, Event | Heartbeat)

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Hold it back for a time."""
        return Held(None, max(0.0, self.seconds + rng.uniform(-self.jitter, self.jitter)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseTail(MessageFault):
    """Loses the next `count` new events for every watcher; `count=all,for=10`: all that come within 10 s."""

    name, level, done, per_version = "lose-tail", Level.MESSAGE, "lost", True
    advice = "learn of it from the heads of the next heartbeat, and repair within seconds"
    count: int | None = within(3, 1, 1e9)

    def could(self, delivery: Delivery) -> bool:
        """New events; replaying one repairs it."""
        return isinstance(delivery.message, Event) and not delivery.replayed

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Lose it."""
        return Lost()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleInReplay(MessageFault):
    """Leaves events out of replays."""

    name, level, done = "hole-in-replay", Level.MESSAGE, "left out of a replay"
    advice = "trust no replay to be complete, and fetch the snapshot after 2 s without progress"
    probability: float = within(0.3, 0, 1)

    def could(self, delivery: Delivery) -> bool:
        """Replayed events."""
        return delivery.replayed

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Lose it."""
        return Lost()


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupt(_EventFault):
    """Sends something that is no message: instead of an event (then that is lost), or before it."""

    name, level, done = "corrupt", Level.MESSAGE, "corrupted"
    advice = "count it and go on; repair the hole if there is one"
    kind: JunkKind = JunkKind.ANY
    instead: bool = True

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Make something up."""
        data, binary = junk(self.kind, delivery.message, rng)
        return Junk(data, binary, self.instead)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongEcho(MessageFault):
    """Answers a subscription with another anchor than the one that was asked for."""

    name, level, done = "wrong-echo", Level.MESSAGE, "echoed wrongly"
    advice = "fetch the snapshot: the replay doesn't start where it should"

    def could(self, delivery: Delivery) -> bool:
        """Answers that announce a replay."""
        return isinstance(delivery.message, Subscribed) and delivery.message.mode is Mode.REPLAY

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Name a neighbour of the anchor."""
        message = delivery.message
        if not isinstance(message, Subscribed) or message.from_ is None:
            return Lost()
        seq = message.from_.seq - 1 if message.from_.seq else 1
        return Forged(Encoded(replace(message, from_=Cursor(message.from_.epoch, seq))))
