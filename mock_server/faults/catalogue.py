"""Every fault there is, one class each: what it does, its parameters, what a client should do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Any

from mock_server.encoded import Encoded
from mock_server.faults.fault import (
    Armed,
    Delivery,
    Effect,
    Fault,
    Forged,
    Held,
    Junk,
    Level,
    Lost,
    MessageFault,
    Severed,
    Strike,
    Target,
    Twice,
    Which,
    within,
)
from mock_server.faults.junk import JunkKind, junk
from mock_server.faults.tokens import ShortTokens, TokenExpiry
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.wire import Heartbeat, Mode, Subscribed


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff(MessageFault):
    """Resets the connection in the middle of a frame, `count` times."""

    name, level, done = "cut", Level.CONNECTION, "cut"
    advice = "discard the half message, reconnect and resume from the cursor"
    count: int | None = within(1, 1, 1e9)

    def could(self, delivery: Delivery) -> bool:
        """What a stream goes on and on with, so that a new stream gets going at all."""
        return isinstance(delivery.message, Event | Snapshot | Heartbeat)

    def touch(self, delivery: Delivery, rng: Random) -> Effect:
        """Send half of it."""
        return Severed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(Strike):
    """Ends streams without a close frame."""

    name, level = "disconnect", Level.CONNECTION
    advice = "reconnect after a short random wait and resume from the cursor"
    order: str | None = None
    which: Which = Which.ALL

    async def strike(self, target: Target) -> None:
        """End them."""
        for stream in target.streams(self.order, self.which):
            stream.drop()
            target.record(self.name, "disconnected", self.order)


def _may_be_sent(code: int) -> bool:
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _close_code(default: int) -> Any:
    allowed: Callable[[int], bool] = _may_be_sent
    return field(default=default, metadata={"allowed": allowed, "hint": "1000-1003, 1007-1014 or 3000-4999"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Strike):
    """Closes streams with a code and a reason."""

    name, level = "close", Level.CONNECTION
    advice = "follow the code: 4000–4499 retry, 4500–4999 final, others by the table"
    code: int = _close_code(1011)
    reason: str = ""
    order: str | None = None
    which: Which = Which.ALL

    async def strike(self, target: Target) -> None:
        """Close them."""
        for stream in target.streams(self.order, self.which):
            target.record(self.name, "closed", self.order, str(self.code))
            await stream.close(self.code, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptThenClose(Armed):
    """Accepts streams and closes them at once, before hello."""

    name, level = "accept-then-close", Level.CONNECTION
    advice = "take no opened stream for a healthy one: back off all the same"
    code: int = _close_code(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Armed):
    """Refuses requests and upgrades with an HTTP status; `plain` as a box in between would."""

    name, level = "refuse", Level.CONNECTION
    advice = "wait as long as Retry-After says; a refusal that isn't the gateway's is no verdict on the order"
    status: int = within(503, 400, 599)
    retry_after: float | None = within(None, 0, 86400)
    plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowHello(Armed):
    """Sends hello late."""

    name, level = "slow-hello", Level.CONNECTION
    advice = "count a stream as usable when hello has arrived, and try again after 5 s without it"
    seconds: float = within(8.0, 0, 3600)


class NewStreams(StrEnum):
    """What becomes of requests while the gateway is frozen."""

    SERVE = "serve"
    HANG = "hang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Strike):
    """Falls silent with the sockets open and pings unanswered; new connections are served, or hang too."""

    name, level = "freeze", Level.CONNECTION
    advice = "notice the silence after two heartbeats and 2 s, abort, reconnect"
    seconds: float = within(30.0, 0, 86400)
    new: NewStreams = NewStreams.SERVE
    order: str | None = None

    async def strike(self, target: Target) -> None:
        """Freeze what is open, and on demand what comes."""
        for stream in target.streams(self.order, Which.ALL):
            stream.freeze(self.seconds)
            target.record(self.name, "frozen", self.order, f"for {self.seconds:g} s")
        if self.new is NewStreams.HANG:
            target.freeze_requests(self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEpoch(Strike):
    """Opens a new epoch, as after a lost log; on live connections or after dropping them."""

    name, level = "new-epoch", Level.SERVER
    advice = "subscribe with null, keep the old state marked until the snapshot of the new epoch"
    drop_connections: bool = False

    async def strike(self, target: Target) -> None:
        """Renumber everything."""
        if self.drop_connections:
            for stream in target.streams(None, Which.ALL):
                stream.drop()
        epoch = await target.reopen()
        target.record(self.name, "reopened", None, f"epoch {epoch}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateLog(Strike):
    """Forgets the oldest events and history, so that old cursors get a snapshot that starts later."""

    name, level = "truncate-log", Level.SERVER
    advice = "take the snapshot, and keep the older history that is held"
    keep: int = within(1, 1, 1e9)
    order: str | None = None

    async def strike(self, target: Target) -> None:
        """Trim each log."""
        for order_id in target.orders(self.order):
            forgotten = await target.truncate(order_id, self.keep)
            target.record(self.name, "truncated", order_id, f"{forgotten} events forgotten")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaggingSnapshot(Armed):
    """Serves snapshots that are some versions old, as a lagging node would."""

    name, level = "lagging-snapshot", Level.SERVER
    advice = "roll nothing back; ask again until the announced head is reached"
    order: str | None = None
    versions: int = within(3, 1, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(Strike):
    """Resets every connection and refuses new ones for a while."""

    name, level = "outage", Level.SERVER
    advice = "keep the last state with its age, and retry with growing, random waits"
    seconds: float = within(10.0, 0, 86400)

    async def strike(self, target: Target) -> None:
        """Go away and come back."""
        await target.outage(self.seconds)


EVIL_TEXT = "[/b][@click=app.quit]quit[/] \x1b]0;x\x07\x1b[2J\x00 \u202edetrevni\u202c [red]"
"""Markup, terminal escapes, NUL and a right-to-left override."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvilText(Strike):
    """Appends a note whose text tries to style, to quit, to clear the screen."""

    name, level = "evil-text", Level.SERVER
    advice = "show control characters as symbols; text from outside is never markup and never an escape"
    order: str | None = None
    count: int = within(1, 1, 1000)

    async def strike(self, target: Target) -> None:
        """Append it."""
        if (order_id := await target.choose(self.order)) is None:
            return
        for _ in range(self.count):
            seq = await target.note(order_id, EVIL_TEXT)
            target.record(self.name, "noted", order_id, f"seq {seq}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalWhileWatching(Strike):
    """Ends an order that is being watched."""

    name, level = "terminal-while-watching", Level.SERVER
    advice = "show the outcome, close with 1000 once every order has ended, exit by the outcome"
    outcome: Outcome = Outcome.CANCELLED
    order: str | None = None

    async def strike(self, target: Target) -> None:
        """End it; the simulation doesn't bring it back."""
        if (order_id := await target.choose(self.order)) is None:
            return
        seq = await target.end(order_id, self.outcome)
        target.record(self.name, "ended", order_id, f"{self.outcome} at seq {seq}")


FAULTS: dict[str, type[Fault]] = {
    kind.name: kind
    for kind in (
        Drop,
        Duplicate,
        Reorder,
        Delay,
        LoseTail,
        HoleInReplay,
        Corrupt,
        WrongEcho,
        EvilText,
        Disconnect,
        Close,
        AcceptThenClose,
        Refuse,
        CutOff,
        Freeze,
        SlowHello,
        NewEpoch,
        TruncateLog,
        LaggingSnapshot,
        Outage,
        TerminalWhileWatching,
        TokenExpiry,
        ShortTokens,
    )
}
"""The catalogue, by name, in the order in which it is shown."""
