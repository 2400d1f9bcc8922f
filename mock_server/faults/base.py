"""What a fault is: its parameters, and what it may do to a message, to a connection or to the gateway."""

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
    """Where a fault bites."""

    MESSAGE = "message"
    CONNECTION = "connection"
    NETWORK = "network"
    SERVER = "server"
    TCP = "tcp"
    """Only `mock-server proxy` can do these, in front of any server."""


class StreamScope(StrEnum):
    """How many of the streams that match are hit."""

    ALL = "all"
    ONE = "one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A way to misbehave.

    Attributes:
        name: What it is called on a command line.
        level: Where it bites.
        advice: What a client should do about it.
    """

    name: ClassVar[str]
    level: ClassVar[FaultLevel]
    advice: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyFault(Fault):
    """A fault that stays armed until it is healed.

    Attributes:
        probability: How often it strikes where it could.
        count: How often it strikes before it heals itself; None for no limit.
        for_: Seconds after which it heals itself; None for never.
    """

    probability: Probability = 1.0
    count: Count | None = None
    for_: Lifetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to one watcher.

    Attributes:
        message: What is to be sent.
        replayed: Whether it is an event that answers a subscription.
    """

    message: Message
    replayed: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """The message is not sent."""


@dataclass(frozen=True, slots=True)
class Duplicated:
    """The message is sent two times."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """The message is sent after so many later ones of its order, or after so many seconds."""

    messages: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Corrupted:
    """These bytes are sent, and the message itself is `instead` lost, or follows."""

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
    """A fault that strikes messages on their way out.

    Attributes:
        order: Strike messages of this order only.
        effect_name: What the record calls its effect.
    """

    effect_name: ClassVar[str]
    counts_versions: ClassVar[bool] = False
    """Whether `count` counts versions, however many watchers each goes to."""

    order: OrderId | None = None

    @abstractmethod
    def applies_to(self, delivery: Delivery) -> bool:
        """Whether `delivery` is of the kind that this fault strikes."""

    @abstractmethod
    def effect_on(self, delivery: Delivery, rng: Random) -> Effect:
        """What to do to a delivery that is struck; all chance comes from `rng`."""


class StreamTarget(Protocol):
    """A connection, as a fault sees it."""

    def abort(self) -> None:
        """End the connection without a word."""

    def freeze(self, seconds: float) -> None:
        """Say and answer nothing for `seconds`, with the socket open."""

    async def close(self, code: int, reason: str) -> None:
        """Close with a code, or with what stands for it where there are none."""


class FaultTarget(Protocol):
    """What a one-shot fault may do to the gateway."""

    def record(self, fault: str, effect: str, order_id: str | None = None, detail: str = "") -> None:
        """Write down what was done."""

    def streams(self, order: str | None, which: StreamScope) -> Iterable[StreamTarget]:
        """The open streams that watch `order`, or all."""

    async def choose(self, order: str | None) -> str | None:
        """`order`, or one that is watched and has not ended, or any that has not ended, or any."""

    def orders(self, order: str | None) -> list[str]:
        """`order`, or all."""

    def freeze_requests(self, seconds: float) -> None:
        """Answer no new request for `seconds`."""

    async def reopen(self) -> int:
        """Open a new epoch and give its number."""

    async def truncate(self, order_id: str, keep: int) -> int:
        """Forget all but the newest versions of an order."""

    async def note(self, order_id: str, text: str) -> int:
        """Append a note to an order's history and give its seq."""

    async def end(self, order_id: str, outcome: Outcome) -> int:
        """End an order for good and give the seq of its end."""

    async def outage(self, seconds: float) -> None:
        """Refuse and reset every connection for `seconds`."""

    def expire_tokens(self) -> int:
        """End every token that has been accepted so far; gives how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShotFault(Fault, ABC):
    """A fault that happens once, when it is injected."""

    @abstractmethod
    async def apply(self, target: FaultTarget) -> None:
        """Do it, and record what was done."""
