"""The page about an order that its server names, if it is one that may be opened."""

from __future__ import annotations

from urllib.parse import urlsplit

from tracker_tui.domain.view import OrderView

MOST_CHARACTERS = 2_000
"""A longer address is no page's."""


def order_url(view: OrderView) -> str | None:
    """The order's page; None where there is none, or anything but a plain http or https address."""
    links = view.facts.value.links if view.facts else None
    url = links.web if links else None
    if url is None or len(url) > MOST_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    # Somebody else's name and password are not ours to send.
    return url if parts.scheme in {"http", "https"} and host and parts.username is None else None
