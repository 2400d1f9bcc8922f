"""The library's entry point: from a server's address and order ids to a feed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tracker_tui.domain.order import check_order_ids
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.transport import TransportName
from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.clock import Clock
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import DEFAULT_SERVER, MAX_ORDERS, Server
from tracker_tui.link.session.ladder import PROBES
from tracker_tui.link.transports.base import Transport
from tracker_tui.link.transports.longpoll import LongPollTransport
from tracker_tui.link.transports.polling import PollingTransport
from tracker_tui.link.transports.sse import SseTransport
from tracker_tui.link.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from tracker_tui.link.recording.recorder import Recorder

TRANSPORTS: dict[TransportName, Callable[[HttpClient, Random], Transport]] = {
    TransportName.WEBSOCKET: lambda client, _: WebSocketTransport(client),
    TransportName.SSE: lambda client, _: SseTransport(client),
    TransportName.LONGPOLL: lambda client, _: LongPollTransport(client),
    TransportName.POLLING: PollingTransport,
}
"""Factories of the transports, best first."""


def track(
    *order_ids: str,
    server: str = DEFAULT_SERVER,
    transport: str = "auto",
    credentials: Credentials | None = None,
    ca_file: Path | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    probes: Sequence[float] = PROBES,
    everything: bool = False,
    recorder: Recorder | None = None,
    stays_open: bool = False,
) -> OrderFeed:
    """Watch orders live.

    Args:
        order_ids: One to 1,000 ids; duplicates are ignored. May be none with `everything`.
        server: The server's base URL.
        transport: ``auto``, which falls back if the network blocks one, or the name of the only one to use.
        credentials: Source of tokens; None presents none.
        ca_file: Certificates (PEM) to trust in addition to the system's.
        clock: Source of the time; the machine's clock by default.
        random: Source of jitter.
        probes: Seconds between two tries of a better transport while one is blocked; the last one repeats.
        everything: Whether to also watch every open order that the token may see, without an end.
        recorder: Recorder of everything that the feed receives and yields, as `create_recorder` returns it.
        stays_open: Whether iterating waits for more orders after all have ended, rather than ending.

    Returns:
        A feed to enter and iterate: ``async with track("A1042") as feed: async for change in feed: …``

    Raises:
        ValueError: An id, the number of ids, the server or the transport is invalid; the message says which.
    """
    distinct = tuple(dict.fromkeys(order_ids))
    if len(distinct) > MAX_ORDERS or not (distinct or everything):
        raise ValueError(f"between 1 and {MAX_ORDERS} orders can be watched, not {len(distinct)}")
    check_order_ids(distinct)
    names = [name for name in TRANSPORTS if transport in {"auto", name}]
    if not names:
        raise ValueError(f"not a transport: {sanitize(transport)!r}; there are auto, {', '.join(TRANSPORTS)}")
    client = HttpClient(Server.parse(server), ca_file=ca_file)
    random = random or Random()
    api = HttpOrdersApi(client)
    return OrderFeed(
        distinct,
        [TRANSPORTS[name](client, random) for name in names],
        api,
        credentials=credentials,
        clock=clock,
        random=random,
        probes=probes,
        listing=api if everything else None,
        recorder=recorder,
        stays_open=stays_open,
    )
