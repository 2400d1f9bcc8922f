"""Tokens: what one says, how it is signed, and what it takes for one to be believed (PROTOCOL §6)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, ClassVar

ALGORITHM = "HS256"
"""The only one that is believed, whatever a token's header says."""

MIN_KEY_BYTES = 32
"""Bytes of the smallest key that is worth the algorithm (RFC 7518 §3.2)."""

MAX_TOKEN_LENGTH = 8192
"""Characters of the longest token that is looked at."""

_ALL_PATTERNS = ("*",)
_TOKEN_FORMAT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)  # RFC 7515 §7.1
_PATTERN = re.compile(r"[][A-Za-z0-9._*?!-]{1,64}", re.ASCII)
_SUBJECT = re.compile(r"\S(.{0,98}\S)?")
_MAX_TIMESTAMP = 253_402_300_799
"""Where the years of `datetime` end."""


class AccessDenied(Exception):
    """Who asks isn't let in; one line for people that repeats nothing of the token."""

    code: ClassVar[str]
    """Why, for programs (PROTOCOL §8)."""


class TokenExpired(AccessDenied):
    """The token was good once."""

    code = "token_expired"


class AuthRejected(AccessDenied):
    """There is no token, or none that this server believes."""

    code = "auth_rejected"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a token gives.

    Attributes:
        subject: Who has it.
        patterns: Which orders they may see, as `fnmatch` patterns, upper and lower case told apart.
        expires_at: When it ends; None where nobody is asked for a token.
    """

    subject: str
    patterns: tuple[str, ...]
    expires_at: datetime | None

    def covers(self, order_id: str) -> bool:
        """Whether the order may be seen, if there is one."""
        return any(fnmatchcase(order_id, pattern) for pattern in self.patterns)


UNRESTRICTED = Rights("", _ALL_PATTERNS, None)
"""What everyone may where nobody is asked for a token."""


class Key:
    """The secret that tokens are signed with; it shows itself to nobody."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        """Take a secret.

        Raises:
            ValueError: It is too short, or a key of another kind; one line for people that doesn't repeat it.
        """
        import jwt  # noqa: PLC0415  (a server that asks nobody for a token starts without it)

        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"a key has at least {MIN_KEY_BYTES} bytes")
        try:
            jwt.encode({}, secret, ALGORITHM)
        except jwt.InvalidKeyError as error:
            raise ValueError(f"{ALGORITHM} takes a random secret, not a key pair or a certificate") from error
        self._secret = secret

    def sign(self, subject: str, *, lifetime: timedelta, now: datetime, patterns: Sequence[str] | None = None) -> str:
        """Make a token; no two are the same.

        Args:
            subject: Who it is for.
            lifetime: How long it is good.
            now: From when on.
            patterns: Which orders it lets them see; None for all.
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
        """Say what `token` gives.

        The claim `orders` is a pattern or a list of them; without it every order may be seen. `sub` and `exp` are
        required. There is no leeway: `now` is the server's word.

        Raises:
            TokenExpired: It has been signed with this key, and its time is over.
            AuthRejected: It is anything else than a good token.
        """
        import jwt  # noqa: PLC0415

        if len(token) > MAX_TOKEN_LENGTH or _TOKEN_FORMAT.fullmatch(token) is None:
            raise AuthRejected("that is not a token")
        try:
            # The times are judged below, by the clock of this server.
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise AuthRejected("the token was not signed for this server") from error
        return _parse_rights(claims, now)

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written anywhere but in its file")


def is_order_pattern(text: str) -> bool:
    """Whether `text` could be meant as a pattern of order ids."""
    return _PATTERN.fullmatch(text) is not None


def is_subject(text: str) -> bool:
    """Whether `text` can name who a token is for."""
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
    # To Python a truth value is a number, and JSON as Python reads it knows NaN.
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 <= claim <= _MAX_TIMESTAMP:
        raise AuthRejected("the token doesn't say when it expires (exp), or not in seconds since 1970")
    return datetime.fromtimestamp(claim, UTC)
