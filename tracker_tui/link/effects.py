"""What a feed does: the actions that its session decided on, and the steps that its orders' repairs ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from tracker_tui.link.auth.authorization import Authorization
from tracker_tui.link.auth.token_store import Keyring
from tracker_tui.link.changes import Counters
from tracker_tui.link.clock import Clock
from tracker_tui.link.connections import Lines
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.orders.discovery import Listing
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.repair import Remedy
from tracker_tui.link.orders.snapshots import Answer, Snapshots
from tracker_tui.link.session import events
from tracker_tui.link.session.states import Session
from tracker_tui.link.tasks import Tasks
from tracker_tui.link.transports.base import Ask
from tracker_tui.wire.messages import Authenticate, Subscribe, Unsubscribe


class Errands:
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
        lines: Lines,
        orders: Orders,
        *,
        snapshots: Snapshots,
        keyring: Keyring,
        authorization: Authorization,
        clock: Clock,
        random: Random,
        counters: Counters,
        tasks: Tasks,
        listing: Listing | None,
        nudge: asyncio.Event,
        came: Callable[[events.Input], None],
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

    def perform(self, actions: Sequence[events.Action], session: Session) -> None:
        """Do what `session` has decided on."""
        for action in actions:
            match action:
                case events.OpenStream(conn=conn, transport=transport, token=number):
                    if conn != session.conn:
                        self._orders.begin_beside(conn, self._clock.time())
                    ask = Ask(session.orders, partial(self._orders.resume, conn), self._keyring[number])
                    self._lines.open(conn, transport, ask)
                case events.SubscribeAll(conn=conn):
                    if conn == session.conn:
                        self._orders.begin(self._clock.time())
                    else:
                        self._orders.begin_beside(conn, self._clock.time())
                    self._subscribe(conn, self._orders.wanted)
                case events.SubscribeSome(conn=conn, order_ids=order_ids):
                    self._subscribe(conn, order_ids)
                case events.CloseStream(conn=conn):
                    self._orders.forget(conn)
                    self._tasks.spawn(self._lines.close(conn))
                case events.AbortStream(conn=conn):
                    self._orders.forget(conn)
                    self._lines.abort(conn)
                case events.Ping(conn=conn):
                    self._tasks.spawn(self._ping(conn))
                case events.FetchAll():
                    for order_id in self._orders.wanted:
                        self._tasks.spawn(self._fetch(order_id))
                case events.ReadList():
                    self._nudge.set()
                case events.Verify(conn=conn):
                    self._tasks.spawn(self._verify(conn))
                case events.FetchToken(fetch=fetch):
                    in_use = session.presents if session.lease is None else session.lease.token
                    self._tasks.spawn(self._fetch_token(fetch, in_use))
                case events.Authenticate(conn=conn, token=number):
                    if (token := self._keyring[number]) is not None:
                        self._tasks.spawn(self._lines.send(conn, Authenticate(token.reveal())))

    def mend(self, steps: Sequence[tuple[str, Remedy]], conn: int) -> None:
        """Take the steps of repairs: subscribe again on stream `conn`, or get snapshots."""
        again = [order_id for order_id, step in steps if step is not Remedy.FETCH]
        self._counters.resubscribed += len(again)
        self._subscribe(conn, again)
        for order_id, step in steps:
            if step is not Remedy.SUBSCRIBE:
                self._tasks.spawn(self._fetch(order_id))

    def unsubscribe(self, order_ids: Sequence[str]) -> None:
        """Unsubscribe orders on the streams that can be spoken to; any other leaves them out when it is opened next."""
        for conn in self._lines.spoken:
            self._tasks.spawn(self._lines.send(conn, Unsubscribe(tuple(order_ids))))

    def _subscribe(self, conn: int, orders: Sequence[str]) -> None:
        """Ask for orders on a stream that can be spoken to; any other asks for them by itself."""
        if orders and self._lines.duplex(conn):
            self._tasks.spawn(self._lines.send(conn, Subscribe(self._orders.resume(conn, orders))))

    async def _ping(self, conn: int) -> None:
        if await self._lines.ping(conn):
            self._came(events.Heard(conn, self._clock.time()))

    async def _fetch(self, order_id: str, *, anew: bool = False) -> Answer:
        answer = await self._snapshots.get(order_id, anew=anew)
        if answer is not Answer.NONE:
            self._counters.fetched += 1
            self._got()
        return answer

    async def _verify(self, conn: int) -> None:
        # An answer to a request from before the failure would prove nothing: it may have passed while all was well.
        if asked := self._orders.wanted[:1]:
            answered = await self._fetch(asked[0], anew=True) is Answer.TAKEN
        else:
            answered = await self._list_answers()
        self._came(events.Verified(conn, self._clock.time(), answered))

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
        self._came(events.Fetched(fetch, self._clock.time(), number, error, self._random.random()))
