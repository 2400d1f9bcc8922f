"""The subject of a token, which is shown and never trusted."""

from __future__ import annotations

import base64

import pytest

from tracker_tui.link.auth.token import Token


def jwt(payload: bytes) -> Token:
    return Token(f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.c2ln")


@pytest.mark.parametrize(
    ("token", "subject"),
    [
        (jwt(b'{"sub": "mara", "exp": 1}'), "mara"),
        (jwt(b'{"exp": 1}'), None),
        (jwt(b'{"sub": 7}'), None),
        (jwt(b'{"sub": ""}'), None),
        (jwt(b'["mara"]'), None),
        (jwt(b"\xff\xfe"), None),
        (jwt(b"[" * 3_000), None),
        (jwt(b'{"sub": "' + b"x" * 101 + b'"}'), None),
        (Token("opaque"), None),
        (Token("a.b.c"), None),
    ],
)
def test_the_subject_of_a_jwt_can_be_shown(token: Token, subject: str | None) -> None:
    assert token.subject == subject
