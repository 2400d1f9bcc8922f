"""Effects of a feed: they run the session's actions and the steps of the orders' repairs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import Random

from tracker_tui.link import debug_log
from tracker_tui.link.auth.token_store import TokenStore
from tracker_tui.link.authorization import Authorization
from tracker_tui.link.changes import Counters
from tracker_tui.link.clock import Clock
from tracker_tui.link.connections import Connections
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.orders.discovery import discover
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.repair import Remedy
from tracker_tui.link.orders.snapshots import FetchResult, SnapshotFetcher
from tracker_tui.link.session import events
from tracker_tui.link.session.session import Session
from tracker_tui.link.tasks import Tasks
from tracker_tui.link.transports.base import StreamRequest
from tracker_tui.wire.messages import Authenticate, Subscribe, Unsubscribe


class Effects:
    """Runs actions, each that takes time in a task of its own, and dispatches their results.

    Args:
        connections: The open streams.
        orders: The views, and where their streams resume.
        snapshots: Fetches snapshots.
        token_store: The tokens by number.
        authorization: Sends a request with a token.
        clock: The loop's time.
        random: Source of jitter.
        counters: Counters of subscriptions and fetches.
        tasks: Starts the tasks.
        list_api: Client for the list of orders; None if all orders were given.
        dispatch: Passes an event to the session.
        on_orders_changed: Called after a snapshot was joined or an order refused.
    """

    def __init__(
        self,
        connections: Connections,
        orders: Orders,
        *,
        snapshots: SnapshotFetcher,
        token_store: TokenStore,
        authorization: Authorization,
        clock: Clock,
        random: Random,
        counters: Counters,
        tasks: Tasks,
        list_api: OrdersApi | None,
        dispatch: Callable[[events.Event], None],
        on_orders_changed: Callable[[], None],
    ) -> None:
        self._connections = connections
        self._orders = orders
        self._snapshots = snapshots
        self._token_store = token_store
        self._authorization = authorization
        self._clock = clock
        self._random = random
        self._counters = counters
        self._tasks = tasks
        self._list_api = list_api
        self._read_list_now = asyncio.Event()
        self._discovery: asyncio.Task[None] | None = None
        self._dispatch = dispatch
        self._on_orders_changed = on_orders_changed

    def start_discovery(self, found: Callable[[Iterable[str]], None]) -> None:
        """Read the list of orders at intervals, if there is one; `found` is called with the ids of each reading."""
        if self._list_api is not None:
            reading = discover(
                self._list_api,
                self._authorization,
                self._random,
                found=found,
                failed=lambda error: self._dispatch(events.ListFailed(self._clock.time(), error)),
                read_now=self._read_list_now,
            )
            self._discovery = self._tasks.spawn(reading, "discovery")

    def stop_discovery(self) -> None:
        """Stop reading the list of orders."""
        if self._discovery is not None:
            self._discovery.cancel()

    def run(self, actions: Sequence[events.Action], session: Session) -> None:
        """Run the actions of a step; `session` is the session after the step."""
        for action in actions:
            debug_log.trace_action(action)
            match action:
                case events.OpenStream(connection_id=connection_id, transport=transport, token=number):
                    if connection_id != session.connection_id:
                        self._orders.candidate_opened(connection_id, self._clock.time())
                    request = StreamRequest(
                        session.orders, partial(self._orders.resume, connection_id), self._token_store[number]
                    )
                    self._connections.open(connection_id, transport, request)
                case events.SubscribeAll(connection_id=connection_id):
                    if connection_id == session.connection_id:
                        self._orders.connection_opened(self._clock.time())
                    else:
                        self._orders.candidate_opened(connection_id, self._clock.time())
                    self._subscribe(connection_id, self._orders.active)
                case events.SubscribeSome(connection_id=connection_id, order_ids=order_ids):
                    self._subscribe(connection_id, order_ids)
                case events.CloseStream(connection_id=connection_id):
                    self._orders.connection_closed(connection_id)
                    self._tasks.spawn(self._connections.close(connection_id))
                case events.AbortStream(connection_id=connection_id):
                    self._orders.connection_closed(connection_id)
                    self._connections.abort(connection_id)
                case events.Ping(connection_id=connection_id):
                    self._tasks.spawn(self._ping(connection_id))
                case events.FetchAll():
                    for order_id in self._orders.active:
                        self._tasks.spawn(self._fetch(order_id))
                case events.ReadList():
                    self._read_list_now.set()
                case events.ProbeGateway(connection_id=connection_id):
                    self._tasks.spawn(self._probe_gateway(connection_id))
                case events.FetchToken(fetch=fetch):
                    in_use = session.presented_token if session.tokens.lease is None else session.tokens.lease.token
                    self._tasks.spawn(self._fetch_token(fetch, in_use))
                case events.PresentToken(connection_id=connection_id, token=number):
                    if (token := self._token_store[number]) is not None:
                        self._tasks.spawn(self._connections.send(connection_id, Authenticate(token.reveal())))

    def repair(self, steps: Sequence[tuple[str, Remedy]], connection_id: int) -> None:
        """Run the steps of repairs: subscribe again on stream `connection_id`, or fetch snapshots."""
        again = [order_id for order_id, step in steps if step is not Remedy.FETCH]
        self._counters.resubscribed += len(again)
        self._subscribe(connection_id, again)
        for order_id, step in steps:
            if step is not Remedy.SUBSCRIBE:
                self._tasks.spawn(self._fetch(order_id))

    def unsubscribe(self, order_ids: Sequence[str]) -> None:
        """Unsubscribe orders on the open duplex streams; other streams leave them out when they are next opened."""
        for connection_id in self._connections.open_duplex:
            self._tasks.spawn(self._connections.send(connection_id, Unsubscribe(tuple(order_ids))))

    def _subscribe(self, connection_id: int, orders: Sequence[str]) -> None:
        """Subscribe orders on a duplex stream; other streams name their orders when they are opened."""
        if orders and self._connections.duplex(connection_id):
            self._tasks.spawn(
                self._connections.send(connection_id, Subscribe(self._orders.resume(connection_id, orders)))
            )

    async def _ping(self, connection_id: int) -> None:
        if await self._connections.ping(connection_id):
            self._dispatch(events.BytesReceived(connection_id, self._clock.time()))

    async def _fetch(self, order_id: str, *, is_new: bool = False) -> FetchResult:
        result = await self._snapshots.get(order_id, fresh=is_new)
        if result is not FetchResult.FAILED:
            self._counters.fetched += 1
            self._on_orders_changed()
        return result

    async def _probe_gateway(self, connection_id: int) -> None:
        # The request must be a new one: an older request may have been answered before the failure.
        if first := self._orders.active[:1]:
            answered = await self._fetch(first[0], is_new=True) is FetchResult.ANSWERED
        else:
            answered = await self._list_answers()
        self._dispatch(events.GatewayProbed(connection_id, self._clock.time(), answered))

    async def _list_answers(self) -> bool:
        """Return whether the gateway itself answers a request for the list."""
        if self._list_api is None:
            return False
        try:
            await self._authorization.send(self._list_api.probe_list)
        except Refused:
            return True
        except LinkError:
            return False
        return True

    async def _fetch_token(self, fetch: int, in_use: int) -> None:
        number, error = await self._token_store.fetch(in_use)
        self._dispatch(events.TokenFetched(fetch, self._clock.time(), number, error, self._random.random()))
