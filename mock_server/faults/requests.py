"""Faults that strike requests: refused, answered by somebody else, sent elsewhere, never answered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from annotated_types import Interval

from mock_server.encoding.negotiation import StreamEncoding
from mock_server.faults.base import FaultLevel, SteadyFault
from mock_server.faults.parameters import RedirectStatus, Seconds, Url


@dataclass(frozen=True, slots=True)
class Refused:
    """The request is refused.

    Attributes:
        status: The HTTP status.
        retry_after: Seconds to wait.
        dated: Whether `Retry-After` is a date instead of seconds.
        plain: Whether a box in between refuses, not the gateway.
    """

    status: int
    retry_after: float | None = None
    dated: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The request is answered with a page to sign in on."""


@dataclass(frozen=True, slots=True)
class Redirected:
    """The request is sent to another place."""

    status: int
    to: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request is not answered."""


@dataclass(frozen=True, slots=True)
class SilentUpgrade:
    """The upgrade is accepted, and nothing ever follows."""


Reaction = Refused | SignInPage | Redirected | NoAnswer | SilentUpgrade


class RequestFault(SteadyFault, ABC):
    """A fault that strikes requests before the gateway sees them."""

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """Whether it strikes a request for a stream of this encoding, or for something else."""
        return True

    @abstractmethod
    def reaction(self) -> Reaction:
        """What happens to a request that is struck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(RequestFault):
    """Refuses requests and upgrades with an HTTP status; `plain` as a box in between would."""

    name, level = "refuse", FaultLevel.CONNECTION
    advice = "wait as long as Retry-After says; a refusal that isn't the gateway's is no verdict on the order"
    status: Annotated[int, Interval(ge=400, le=599)] = 503
    retry_after: Seconds | None = None
    plain: bool = False

    def reaction(self) -> Reaction:
        """Refuse it."""
        return Refused(self.status, self.retry_after, plain=self.plain)


class RequestScope(StrEnum):
    """Which requests are meant."""

    ALL = "all"
    STREAMS = "streams"


class RetryAfterForm(StrEnum):
    """How `Retry-After` is written (RFC 9110 §10.2.3)."""

    SECONDS = "seconds"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(RequestFault):
    """Refuses requests with 429 and Retry-After, in seconds or as a date; `plain` as a box in between would."""

    name, level = "rate-limit", FaultLevel.NETWORK
    advice = "wait at least as long as Retry-After says, in either form; busy is no verdict on order or transport"
    retry_after: Seconds | None = 5.0
    form: RetryAfterForm = RetryAfterForm.SECONDS
    plain: bool = False
    which: RequestScope = RequestScope.ALL

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """As `which` says."""
        return self.which is RequestScope.ALL or encoding is not None

    def reaction(self) -> Reaction:
        """Refuse it for now."""
        return Refused(429, self.retry_after, dated=self.form is RetryAfterForm.DATE, plain=self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(RequestFault):
    """Sends requests elsewhere: to a page of another origin, as a network that wants a sign-in does."""

    name, level = "redirect", FaultLevel.NETWORK
    advice = "never follow it to another origin with the token; take it for a box in between"
    status: RedirectStatus = 302
    to: Url = "http://sign-in.invalid/"
    which: RequestScope = RequestScope.ALL

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """As `which` says."""
        return self.which is RequestScope.ALL or encoding is not None

    def reaction(self) -> Reaction:
        """Send it away."""
        return Redirected(self.status, self.to)


class BlockMode(StrEnum):
    """How a network keeps a stream from being opened."""

    REFUSE = "refuse"
    PORTAL = "portal"
    HANG = "hang"


class WebSocketBlockMode(StrEnum):
    """The same for a WebSocket, which can also be opened and carry nothing."""

    REFUSE = "refuse"
    PORTAL = "portal"
    HANG = "hang"
    SILENT = "silent"


class _BlockFault(RequestFault):
    """A box in between that lets streams of one encoding through to nobody."""

    encoding: ClassVar[StreamEncoding]
    level = FaultLevel.NETWORK

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """Its own encoding only."""
        return encoding is self.encoding


def _blocked(mode: BlockMode | WebSocketBlockMode) -> Reaction:
    match mode.value:
        case "refuse":
            return Refused(403, plain=True)
        case "portal":
            return SignInPage()
        case "hang":
            return NoAnswer()
        case _:
            return SilentUpgrade()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockWebSocket(_BlockFault):
    """Lets no WebSocket through: a plain 403, a sign-in page, no answer, or an upgrade that stays silent."""

    name, encoding = "block-websocket", StreamEncoding.WEBSOCKET
    advice = "fall back to SSE once a plain request gets through, and probe for the WebSocket now and then"
    mode: WebSocketBlockMode = WebSocketBlockMode.REFUSE

    def reaction(self) -> Reaction:
        """As `mode` says."""
        return _blocked(self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSse(_BlockFault):
    """Lets no SSE stream through: a plain 403, a sign-in page, or no answer."""

    name, encoding = "block-sse", StreamEncoding.SSE
    advice = "fall back to long-polling once a plain request gets through"
    mode: BlockMode = BlockMode.REFUSE

    def reaction(self) -> Reaction:
        """As `mode` says."""
        return _blocked(self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLongPoll(_BlockFault):
    """Lets no long-poll through: a plain 403, a sign-in page, or no answer."""

    name, encoding = "block-longpoll", StreamEncoding.LONGPOLL
    advice = "fall back to plain polling once a plain request gets through"
    mode: BlockMode = BlockMode.REFUSE

    def reaction(self) -> Reaction:
        """As `mode` says."""
        return _blocked(self.mode)
