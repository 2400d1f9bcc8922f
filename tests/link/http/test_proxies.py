"""The proxy that the environment names for a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.link.errors import TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.proxies import Proxy, proxy_for
from tracker_tui.link.http.server import Server

ENVIRON = {"HTTP_PROXY": "http://plain.example:3128", "HTTPS_PROXY": "http://secure.example:3128"}


def chosen(base: str, **environ: str) -> str | None:
    proxy = proxy_for(base, environ)
    return proxy.address if proxy else None


def test_each_scheme_has_its_own() -> None:
    assert chosen("http://orders.example", **ENVIRON) == "http://plain.example:3128"
    assert chosen("https://orders.example", **ENVIRON) == "http://secure.example:3128"
    assert chosen("https://orders.example", HTTP_PROXY="http://plain.example") is None
    assert chosen("https://orders.example") is None


def test_a_lower_case_name_wins_even_if_it_is_empty() -> None:
    assert chosen("http://h", http_proxy="http://low:1", HTTP_PROXY="http://up:1") == "http://low:1"
    assert chosen("http://h", http_proxy="", HTTP_PROXY="http://up:1") is None
    assert chosen("http://h", HTTP_PROXY=" ") is None


@pytest.mark.parametrize(
    "base",
    ["http://localhost:8765", "http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:8765", "http://x.localhost"],
)
def test_loopback_is_never_requested_through_a_proxy(base: str) -> None:
    assert chosen(base, **ENVIRON) is None


@pytest.mark.parametrize(
    ("base", "no_proxy", "direct"),
    [
        ("http://orders.example", "*", True),
        ("http://orders.example", "orders.example", True),
        ("http://orders.example", "Orders.EXAMPLE", True),
        ("http://ORDERS.example", "orders.example", True),
        ("http://orders.example", "example", True),
        ("http://orders.example", ".example", True),
        ("http://orders.example", "*.example", True),
        ("http://orders.example", "a.example, orders.example ,b", True),
        ("http://orders.example", "rders.example", False),
        ("http://orders.example", "orders.example.org", False),
        ("http://orders.example", "", False),
        ("http://orders.example", ",, ,.", False),
        ("http://orders.example:8080", "orders.example:8080", True),
        ("http://orders.example", "orders.example:80", True),
        ("http://orders.example", "orders.example:8080", False),
        ("http://10.1.2.3", "10.0.0.0/8", True),
        ("http://10.1.2.3", "10.1.2.3", True),
        ("http://10.1.2.3", "1.2.3", False),
        ("http://10.1.2.3", "11.0.0.0/8", False),
        ("http://10.1.2.3", "10.0.0.0/99", False),
        ("http://[2001:db8::1]", "2001:db8::1", True),
        ("http://[2001:db8::1]:8080", "[2001:db8::1]:8080", True),
        ("http://[2001:db8::1]:8080", "[2001:db8::1]:80", False),
        ("http://[2001:db8::1]", "[2001:db8:0::1]", True),
        ("http://[2001:db8::1]", "2001:db8::/32", True),
        ("http://[2001:db8::1]", "2001:db8::2", False),
    ],
)
def test_no_proxy_names_hosts_subdomains_and_networks(base: str, no_proxy: str, direct: bool) -> None:
    assert (chosen(base, NO_PROXY=no_proxy, **ENVIRON) is None) == direct


@pytest.mark.parametrize(
    ("text", "address", "credentials", "url"),
    [
        ("proxy.example:3128", "http://proxy.example:3128", None, "http://proxy.example:3128"),
        ("http://proxy.example", "http://proxy.example:80", None, "http://proxy.example:80"),
        ("https://proxy.example/", "https://proxy.example:443", None, "https://proxy.example:443"),
        ("HTTP://Proxy.Example", "http://proxy.example:80", None, "http://proxy.example:80"),
        ("http://[::1]:3128", "http://[::1]:3128", None, "http://[::1]:3128"),
        ("http://u:p@h:1", "http://h:1", ("u", "p"), "http://u:p@h:1"),
        ("http://u@h:1", "http://h:1", ("u", ""), "http://u:@h:1"),
        ("http://u%40x:p%3Aq%2F@h:1", "http://h:1", ("u@x", "p:q/"), "http://u%40x:p%3Aq%2F@h:1"),
    ],
)
def test_a_proxy_is_an_address_and_credentials(
    text: str, address: str, credentials: tuple[str, str] | None, url: str
) -> None:
    proxy = Proxy.parse(text)
    assert (proxy.address, proxy.credentials, proxy.url) == (address, credentials, url)


@pytest.mark.parametrize(
    "text",
    [
        "socks5://user:hunter2@h:1080",
        "ftp://user:hunter2@h",
        "http://user:hunter2@",
        "http://user:hunter2@h:0",
        "http://user:hunter2@h:99999",
        "http://user:hunter2@h:port",
        "http://user:hunter2@h/path",
        "http://user:hunter2@h?x",
        "http://user:hunter2@h h",
        "http://user:hunter2@h\x1b[2J",
        "http://user:hunter2@[::1",
        "http://user:hunter2@a..b",
    ],
)
async def test_an_unusable_proxy_fails_the_first_request_and_shows_no_password(text: str) -> None:
    network = HttpClient(Server.parse("http://orders.example"), environ={"HTTP_PROXY": text})
    with pytest.raises(TransportDown, match=r"^HTTP_PROXY is not ") as down:
        await network.get("http://orders.example", {})
    assert "hunter2" not in str(down.value)
    assert str(down.value).isprintable()
    assert down.value.__cause__ is None


def test_a_proxy_shows_its_address_alone() -> None:
    assert "hunter2" not in repr(Proxy.parse("http://user:hunter2@h"))


@given(st.text(max_size=40) | st.text("htps:/.@?#[]%a1- é\\", max_size=30).map("http://".__add__))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    try:
        proxy = Proxy.parse(text)
    except ValueError:
        return
    assert Proxy.parse(proxy.url) == proxy


@given(st.text(max_size=40) | st.text("0123456789.:/[]*,abc", max_size=40))
def test_no_exception_list_crashes(text: str) -> None:
    for base in ("http://orders.example", "http://10.1.2.3", "http://[2001:db8::1]:8080"):
        proxy_for(base, {**ENVIRON, "NO_PROXY": text})
