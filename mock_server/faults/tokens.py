"""Faults of access: tokens that end before their time."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.faults.base import FaultLevel, FaultTarget, OneShotFault, SteadyFault
from mock_server.faults.parameters import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpiry(OneShotFault):
    """Expires every token that has been accepted so far, on open streams and for good; fresh ones are accepted."""

    name, level = "token-expiry", FaultLevel.SERVER
    advice = "refresh the token once and reconnect at once; without a fresh one it is signed out, and tries no more"

    async def apply(self, target: FaultTarget) -> None:
        """Expire them."""
        count = target.expire_tokens()
        target.record(self.name, "expired", None, "1 token" if count == 1 else f"{count} tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTokens(SteadyFault):
    """Lets each new token live for `seconds` at most, from when it is first accepted."""

    name, level = "short-tokens", FaultLevel.SERVER
    advice = "go by tokenExpiresAt and refresh ahead of it, on the open stream where that is possible"
    seconds: Seconds = 5.0
