"""Tests of the URLs that count as an order's web page."""

from __future__ import annotations

import pytest

from tests.support.orders import order, snapshot
from tracker_tui.domain.order import Links
from tracker_tui.domain.order_url import order_url
from tracker_tui.domain.view import OrderView


def page(web: str | None) -> str | None:
    return order_url(OrderView("A1").join(snapshot(1, facts=order(links=Links(web)))))


@pytest.mark.parametrize(
    "web", ["https://orders.example/A1", "http://localhost:8000/a?b=c#d", "HTTPS://orders.example"]
)
def test_a_plain_web_url_is_a_page(web: str) -> None:
    assert page(web) == web


@pytest.mark.parametrize(
    "web",
    [
        None,
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ssh://host/",
        "https:///no-host",
        "https://[::1",
        "--help",
        "-https://orders.example",
        "https://user:secret@orders.example/",
        "https://orders.example/\x1b]0;x\x07",
        "https://orders.example/\n--flag",
        "https://orders.example/ a",
        "https://örders.example/",
        "https://orders.example/" + "a" * 3_000,
    ],
)
def test_any_other_url_is_not_a_page(web: str | None) -> None:
    assert page(web) is None


def test_an_order_without_facts_or_links_has_no_page() -> None:
    assert order_url(OrderView("A1")) is None
    assert order_url(OrderView("A1").join(snapshot(1))) is None
