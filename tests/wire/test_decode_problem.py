"""The body of a refused request (RFC 9457, PROTOCOL §5)."""

from __future__ import annotations

import pytest

from tracker_tui.wire.codec import decode_problem
from tracker_tui.wire.messages import Problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{"code":"order_not_found","detail":"no A1"}', Problem("order_not_found", "no A1")),
        (b'{"code":"order_not_found","detail":"no A1"}', Problem("order_not_found", "no A1")),
        ('{"type":"about:blank","title":"Busy","status":503,"code":"restarting"}', Problem("restarting", "")),
        ('{"code":"restarting","retryAfterSeconds":2.5}', Problem("restarting", "", None, 2.5)),
        ('{"code":"restarting","retryAfterSeconds":0}', Problem("restarting", "", None, 0)),
        ('{"code":"something_new","detail":7}', Problem("something_new", "")),
        ('{"code":"restarting","retryAfterSeconds":-1}', Problem("restarting", "")),
        ('{"code":"restarting","retryAfterSeconds":"2"}', Problem("restarting", "")),
        ('{"code":"restarting","retryAfterSeconds":true}', Problem("restarting", "")),
        ('{"code":"restarting","retryAfterSeconds":NaN}', Problem("restarting", "")),
        ('{"code":"restarting","retryAfterSeconds":1e999}', Problem("restarting", "")),
        ('{"code":"restarting","retryAfterSeconds":1' + "0" * 400 + "}", Problem("restarting", "")),
    ],
)
def test_a_problem_with_a_code_is_decoded_without_its_invalid_fields(body: bytes | str, problem: Problem) -> None:
    read = decode_problem(body)
    assert read == problem
    assert read is not None
    assert type(read.retry_after_seconds) in {int, float, type(None)}


@pytest.mark.parametrize(
    "body",
    [
        "",
        b"",
        "<html>502 Bad Gateway</html>",
        "null",
        "[]",
        '"order_not_found"',
        "{}",
        '{"title":"Not found","status":404}',
        '{"code":404}',
        '{"code":null}',
        '{"error":{"code":"order_not_found"}}',
        b"\xff\xfe\x00",
        "[" * 100_000,
        '{"code":"x","retryAfterSeconds":1' + "0" * 6000 + "}",
    ],
)
def test_a_body_without_a_code_comes_from_a_middlebox(body: bytes | str) -> None:
    assert decode_problem(body) is None
