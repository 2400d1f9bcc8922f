"""The target of a run: a server, the demo's server, or a recording; and the credentials for it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracker_tui.cli.options import UsageError
from tracker_tui.cli.settings import Settings
from tracker_tui.domain.closest import closest
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.http.proxies import proxy_for
from tracker_tui.link.http.server import MAX_ORDERS

if TYPE_CHECKING:
    from tracker_tui.cli.demo import DemoServer
    from tracker_tui.link.auth.credentials import Credentials
    from tracker_tui.link.feed import OrderFeed
    from tracker_tui.link.recording.player import ReplayFeed
    from tracker_tui.link.recording.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Target:
    """The orders to watch, and their source.

    Attributes:
        server: Base URL of the server.
        orders: Order ids.
        demo: The demo's server, if it is the source.
        recorder: The recording to write, if any.
        replay: The recording to show instead of the server, if any.
    """

    server: str
    orders: tuple[str, ...]
    demo: DemoServer | None = None
    recorder: Recorder | None = None
    replay: ReplayFeed | None = None

    @property
    def clock(self) -> Clock:
        """The clock of the orders: a replay has its own."""
        return SystemClock() if self.replay is None else self.replay.clock


@asynccontextmanager
async def open_target(settings: Settings) -> AsyncIterator[Target]:
    """Yield the target of the settings; a demo's server runs until the context exits.

    Raises:
        UsageError: The scenario or the recording doesn't exist, the recording can't be written, or the environment
            names a proxy that is not valid.
    """
    if settings.replay is not None:
        yield _open_replay(settings, settings.replay)
        return
    if settings.demo is None:
        _check_proxy(settings.server)
        yield Target(settings.server, settings.orders, recorder=_open_recorder(settings, settings.server))
        return
    # Imported here: it loads the whole mock server.
    from tracker_tui.cli.demo import demo  # noqa: PLC0415

    async with demo(settings.demo) as server:
        orders = () if settings.everything else settings.orders or server.orders[:MAX_ORDERS]
        yield Target(server.url, orders, server, _open_recorder(settings, server.url))


def _check_proxy(server: str) -> None:
    """Raise UsageError at once for a proxy that no retry could use."""
    try:
        proxy_for(server, os.environ)
    except ValueError as error:
        raise UsageError(f"{error}; correct it, or name the server in NO_PROXY") from error


def _open_replay(settings: Settings, file: Path) -> Target:
    from tracker_tui.link.recording.format import InvalidRecording, read_recording  # noqa: PLC0415 - loads pydantic
    from tracker_tui.link.recording.player import ReplayFeed  # noqa: PLC0415 - as above
    from tracker_tui.link.recording.replay_clock import ReplayClock  # noqa: PLC0415 - as above

    shown = sanitize(str(file))
    try:
        recording = read_recording(file)
    except InvalidRecording as error:
        raise UsageError(f"{shown} cannot be replayed: {error}") from error
    except OSError as error:
        raise UsageError(f"the recording {shown} cannot be read: {error.strerror or error}") from error
    for order_id in settings.orders:
        if order_id not in recording.orders:
            recorded = ", ".join(recording.orders[:5]) + (" …" if len(recording.orders) > 5 else "")
            meant = closest(order_id, recording.orders)
            hint = f"recorded orders: {recorded}" if meant is None else f"did you mean {meant}?"
            raise UsageError(f"order {order_id} is not in the recording {shown}; {hint}")
    orders = settings.orders or recording.orders
    feed = ReplayFeed(recording, ReplayClock(recording, settings.speed), orders)
    return Target(recording.server, orders, replay=feed)


def _open_recorder(settings: Settings, server: str) -> Recorder | None:
    if settings.record is None:
        return None
    from tracker_tui.link.recording.recorder import create_recorder  # noqa: PLC0415 - loads pydantic

    try:
        return create_recorder(settings.record, server)
    except OSError as error:
        raise UsageError(
            f"cannot record into {sanitize(str(settings.record))}: {error.strerror or error}; name another file"
        ) from error


def build_credentials(settings: Settings) -> Credentials | None:
    """Return the source of tokens; None for requests without a token."""
    # Imported here: the first paint comes before it.
    from tracker_tui.link.auth.credentials import FromCommand, FromEnvironment, FromFile  # noqa: PLC0415

    if settings.demo is not None:
        return None
    if settings.token_file is not None:
        return FromFile(settings.token_file)
    if settings.token_command is not None:
        return FromCommand(settings.token_command)
    return FromEnvironment(settings.token) if settings.token is not None else None


def sign_in_hint(settings: Settings) -> str:
    """Return what the user can do when the server accepts no token, in a few words."""
    if settings.token_file is not None:
        return f"waiting for a new token (r looks again): {settings.token_file}"
    if settings.token_command is not None:
        return "waiting for a new token: renew your sign-in, then press r"
    if settings.token is not None:
        return "TRACKER_TOKEN is not renewed: quit, set a new one, start again"
    return "quit, and start again with --token-file or --token-command"


def open_feed(settings: Settings, target: Target, *, stays_open: bool = False) -> OrderFeed | ReplayFeed:
    """Return the feed of the target's orders, from the server or from the recording.

    Args:
        settings: The settings of the run.
        target: The target.
        stays_open: Whether the feed stays open at its end: one from the server waits for more orders, a replay for a
            seek.
    """
    if target.replay is not None:
        target.replay.stays_open = stays_open
        return target.replay
    from tracker_tui.link.track import track  # noqa: PLC0415 - loads the network libraries

    return track(
        *target.orders,
        server=target.server,
        transport=settings.transport,
        credentials=build_credentials(settings),
        ca_file=settings.ca_file,
        everything=settings.everything,
        recorder=target.recorder,
        stays_open=stays_open,
    )
