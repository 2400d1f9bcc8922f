"""The kinds of faults, and the effects that they have on messages, connections and the server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import ClassVar, Protocol

from mock_server.faults.parameters import Count, Lifetime, OrderId, Probability
from mock_server.orders.encoded import Encoded
from tracker_tui.domain.order import Outcome
from tracker_tui.wire.messages import Message


class FaultLevel(StrEnum):
    """The level at which a fault acts."""

    MESSAGE = "message"
    CONNECTION = "connection"
    NETWORK = "network"
    SERVER = "server"
    TCP = "tcp"
    """Faults of `mock-server proxy`, in front of any server."""


class StreamScope(StrEnum):
    """The matching streams that a fault applies to."""

    ALL = "all"
    ONE = "one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that can be injected.

    Attributes:
        name: The name, as it is written on a command line.
        level: The level at which it acts.
        advice: What a client should do about it: completes the sentence "The client should …".
    """

    name: ClassVar[str]
    level: ClassVar[FaultLevel]
    advice: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyFault(Fault):
    """A fault that stays armed until it is healed.

    Attributes:
        probability: The probability with which it is triggered where it applies.
        count: How many times it is triggered before it disarms itself; None for no limit.
        for_: Seconds after which it disarms itself; None for never.
    """

    probability: Probability = 1.0
    count: Count | None = None
    for_: Lifetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is about to be sent to one client.

    Attributes:
        message: The message.
        replayed: Whether it is an event that answers a subscription.
    """

    message: Message
    replayed: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """The message is not sent."""


@dataclass(frozen=True, slots=True)
class Duplicated:
    """The message is sent twice."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """The message is sent after `messages` later events of its order, or after `seconds`, whichever comes first."""

    messages: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Corrupted:
    """These bytes are sent: `instead` of the message, or before it."""

    data: bytes
    binary: bool
    instead: bool


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another message is sent in its place."""

    message: Encoded[Message]


@dataclass(frozen=True, slots=True)
class CutShort:
    """Half of the message is sent, then the connection is reset."""


Effect = Dropped | Duplicated | Delayed | Corrupted | Replaced | CutShort


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFault(SteadyFault, ABC):
    """A fault that acts on messages before they are sent.

    Attributes:
        order: Apply to messages of this order only.
        effect_name: The name of the effect in the fault log.
    """

    effect_name: ClassVar[str]
    counts_versions: ClassVar[bool] = False
    """Whether `count` counts versions of orders instead of deliveries to clients."""

    order: OrderId | None = None

    @abstractmethod
    def applies_to(self, delivery: Delivery) -> bool:
        """Return whether the fault can act on `delivery`."""

    @abstractmethod
    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """Return the effect on `delivery`; every random choice is drawn from `rng`."""


class StreamTarget(Protocol):
    """An open stream, as a fault uses it."""

    def abort(self) -> None:
        """Close the connection without a close frame."""

    def freeze(self, seconds: float) -> None:
        """Send nothing and answer nothing for `seconds`, with the socket open."""

    async def close(self, code: int, reason: str) -> None:
        """Close the stream with a close code, or with its equivalent where there are none."""


class FaultTarget(Protocol):
    """The server, as one-shot faults use it."""

    def record(self, fault: str, effect: str, order_id: str | None = None, detail: str = "") -> None:
        """Add a record to the fault log."""

    def streams(self, order: str | None, which: StreamScope) -> Iterable[StreamTarget]:
        """Return the open streams that watch `order`, or all open streams."""

    async def choose(self, order: str | None) -> str | None:
        """Return `order`; or one that is watched and has not ended; or any that has not ended; or any."""

    def orders(self, order: str | None) -> list[str]:
        """Return `order` alone, or all orders."""

    def freeze_requests(self, seconds: float) -> None:
        """Answer no new request for `seconds`."""

    async def reopen(self) -> int:
        """Open a new epoch; return its number."""

    async def truncate(self, order_id: str, keep: int) -> int:
        """Remove all but the `keep` newest versions of an order; return how many events were removed."""

    async def note(self, order_id: str, text: str) -> int:
        """Append a note to an order's history; return its seq."""

    async def end(self, order_id: str, outcome: Outcome) -> int:
        """End an order; return the seq of its last version."""

    async def outage(self, seconds: float) -> None:
        """Reset every connection and refuse new ones for `seconds`."""

    def expire_tokens(self) -> int:
        """Expire every token that has been accepted so far; return how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShotFault(Fault, ABC):
    """A fault that happens once, when it is injected."""

    @abstractmethod
    async def apply(self, target: FaultTarget) -> None:
        """Apply the fault to `target`, and record what was done."""


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun, which has a regular plural: ``1 event``, ``2 events``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
