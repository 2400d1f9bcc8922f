"""Where the orders of a run are: at a gateway, at the one of a demo, or in a recording; and who asks for them there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracker_tui.cli.options import UsageError
from tracker_tui.cli.settings import Settings
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.http.proxies import proxy_for
from tracker_tui.link.http.server import MOST_ORDERS

if TYPE_CHECKING:
    from tracker_tui.cli.demo import DemoServer
    from tracker_tui.link.auth.credentials import Credentials
    from tracker_tui.link.feed import OrderFeed
    from tracker_tui.link.recording.player import ReplayFeed
    from tracker_tui.link.recording.recorder import Tape


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway and the orders to watch there.

    Attributes:
        server: Its base URL.
        demo: The hand on it that a demo gives.
        recorder: What records all of it.
        replay: What is shown in its stead, with a clock of its own.
    """

    server: str
    orders: tuple[str, ...]
    demo: DemoServer | None = None
    recorder: Tape | None = None
    replay: ReplayFeed | None = None

    @property
    def clock(self) -> Clock:
        """What tells the time there."""
        return SystemClock() if self.replay is None else self.replay.clock


@asynccontextmanager
async def open_target(settings: Settings) -> AsyncIterator[Target]:
    """The place that the settings name; a demo's server runs as long as the context lasts.

    Raises:
        UsageError: There is no such scenario or recording, nothing can be recorded, or the environment names a proxy
            that is none.
    """
    if settings.replay is not None:
        yield _replayed(settings, settings.replay)
        return
    if settings.demo is None:
        _check_proxy(settings.server)
        yield Target(settings.server, settings.orders, recorder=_tape(settings, settings.server))
        return
    # Loaded here: it brings the whole server.
    from tracker_tui.cli.demo import demo  # noqa: PLC0415

    async with demo(settings.demo) as server:
        orders = () if settings.everything else settings.orders or server.orders[:MOST_ORDERS]
        yield Target(server.url, orders, server, _tape(settings, server.url))


def _check_proxy(server: str) -> None:
    """Say at once what no number of tries would mend."""
    try:
        proxy_for(server, os.environ)
    except ValueError as error:
        raise UsageError(f"{error}; correct it, or name the server in NO_PROXY") from error


def _replayed(settings: Settings, file: Path) -> Target:
    from tracker_tui.link.recording.format import NotARecording, read  # noqa: PLC0415 - brings pydantic
    from tracker_tui.link.recording.player import ReplayClock, ReplayFeed  # noqa: PLC0415 - as above

    shown = sanitize(str(file))
    try:
        recording = read(file)
    except NotARecording as error:
        raise UsageError(f"{shown} cannot be replayed: {error}") from error
    except OSError as error:
        raise UsageError(f"the recording {shown} cannot be read: {error.strerror or error}") from error
    for order_id in settings.orders:
        if order_id not in recording.orders:
            there = ", ".join(recording.orders[:5]) + (" …" if len(recording.orders) > 5 else "")
            raise UsageError(f"{shown} tells nothing of {order_id}; there is {there}")
    orders = settings.orders or recording.orders
    feed = ReplayFeed(recording, ReplayClock(recording, settings.speed), orders)
    return Target(recording.server, orders, replay=feed)


def _tape(settings: Settings, server: str) -> Tape | None:
    if settings.record is None:
        return None
    from tracker_tui.link.recording.recorder import blank_tape  # noqa: PLC0415 - brings pydantic

    try:
        return blank_tape(settings.record, server)
    except OSError as error:
        raise UsageError(
            f"nothing can be recorded in {sanitize(str(settings.record))}: {error.strerror or error}; name another file"
        ) from error


def build_credentials(settings: Settings) -> Credentials | None:
    """Where the tokens come from that a gateway is shown; None where it is asked without."""
    # Loaded here: the first paint waits for settings and place.
    from tracker_tui.link.auth.credentials import FromCommand, FromEnvironment, FromFile  # noqa: PLC0415

    if settings.demo is not None:
        return None
    if settings.token_file is not None:
        return FromFile(settings.token_file)
    if settings.token_command is not None:
        return FromCommand(settings.token_command)
    return FromEnvironment(settings.token) if settings.token is not None else None


def sign_in_hint(settings: Settings) -> str:
    """What helps when the gateway takes no token of ours, in a few words."""
    if settings.token_file is not None:
        return f"waiting for a new token (r looks again): {settings.token_file}"
    if settings.token_command is not None:
        return "waiting for a new token: renew your sign-in, then press r"
    if settings.token is not None:
        return "TRACKER_TOKEN is not renewed: quit, set a new one, start again"
    return "quit, and start again with --token-file or --token-command"


def open_feed(settings: Settings, place: Target) -> OrderFeed | ReplayFeed:
    """The feed of the orders of `place`: over the network that the settings describe, or from the recording."""
    if place.replay is not None:
        return place.replay
    from tracker_tui.link.track import track  # noqa: PLC0415 - brings the network libraries

    return track(
        *place.orders,
        server=place.server,
        transport=settings.transport,
        credentials=build_credentials(settings),
        ca_file=settings.ca_file,
        everything=settings.everything,
        tape=place.recorder,
    )
