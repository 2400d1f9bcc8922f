"""Valid and forged tokens for a mock server that requires them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from mock_server.auth.tokens import ALGORITHM, Key
from tracker_tui.link.auth.token import Token

SECRET = b"a-secret-of-the-tests-that-is-long-enough"
KEY = Key(SECRET)


def token(
    *patterns: str, seconds: float = 3600, subject: str = "staff", key: Key = KEY, now: datetime | None = None
) -> str:
    """Return a token for the orders of `patterns`, or for all, issued at `now`."""
    issued = now or datetime.now(UTC)
    return key.sign(subject, lifetime=timedelta(seconds=seconds), now=issued, patterns=patterns or None)


class FreshTokens:
    """Credentials that return a new valid token at every fetch."""

    async def fetch(self) -> Token:
        """Return a token for all orders."""
        return Token(token())

    def changed(self) -> bool:
        """Return False."""
        return False


def signed(claims: Any, secret: bytes = SECRET, algorithm: str = ALGORITHM) -> str:
    """Return a token with exactly these claims."""
    return jwt.PyJWS().encode(json.dumps(claims).encode(), secret, algorithm)


def unsigned(claims: dict[str, Any], algorithm: str = "none", signature: str = "") -> str:
    """Return a token with an invalid signature."""
    parts = (json.dumps(part).encode() for part in ({"typ": "JWT", "alg": algorithm}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), signature])


def bearer(text: str) -> dict[str, str]:
    """Return the header that presents a token."""
    return {"Authorization": f"Bearer {text}"}
