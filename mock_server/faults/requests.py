"""Faults of requests: refused, redirected, answered by an intermediary, never answered."""

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
        retry_after: Seconds for `Retry-After`.
        dated: Whether `Retry-After` is a date instead of seconds.
        plain: Whether an intermediary refuses the request, not the server.
    """

    status: int
    retry_after: float | None = None
    dated: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The request is answered with a sign-in page."""


@dataclass(frozen=True, slots=True)
class Redirected:
    """The request is redirected."""

    status: int
    to: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request is not answered."""


@dataclass(frozen=True, slots=True)
class SilentUpgrade:
    """The upgrade is accepted, and no frame follows."""


Reaction = Refused | SignInPage | Redirected | NoAnswer | SilentUpgrade


class RequestFault(SteadyFault, ABC):
    """A fault that acts on requests before the server handles them."""

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """Return whether the fault can act on a request for this encoding; None for other requests."""
        return True

    @abstractmethod
    def reaction(self) -> Reaction:
        """Return what happens to a request when the fault is triggered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(RequestFault):
    """Refuses requests and upgrades with an HTTP status; with `plain` as an intermediary would."""

    name, level = "refuse", FaultLevel.CONNECTION
    advice = "wait as long as Retry-After says, and not blame the order for a refusal by an intermediary"
    status: Annotated[int, Interval(ge=400, le=599)] = 503
    retry_after: Seconds | None = None
    plain: bool = False

    def reaction(self) -> Reaction:
        """Refuse the request."""
        return Refused(self.status, self.retry_after, plain=self.plain)


class RequestScope(StrEnum):
    """The requests that a fault applies to."""

    ALL = "all"
    STREAMS = "streams"


class RetryAfterForm(StrEnum):
    """The form of `Retry-After` (RFC 9110 §10.2.3)."""

    SECONDS = "seconds"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(RequestFault):
    """Refuses requests with 429 and Retry-After, in seconds or as a date; with `plain` as an intermediary would."""

    name, level = "rate-limit", FaultLevel.NETWORK
    advice = "wait at least as long as Retry-After says, and keep its transport"
    retry_after: Seconds | None = 5.0
    form: RetryAfterForm = RetryAfterForm.SECONDS
    plain: bool = False
    which: RequestScope = RequestScope.ALL

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """Return whether `which` includes the request."""
        return self.which is RequestScope.ALL or encoding is not None

    def reaction(self) -> Reaction:
        """Refuse the request."""
        return Refused(429, self.retry_after, dated=self.form is RetryAfterForm.DATE, plain=self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(RequestFault):
    """Redirects requests to another origin, like a network that requires a sign-in."""

    name, level = "redirect", FaultLevel.NETWORK
    advice = "never follow it to another origin with the token, and treat it as an intermediary's answer"
    status: RedirectStatus = 302
    to: Url = "http://sign-in.invalid/"
    which: RequestScope = RequestScope.ALL

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """Return whether `which` includes the request."""
        return self.which is RequestScope.ALL or encoding is not None

    def reaction(self) -> Reaction:
        """Redirect the request."""
        return Redirected(self.status, self.to)


class BlockMode(StrEnum):
    """The ways in which a network blocks a stream."""

    REFUSE = "refuse"
    PORTAL = "portal"
    HANG = "hang"


class WebSocketBlockMode(StrEnum):
    """The ways in which a network blocks a WebSocket; `silent` accepts the upgrade and sends no frame."""

    REFUSE = "refuse"
    PORTAL = "portal"
    HANG = "hang"
    SILENT = "silent"


class _BlockFault(RequestFault):
    """A fault that blocks every stream of one encoding, like an intermediary."""

    encoding: ClassVar[StreamEncoding]
    level = FaultLevel.NETWORK

    def applies_to(self, encoding: StreamEncoding | None) -> bool:
        """Return whether the request asks for the blocked encoding."""
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
    """Blocks WebSockets: a plain 403, a sign-in page, no answer, or an upgrade without any frame."""

    name, encoding = "block-websocket", StreamEncoding.WEBSOCKET
    advice = "fall back to SSE if a plain request succeeds, and probe for the WebSocket from time to time"
    mode: WebSocketBlockMode = WebSocketBlockMode.REFUSE

    def reaction(self) -> Reaction:
        """Block the request as `mode` says."""
        return _blocked(self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSse(_BlockFault):
    """Blocks SSE streams: a plain 403, a sign-in page, or no answer."""

    name, encoding = "block-sse", StreamEncoding.SSE
    advice = "fall back to long-polling if a plain request succeeds"
    mode: BlockMode = BlockMode.REFUSE

    def reaction(self) -> Reaction:
        """Block the request as `mode` says."""
        return _blocked(self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLongPoll(_BlockFault):
    """Blocks long-polling: a plain 403, a sign-in page, or no answer."""

    name, encoding = "block-longpoll", StreamEncoding.LONGPOLL
    advice = "fall back to polling if a plain request succeeds"
    mode: BlockMode = BlockMode.REFUSE

    def reaction(self) -> Reaction:
        """Block the request as `mode` says."""
        return _blocked(self.mode)
