"""The server's URLs and limits, and its Retry-After header."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from tracker_tui.domain.cursor import Cursor

DEFAULT_SERVER = "http://127.0.0.1:8765"
"""The default address of `mock-server`."""

MAX_ORDERS = 1_000
"""Orders on one WebSocket (PROTOCOL §5)."""

MAX_ORDERS_PER_QUERY = 50
"""Orders in the query of one stream (PROTOCOL §5)."""

MAX_CONCURRENT_FETCHES = 4
"""Snapshots that are fetched at the same time (PROTOCOL §7)."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server.

    Attributes:
        base: Its base URL, without a trailing slash.
    """

    base: str

    @classmethod
    def parse(cls, text: str) -> Server:
        """Parse a URL.

        Raises:
            ValueError: It is not an http(s) URL with a host, or has more than scheme, host, port and path.
        """
        example = f"a server is a URL such as {DEFAULT_SERVER}"
        try:
            parts = urlsplit(text)
            port = parts.port
            (parts.hostname or "").encode("idna")  # reject hosts that no resolver accepts
        except ValueError as error:
            raise ValueError(example) from error
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or port == 0
            or re.search(r"[\s\x00-\x20\x7f\\]", text)
        ):
            raise ValueError(example)
        if "?" in text or "#" in text or "@" in parts.netloc:
            raise ValueError(f"{example}, without user, query or fragment")
        return cls(f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/"))

    @property
    def stream_url(self) -> str:
        """URL of the WebSocket."""
        return f"ws{self.base.removeprefix('http')}/v1/stream"

    def stream_query_url(self, orders: Mapping[str, Cursor | None], wait: int | None = None) -> str:
        """Return the URL of a stream of some orders over plain HTTP.

        Args:
            orders: At most `MAX_ORDERS_PER_QUERY`, each with the cursor after which it resumes.
            wait: Seconds that a long poll may wait.
        """
        query = [f"order={order_id}@{cursor}" if cursor else f"order={order_id}" for order_id, cursor in orders.items()]
        if wait is not None:
            query.append(f"wait={wait}")
        return f"{self.base}/v1/stream?{'&'.join(query)}".rstrip("?")

    def list_url(self, after: str | None, limit: int) -> str:
        """Return the URL of a page of the open orders, starting after order `after`."""
        return f"{self.base}/v1/orders?status=open&limit={limit}{f'&after={after}' if after else ''}"

    def order_url(self, order_id: str) -> str:
        """Return the URL of an order's snapshot."""
        return f"{self.base}/v1/orders/{order_id}"

    def commands_url(self, order_id: str) -> str:
        """Return the URL for commands on an order."""
        return f"{self.base}/v1/orders/{order_id}/commands"

    @property
    def user_agent(self) -> str:
        """The client's User-Agent."""
        # Imported here: the settings import this module, and the first paint waits for them.
        from importlib.metadata import version  # noqa: PLC0415

        return f"tracker-tui/{version('tracker-tui')}"


def parse_retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header: a number or an HTTP date (RFC 9110 §10.2.3); None if neither."""
    if header is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", number := header.strip(), re.ASCII):
        return float(number)
    # Imported here for the same reason.
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    try:
        date = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
