"""Tokens: signing, verification, and rights."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import pytest

from mock_server.auth.tokens import (
    MAX_TOKEN_LENGTH,
    AuthRejected,
    Key,
    Rights,
    TokenExpired,
    is_order_pattern,
    is_subject,
)
from tests.support.orders import START, at
from tests.support.tokens import KEY, SECRET, signed, unsigned

NOW = START.timestamp()
GOOD: dict[str, Any] = {"sub": "staff", "exp": NOW + 60, "orders": "A*"}


def test_signed_claims_are_read_back() -> None:
    text = KEY.sign("anna", lifetime=timedelta(seconds=90), now=START, patterns=["A*", "P1"])
    assert KEY.verify(text, START) == Rights("anna", ("A*", "P1"), at(90))


def test_two_tokens_are_never_equal() -> None:
    assert len({KEY.sign("anna", lifetime=timedelta(seconds=90), now=START) for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("claims", "patterns"),
    [
        ({"orders": "A1*"}, ("A1*",)),
        ({"orders": ["A*", "B?"]}, ("A*", "B?")),
        ({"orders": []}, ()),
        ({}, ("*",)),
    ],
)
def test_orders_are_a_pattern_or_a_list_and_default_to_all_orders(
    claims: dict[str, Any], patterns: tuple[str, ...]
) -> None:
    assert KEY.verify(signed({"sub": "staff", "exp": NOW + 60, **claims}), START).patterns == patterns


@pytest.mark.parametrize(
    ("patterns", "covered", "uncovered"),
    [
        (["*"], ["A1", "x.-_"], []),
        (["A*"], ["A", "A1", "A1042"], ["a1", "BA1", "B"]),
        (["A?"], ["A1"], ["A", "A12"]),
        (["A[12]"], ["A1", "A2"], ["A3", "A[12]", "A"]),
        (["A[!1]"], ["A2"], ["A1"]),
        (["A.1"], ["A.1"], ["Ax1"]),
        (["A1", "B*"], ["A1", "B7"], ["A10", "C1"]),
        ([""], [], ["A1"]),
        (["A["], [], ["A", "A1"]),
        ([], [], ["A1"]),
    ],
)
def test_patterns_match_order_ids_like_case_sensitive_file_names(
    patterns: list[str], covered: list[str], uncovered: list[str]
) -> None:
    rights = Rights("staff", tuple(patterns), at(60))
    assert [order_id for order_id in (*covered, *uncovered) if rights.covers(order_id)] == covered


def test_a_token_is_valid_until_the_moment_of_its_expiry() -> None:
    text = KEY.sign("staff", lifetime=timedelta(seconds=1.5), now=START)
    assert KEY.verify(text, at(1.499)).expires_at == at(1.5)
    with pytest.raises(TokenExpired):
        KEY.verify(text, at(1.5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "..",
        "é.é.é",
        "a.b.c\n",
        "\udcff.a.b",
        unsigned(GOOD),
        unsigned(GOOD, signature="AAAA"),
        unsigned(GOOD, "HS256", "AAAA"),
        unsigned(GOOD, "RS256", "AAAA"),
        signed(GOOD, b"another-secret-that-is-just-as-long-as-it"),
        signed(GOOD, SECRET * 2, "HS512"),
        signed(GOOD, SECRET * 2),
        signed(GOOD)[:-4] + "AAAA",
        f"{signed(GOOD)}=",
        signed({**GOOD, "padding": "x" * MAX_TOKEN_LENGTH}),
    ],
)
def test_a_token_signed_with_another_key_is_rejected(text: str) -> None:
    with pytest.raises(AuthRejected):
        KEY.verify(text, START)


def test_a_signature_of_other_claims_is_rejected() -> None:
    head, _, signature = signed(GOOD).split(".")
    _, payload, _ = signed({**GOOD, "orders": "*"}).split(".")
    with pytest.raises(AuthRejected):
        KEY.verify(f"{head}.{payload}.{signature}", START)


def test_a_token_with_another_algorithm_is_rejected_even_with_the_right_key() -> None:
    secret = SECRET * 2
    assert Key(secret).verify(signed(GOOD, secret), START).subject == "staff"
    with pytest.raises(AuthRejected):
        Key(secret).verify(signed(GOOD, secret, "HS512"), START)


@pytest.mark.parametrize(
    "claims",
    [
        [],
        "text",
        None,
        1,
        {},
        {"sub": "staff"},
        {"exp": NOW + 60},
        {**GOOD, "sub": ""},
        {**GOOD, "sub": 7},
        {**GOOD, "sub": None},
        {**GOOD, "sub": ["staff"]},
        {**GOOD, "orders": None},
        {**GOOD, "orders": 7},
        {**GOOD, "orders": {"A1": True}},
        {**GOOD, "orders": ["A1", 2]},
        {**GOOD, "exp": None},
        {**GOOD, "exp": True},
        {**GOOD, "exp": "9999999999"},
        {**GOOD, "exp": [NOW + 60]},
        {**GOOD, "exp": float("nan")},
        {**GOOD, "exp": float("inf")},
        {**GOOD, "exp": -1},
        {**GOOD, "exp": 10**400},
        {**GOOD, "exp": 10**12},
        {**GOOD, "nbf": NOW + 1},
        {**GOOD, "nbf": "soon"},
        {**GOOD, "aud": "another server"},
        {**GOOD, "jti": 7},
    ],
)
def test_invalid_signed_claims_are_rejected(claims: Any) -> None:
    with pytest.raises(AuthRejected):
        KEY.verify(signed(claims), START)


def test_a_token_is_not_valid_before_its_nbf() -> None:
    assert KEY.verify(signed({**GOOD, "nbf": NOW + 1}), at(1)).subject == "staff"


_PEM = b"-----BEGIN PRIVATE KEY-----\n" + b"x" * 64 + b"\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize("secret", [b"", b"short", b"x" * 31, _PEM])
def test_a_secret_that_is_too_short_or_of_another_kind_is_rejected(secret: bytes) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        Key(secret)
    assert not secret or secret.decode() not in str(caught.value)


def test_a_key_is_hidden_in_its_repr_and_cannot_be_pickled() -> None:
    assert repr(KEY) == "Key(…)"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


@pytest.mark.parametrize("text", ["A1042", "A*", "[AB]?", "[!A]-1", "*"])
def test_patterns_consist_of_characters_of_order_ids_and_wildcards(text: str) -> None:
    assert is_order_pattern(text)


@pytest.mark.parametrize("text", ["", "A 1", "A1\n", "é*", "A" * 65, "A,B", "A/B"])
def test_other_texts_are_not_patterns(text: str) -> None:
    assert not is_order_pattern(text)


def test_a_subject_is_a_printable_name() -> None:
    assert is_subject("Zoë from support")
    assert not any(map(is_subject, ["", " ", " x", "x ", "a\nb", "\x1b[2J", "x" * 101, "\u202eabc"]))
