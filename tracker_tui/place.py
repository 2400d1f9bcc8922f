"""Where the orders of a run are, at a gateway somewhere or at the one of a demo; and who asks for them there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_tui.link.server import MOST_ORDERS
from tracker_tui.settings import Settings

if TYPE_CHECKING:
    from tracker_tui.demo import DemoServer
    from tracker_tui.link.credentials import Credentials
    from tracker_tui.link.feed import OrderFeed


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
        yield Place(server.url, () if settings.everything else settings.orders or server.orders[:MOST_ORDERS], server)


def credentials_of(settings: Settings) -> Credentials | None:
    """Where the tokens come from that a gateway is shown; None where it is asked without."""
    # Loaded here: the first paint waits for settings and place.
    from tracker_tui.link.credentials import FromCommand, FromEnvironment, FromFile  # noqa: PLC0415

    if settings.demo is not None:
        return None
    if settings.token_file is not None:
        return FromFile(settings.token_file)
    if settings.token_command is not None:
        return FromCommand(settings.token_command)
    return FromEnvironment(settings.token) if settings.token is not None else None


def renewal_of(settings: Settings) -> str:
    """What helps when the gateway takes no token of ours, in a few words."""
    if settings.token_file is not None:
        return f"waiting for a new token (r looks again): {settings.token_file}"
    if settings.token_command is not None:
        return "waiting for a new token: renew your sign-in, then press r"
    if settings.token is not None:
        return "TRACKER_TOKEN is not renewed: quit, set a new one, start again"
    return "quit, and start again with --token-file or --token-command"


def open_feed(settings: Settings, place: Place) -> OrderFeed:
    """The feed of the orders of `place`, over the network that the settings describe."""
    from tracker_tui.link.track import track  # noqa: PLC0415 - brings the network libraries

    return track(
        *place.orders,
        server=place.server,
        transport=settings.transport,
        credentials=credentials_of(settings),
        ca_file=settings.ca_file,
        everything=settings.everything,
    )
