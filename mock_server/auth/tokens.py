"""Access tokens: signing and verification (PROTOCOL §6)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, ClassVar

ALGORITHM = "HS256"
"""The only accepted algorithm; the algorithm in a token's header is ignored."""

MIN_KEY_BYTES = 32
"""Bytes of the shortest accepted key (RFC 7518 §3.2)."""

MAX_TOKEN_LENGTH = 8192
"""Characters of the longest accepted token."""

_ALL_PATTERNS = ("*",)
_TOKEN_FORMAT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)  # RFC 7515 §7.1
_PATTERN = re.compile(r"[][A-Za-z0-9._*?!-]{1,64}", re.ASCII)
_SUBJECT = re.compile(r"\S(.{0,98}\S)?")
_MAX_TIMESTAMP = 253_402_300_799
"""The last second that `datetime` can represent."""


class AccessDenied(Exception):
    """The request is not authorized; the text is one line for people and contains no part of the token."""

    code: ClassVar[str]
    """The reason, for programs (PROTOCOL §8)."""


class TokenExpired(AccessDenied):
    """The token is genuine, but has expired."""

    code = "token_expired"


class AuthRejected(AccessDenied):
    """The token is missing or invalid."""

    code = "auth_rejected"


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights that a token grants.

    Attributes:
        subject: The user or team that the token is for.
        patterns: The orders that it covers, as case-sensitive `fnmatch` patterns.
        expires_at: The time at which it expires; None without authentication.
    """

    subject: str
    patterns: tuple[str, ...]
    expires_at: datetime | None

    def covers(self, order_id: str) -> bool:
        """Return whether the token covers the order, whether or not the order exists."""
        return any(fnmatchcase(order_id, pattern) for pattern in self.patterns)


UNRESTRICTED = Rights("", _ALL_PATTERNS, None)
"""The rights of every client of a server without authentication."""


class Key:
    """The secret key that signs tokens; its `repr` hides it, and it cannot be pickled."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        """Create a key from its secret.

        Raises:
            ValueError: The secret is too short, or is a key of another kind; the text does not contain it.
        """
        import jwt  # noqa: PLC0415  (a server without authentication starts without it)

        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"a key has at least {MIN_KEY_BYTES} bytes")
        try:
            jwt.encode({}, secret, ALGORITHM)
        except jwt.InvalidKeyError as error:
            raise ValueError(f"{ALGORITHM} takes a random secret, not a key pair or a certificate") from error
        self._secret = secret

    def sign(self, subject: str, *, lifetime: timedelta, now: datetime, patterns: Sequence[str] | None = None) -> str:
        """Create a token; no two tokens are equal.

        Args:
            subject: The user or team that the token is for.
            lifetime: The time until it expires.
            now: The time at which it is issued.
            patterns: The orders that it covers; None for all orders.
        """
        import jwt  # noqa: PLC0415

        claims: dict[str, object] = {
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": round((now + lifetime).timestamp(), 3),
            "jti": secrets.token_urlsafe(12),
        }
        if patterns is not None:
            claims["orders"] = list(patterns)
        return jwt.encode(claims, self._secret, ALGORITHM)

    def verify(self, token: str, now: datetime) -> Rights:
        """Return the rights that `token` grants.

        The claims `sub` and `exp` are required. The claim `orders` is a pattern or a list of patterns; a token
        without it covers every order. Times are compared with `now`, without leeway.

        Raises:
            TokenExpired: The token was signed with this key, but has expired.
            AuthRejected: The token is not valid.
        """
        import jwt  # noqa: PLC0415

        if len(token) > MAX_TOKEN_LENGTH or _TOKEN_FORMAT.fullmatch(token) is None:
            raise AuthRejected("that is not a token")
        try:
            # Times are checked below, with this server's clock.
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise AuthRejected("the token was not signed with this server's key") from error
        return _parse_rights(claims, now)

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written anywhere but in its file")


def is_order_pattern(text: str) -> bool:
    """Return whether `text` is a valid pattern of order ids."""
    return _PATTERN.fullmatch(text) is not None


def is_subject(text: str) -> bool:
    """Return whether `text` is a valid subject of a token."""
    return text.isprintable() and _SUBJECT.fullmatch(text) is not None


def _parse_rights(claims: Mapping[str, Any], now: datetime) -> Rights:
    subject, orders = claims.get("sub"), claims.get("orders", _ALL_PATTERNS[0])
    patterns = [orders] if isinstance(orders, str) else orders
    if not isinstance(subject, str) or not subject:
        raise AuthRejected("the token doesn't say who it is for (sub)")
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise AuthRejected("the token's orders are not a pattern or a list of patterns")
    if "nbf" in claims and _parse_time(claims["nbf"]) > now:
        raise AuthRejected("the token is not valid yet (nbf)")
    if (expires_at := _parse_time(claims.get("exp"))) <= now:
        raise TokenExpired("the token has expired; get a fresh one")
    return Rights(subject, tuple(patterns), expires_at)


def _parse_time(claim: object) -> datetime:
    # `bool` is a subclass of `int`, and Python's JSON parser accepts NaN.
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 <= claim <= _MAX_TIMESTAMP:
        raise AuthRejected("the token doesn't say when it expires (exp), or not in seconds since 1970")
    return datetime.fromtimestamp(claim, UTC)
