"""What a feed does: the actions that its session decided on, and the steps that its orders' repairs ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from tracker_tui.link.auth.authorization import Authorization
from tracker_tui.link.auth.token_store import TokenStore
from tracker_tui.link.changes import Counters
from tracker_tui.link.clock import Clock
from tracker_tui.link.connections import Connections
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.orders.discovery import ListApi
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.repair import Remedy
from tracker_tui.link.orders.snapshots import FetchResult, SnapshotFetcher
from tracker_tui.link.session import events
from tracker_tui.link.session.states import Session
from tracker_tui.link.tasks import Tasks
from tracker_tui.link.transports.base import StreamRequest
from tracker_tui.wire.messages import Authenticate, Subscribe, Unsubscribe


class Effects:
    """Runs every errand beside the feed, and says what came of it.

    Args:
        lines: The streams.
        orders: What is asked for on them.
        snapshots: Where snapshots are got.
        keyring: Where tokens come from.
        authorization: What sends a request with a token.
        clock: The loop's time.
        random: Where jitter is drawn from.
        counters: Where it is counted.
        tasks: What errands run in.
        listing: What is asked where there is no order to ask for; None where all orders were given.
        nudge: Set to have the list read at once.
        came: Called with what the session is to hear of one.
        got: Called after an order was told something.
    """

    def __init__(
        self,
        lines: Connections,
        orders: Orders,
        *,
        snapshots: SnapshotFetcher,
        keyring: TokenStore,
        authorization: Authorization,
        clock: Clock,
        random: Random,
        counters: Counters,
        tasks: Tasks,
        listing: ListApi | None,
        nudge: asyncio.Event,
        came: Callable[[events.Event], None],
        got: Callable[[], None],
    ) -> None:
        self._lines = lines
        self._orders = orders
        self._snapshots = snapshots
        self._keyring = keyring
        self._authorization = authorization
        self._clock = clock
        self._random = random
        self._counters = counters
        self._tasks = tasks
        self._listing = listing
        self._nudge = nudge
        self._came = came
        self._got = got

    def run(self, actions: Sequence[events.Action], session: Session) -> None:
        """Do what `session` has decided on."""
        for action in actions:
            match action:
                case events.OpenStream(connection_id=connection_id, transport=transport, token=number):
                    if connection_id != session.connection_id:
                        self._orders.begin_beside(connection_id, self._clock.time())
                    ask = StreamRequest(
                        session.orders, partial(self._orders.resume, connection_id), self._keyring[number]
                    )
                    self._lines.open(connection_id, transport, ask)
                case events.SubscribeAll(connection_id=connection_id):
                    if connection_id == session.connection_id:
                        self._orders.begin(self._clock.time())
                    else:
                        self._orders.begin_beside(connection_id, self._clock.time())
                    self._subscribe(connection_id, self._orders.wanted)
                case events.SubscribeSome(connection_id=connection_id, order_ids=order_ids):
                    self._subscribe(connection_id, order_ids)
                case events.CloseStream(connection_id=connection_id):
                    self._orders.forget(connection_id)
                    self._tasks.spawn(self._lines.close(connection_id))
                case events.AbortStream(connection_id=connection_id):
                    self._orders.forget(connection_id)
                    self._lines.abort(connection_id)
                case events.Ping(connection_id=connection_id):
                    self._tasks.spawn(self._ping(connection_id))
                case events.FetchAll():
                    for order_id in self._orders.wanted:
                        self._tasks.spawn(self._fetch(order_id))
                case events.ReadList():
                    self._nudge.set()
                case events.ProbeGateway(connection_id=connection_id):
                    self._tasks.spawn(self._verify(connection_id))
                case events.FetchToken(fetch=fetch):
                    in_use = session.presented_token if session.lease is None else session.lease.token
                    self._tasks.spawn(self._fetch_token(fetch, in_use))
                case events.PresentToken(connection_id=connection_id, token=number):
                    if (token := self._keyring[number]) is not None:
                        self._tasks.spawn(self._lines.send(connection_id, Authenticate(token.reveal())))

    def repair(self, steps: Sequence[tuple[str, Remedy]], connection_id: int) -> None:
        """Take the steps of repairs: subscribe again on stream `conn`, or get snapshots."""
        again = [order_id for order_id, step in steps if step is not Remedy.FETCH]
        self._counters.resubscribed += len(again)
        self._subscribe(connection_id, again)
        for order_id, step in steps:
            if step is not Remedy.SUBSCRIBE:
                self._tasks.spawn(self._fetch(order_id))

    def unsubscribe(self, order_ids: Sequence[str]) -> None:
        """Unsubscribe orders on the streams that can be spoken to; any other leaves them out when it is opened next."""
        for connection_id in self._lines.spoken:
            self._tasks.spawn(self._lines.send(connection_id, Unsubscribe(tuple(order_ids))))

    def _subscribe(self, connection_id: int, orders: Sequence[str]) -> None:
        """Ask for orders on a stream that can be spoken to; any other asks for them by itself."""
        if orders and self._lines.duplex(connection_id):
            self._tasks.spawn(self._lines.send(connection_id, Subscribe(self._orders.resume(connection_id, orders))))

    async def _ping(self, connection_id: int) -> None:
        if await self._lines.ping(connection_id):
            self._came(events.BytesReceived(connection_id, self._clock.time()))

    async def _fetch(self, order_id: str, *, anew: bool = False) -> FetchResult:
        answer = await self._snapshots.get(order_id, anew=anew)
        if answer is not FetchResult.NONE:
            self._counters.fetched += 1
            self._got()
        return answer

    async def _verify(self, connection_id: int) -> None:
        # An answer to a request from before the failure would prove nothing: it may have passed while all was well.
        if asked := self._orders.wanted[:1]:
            answered = await self._fetch(asked[0], anew=True) is FetchResult.TAKEN
        else:
            answered = await self._list_answers()
        self._came(events.GatewayProbed(connection_id, self._clock.time(), answered))

    async def _list_answers(self) -> bool:
        """Return whether the gateway itself answers a request for the list."""
        if self._listing is None:
            return False
        try:
            await self._authorization.send(self._listing.probe_list)
        except Refused:
            return True
        except LinkError:
            return False
        return True

    async def _fetch_token(self, fetch: int, in_use: int) -> None:
        number, error = await self._keyring.fetch(in_use)
        self._came(events.TokenFetched(fetch, self._clock.time(), number, error, self._random.random()))
