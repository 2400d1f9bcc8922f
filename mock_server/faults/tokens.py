"""Faults of authentication: tokens that expire early."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.faults.base import FaultLevel, FaultTarget, OneShotFault, SteadyFault, count_of
from mock_server.faults.parameters import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpiry(OneShotFault):
    """Expires every token that has been accepted so far; open streams close, fresh tokens are accepted."""

    name, level = "token-expiry", FaultLevel.SERVER
    advice = "refresh the token once and reconnect at once; without a fresh token it is signed out and stops retrying"

    async def apply(self, target: FaultTarget) -> None:
        """Expire the tokens."""
        count = target.expire_tokens()
        target.record(self.name, "expired", None, count_of(count, "token"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTokens(SteadyFault):
    """Limits the life of each new token to `seconds` from its first use."""

    name, level = "short-tokens", FaultLevel.SERVER
    advice = "refresh the token before tokenExpiresAt, on the open stream where possible"
    seconds: Seconds = 5.0
