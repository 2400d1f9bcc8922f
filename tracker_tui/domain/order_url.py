"""Addresses: the web page of an order, if it is safe to open, and the host of a server."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from tracker_tui.domain.view import OrderView

MOST_CHARACTERS = 2_000
"""Longer addresses are rejected."""


def order_url(view: OrderView) -> str | None:
    """Return the URL of the order's page; None if it has none, or one that is not plain http or https."""
    links = view.facts.value.links if view.facts else None
    url = links.web if links else None
    return url if url is not None and split_web_url(url) is not None else None


def split_web_url(url: str) -> SplitResult | None:
    """Return the parts of a URL; None if it is too long, not plain http or https, or has credentials."""
    if len(url) > MOST_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        # A port that is no number raises, too.
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    # Credentials in a URL of the server must not be sent.
    return parts if is_web and "@" not in parts.netloc else None


def server_host(server: str) -> str:
    """Return host and port of a base URL; all of `server` if it is no URL, as in some recordings."""
    try:
        return urlsplit(server).netloc or server
    except ValueError:
        return server
