"""A feed against a gateway inside the test, with all of its changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeCredentials, FakeOrdersApi, fake_transports
from tests.support.virtual_time import VirtualClock
from tracker_tui.link.changes import Change, LinkChanged, Noted, Phase
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.transports.base import Transport


class Watch:
    """A feed and its changes so far."""

    def __init__(
        self,
        gateway: FakeGateway,
        *order_ids: str,
        seed: int = 1,
        keys: FakeCredentials | None = None,
        transports: Sequence[Transport] | None = None,
        listing: OrdersApi | None = None,
        stays_open: bool = False,
    ) -> None:
        self.gateway = gateway
        self.transports = [] if keys is None else fake_transports(gateway, keys)
        self.clock = VirtualClock()
        self.feed = OrderFeed(
            order_ids or ("A1",),
            transports or self.transports or [gateway],
            gateway if keys is None else FakeOrdersApi(gateway, keys),
            credentials=keys,
            clock=self.clock,
            random=Random(seed),
            listing=listing,
            stays_open=stays_open,
        )
        self.changes: list[Change] = []
        self.ended = False

    async def read(self) -> None:
        """Collect the changes of the feed to its end."""
        async for change in self.feed:
            self.changes.append(change)
        self.ended = True

    async def until(self, condition: Callable[[], object], within: float = 60.0) -> float:
        """Let virtual time pass until `condition` holds; return the seconds that it took."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        while not condition():
            assert loop.time() - start < within, "the condition was never met"
            await asyncio.sleep(0.01)
        return loop.time() - start

    async def live(self) -> float:
        """Wait until the link is live."""
        return await self.until(lambda: self.feed.link.phase is Phase.LIVE)

    @property
    def notes(self) -> list[str]:
        """The texts of the notes so far."""
        return [change.text for change in self.changes if isinstance(change, Noted)]

    @property
    def phases(self) -> list[Phase]:
        """The phases of the link changes so far."""
        return [change.link.phase for change in self.changes if isinstance(change, LinkChanged)]

    def is_up_to_date(self, order_id: str = "A1") -> bool:
        """Return whether the feed shows what the gateway has."""
        view = self.feed.views[order_id]
        truth = self.gateway.logs[order_id][-1]
        return view.complete and view.state is not None and view.state.value == truth.state


@asynccontextmanager
async def watching(
    gateway: FakeGateway,
    *order_ids: str,
    seed: int = 1,
    keys: FakeCredentials | None = None,
    transports: Sequence[Transport] | None = None,
    listing: OrdersApi | None = None,
    stays_open: bool = False,
    unexpected: int = 0,
) -> AsyncIterator[Watch]:
    """Watch orders for the duration of the block; `unexpected` is the expected count of unexpected exceptions."""
    watch = Watch(
        gateway,
        *order_ids,
        seed=seed,
        keys=keys,
        transports=transports,
        listing=listing,
        stays_open=stays_open,
    )
    async with watch.feed:
        reader = asyncio.create_task(watch.read())
        yield watch
    await asyncio.wait_for(reader, 1)
    assert not gateway.streams
    assert watch.feed.counters.unexpected == unexpected


def gateway(*statuses: str) -> FakeGateway:
    """Return a gateway with one order that went through `statuses`."""
    made = FakeGateway()
    for status in statuses or ("placed",):
        made.append("A1", status)
    return made
