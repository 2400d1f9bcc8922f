"""Where the orders of a run are: at a gateway somewhere, or at the one of a demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_tui.link.server import MOST_ORDERS
from tracker_tui.settings import Settings

if TYPE_CHECKING:
    from tracker_tui.demo import DemoServer


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway's base URL, the orders to watch there, and the hand on it that a demo gives."""

    server: str
    orders: tuple[str, ...]
    demo: DemoServer | None = None


@asynccontextmanager
async def find(settings: Settings) -> AsyncIterator[Place]:
    """The place that the settings name; a demo's server runs as long as the context lasts.

    Raises:
        UsageError: There is no such scenario.
    """
    if settings.demo is None:
        yield Place(settings.server, settings.orders)
        return
    # Loaded here: it brings the whole server.
    from tracker_tui.demo import demo  # noqa: PLC0415

    async with demo(settings.demo) as server:
        yield Place(server.url, settings.orders or server.orders[:MOST_ORDERS], server)
