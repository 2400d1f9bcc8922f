"""From a server's address and some order ids to a feed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.sanitize import sanitize
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

TRANSPORTS: dict[str, Callable[[HttpClient, Random], Transport]] = {
    "websocket": lambda network, _: WebSocketTransport(network),
    "sse": lambda network, _: SseTransport(network),
    "longpoll": lambda network, _: LongPollTransport(network),
    "polling": PollingTransport,
}
"""The transports by name, best first."""


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
    tape: Recorder | None = None,
) -> OrderFeed:
    """Watch orders live.

    Args:
        order_ids: One to 1,000 ids; each is watched once. May be none with `everything`.
        server: The gateway's base URL.
        transport: ``auto``, which falls back where a network blocks one, or the only one to use.
        credentials: Where tokens come from; None presents none.
        ca_file: Certificates (PEM) to trust beside the system's.
        clock: Where the time comes from; the machine's unless given.
        random: Where jitter is drawn from.
        probes: Seconds between two tries of a better transport, where one is blocked; the last one goes on and on.
        everything: Watch every open order that the token may see, too, and what else is opened, without an end.
        tape: What records everything, as `link.tape.blank_tape` makes it.

    Returns:
        A feed to enter and iterate: ``async with track("A1042") as feed: async for change in feed: …``

    Raises:
        ValueError: An id, the number of ids, the server or the transport is not acceptable; says which.
    """
    wanted = tuple(dict.fromkeys(order_ids))
    if len(wanted) > MAX_ORDERS or not (wanted or everything):
        raise ValueError(f"between 1 and {MAX_ORDERS} orders can be watched, not {len(wanted)}")
    for order_id in wanted:
        if not is_order_id(order_id):
            raise ValueError(f"not an order id: {sanitize(order_id)!r}")
    if transport != "auto" and transport not in TRANSPORTS:
        raise ValueError(f"not a transport: {sanitize(transport)!r}; there are auto, {', '.join(TRANSPORTS)}")
    network = HttpClient(Server.parse(server), ca_file=ca_file)
    random = random or Random()
    chosen = list(TRANSPORTS) if transport == "auto" else [transport]
    resource = HttpOrdersApi(network)
    return OrderFeed(
        wanted,
        [TRANSPORTS[name](network, random) for name in chosen],
        resource,
        credentials=credentials,
        clock=clock,
        random=random,
        probes=probes,
        listing=resource if everything else None,
        tape=tape,
    )
