"""Server URLs, and the Retry-After header."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.link.http.server import DEFAULT_SERVER, Server, parse_retry_after


@pytest.mark.parametrize(
    ("text", "base", "stream"),
    [
        (DEFAULT_SERVER, "http://127.0.0.1:8765", "ws://127.0.0.1:8765/v1/stream"),
        ("https://orders.example/", "https://orders.example", "wss://orders.example/v1/stream"),
        ("http://h/api/", "http://h/api", "ws://h/api/v1/stream"),
        ("http://[::1]:80/x", "http://[::1]:80/x", "ws://[::1]:80/x/v1/stream"),
        ("HTTP://h", "http://h", "ws://h/v1/stream"),
        ("HTTPS://h", "https://h", "wss://h/v1/stream"),
    ],
)
def test_a_url_determines_the_addresses_of_the_stream_and_the_orders(text: str, base: str, stream: str) -> None:
    server = Server.parse(text)
    assert server.base == base
    assert server.stream_url == stream
    assert server.order_url("A1") == f"{base}/v1/orders/A1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:8765",
        "localhost",
        "ftp://h",
        "ws://h",
        "http://",
        "http:///x",
        "http://h:0",
        "http://h:99999",
        "http://h:port",
        "http://h:１",
        "http://[::1",
        "http://a b",
        " http://h",
        "http://h\n",
        "http://h/\x7f",
        "http://h?",
        "http://h?x=1",
        "http://h#",
        "http://h/#a",
        "http://user@h",
        "http://user:secret@h",
        "http://@h",
        "http://a..b",
        f"http://{'a' * 64}.example",
    ],
)
def test_an_invalid_server_url_is_refused_in_one_line_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=rf"^a server is a URL such as {re.escape(DEFAULT_SERVER)}") as refused:
        Server.parse(text)
    assert str(refused.value).isprintable()
    assert "secret" not in str(refused.value)


@given(st.text(max_size=30) | st.text("htps:/.@?#[]%a1- é\\", max_size=30).map("http://".__add__))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    try:
        server = Server.parse(text)
    except ValueError:
        return
    assert server.stream_url.startswith(("ws://", "wss://"))
    assert server.base == Server.parse(server.base).base


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("7\x1f", 7),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("1e3", None),
        ("1_000", None),
        ("٣", None),
        ("9" * 400, None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ("Wed, 21 Oct 99999 07:28:00 GMT", None),
        ("Wed, 21 Oct 2099 07:28:00 +99999999999999", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date_or_nothing(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header) == seconds


def test_a_date_in_retry_after_counts_from_now() -> None:
    header = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    seconds = parse_retry_after(header)
    assert seconds is not None
    assert 3500 < seconds <= 3600


@given(st.text(max_size=40) | st.text("0123456789 :+-,GMTadWOct", max_size=40).map("Wed, 21 Oct ".__add__))
def test_no_retry_after_crashes(header: str) -> None:
    seconds = parse_retry_after(header)
    assert seconds is None or seconds >= 0
