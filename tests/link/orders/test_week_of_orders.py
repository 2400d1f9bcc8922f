"""A board of all orders runs for a week, with a thousand new orders a day: nothing it holds grows, in virtual time."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from random import Random

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeOrdersApi, FakeTransport
from tests.support.orders import START
from tests.support.orders_apis import UnimplementedOrdersApi
from tests.support.virtual_time import VirtualClock, VirtualLoop
from tracker_tui.domain.order import Outcome
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import OrderForgotten, Standing
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.orders.watch_slots import MAX_RELEASED, RELEASE_DELAY
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.ui.model.event_log import MAX_LINES
from tracker_tui.ui.model.notifier import Notifier
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

DAY = 86_400.0
A_DAY = 1_000
STAGES = ("accepted", "preparing", "ready", "picked_up", "arriving")
STAGE = 600.0
"""Seconds that an order stays in a stage."""

HEARTBEAT = 30.0
"""Seconds: the longest that the protocol allows, to have fewer of them in a week."""

TICK = 10.0
"""Seconds between two looks at the clocks, for the same reason."""


class Shop(UnimplementedOrdersApi):
    """A gateway with a thousand new orders a day; a few are refused, a few are opened again."""

    def __init__(self) -> None:
        self.gateway = FakeGateway(heartbeat=HEARTBEAT)
        self.opened = 0
        self.most_open = 0

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Those that have not ended."""
        return [order_id for order_id, log in self.gateway.logs.items() if log[-1].state.outcome is None]

    async def probe_list(self, token: Token | None = None) -> None:
        """It can be read."""

    async def run(self) -> None:
        """Open order after order."""
        while True:
            number = self.opened
            self.opened += 1
            self.most_open = max(self.most_open, len(await self.open_orders()))
            asyncio.get_running_loop().create_task(self._live(f"A{number}", number)).add_done_callback(_fail)
            await asyncio.sleep(DAY / A_DAY)

    async def _live(self, order_id: str, number: int) -> None:
        gateway = self.gateway
        if number % 50 == 7:
            gateway.unknown.add(order_id)
        gateway.append(order_id, "placed")
        for status in STAGES:
            await asyncio.sleep(STAGE)
            gateway.append(order_id, status)
        await asyncio.sleep(STAGE)
        gateway.append(order_id, "delivered", Outcome.DELIVERED)
        if number % 20 == 3:
            await asyncio.sleep(5 * RELEASE_DELAY)
            gateway.append(order_id, "returning")
            await asyncio.sleep(STAGE)
            gateway.append(order_id, "returned", Outcome.RETURNED)
        await asyncio.sleep(10 * RELEASE_DELAY)
        del gateway.logs[order_id]
        gateway.unknown.discard(order_id)


class Board:
    """What stands behind a board: all that is told to the screens, and to a pipe, which keep what they need of it."""

    is_away = False

    def __init__(self, feed: OrderFeed) -> None:
        self.state = AppState.initial(())
        self.notifier = Notifier(self)
        self.report = NdjsonReport(feed.clock)
        self.seen = bytearray(10_000)
        self.left = 0
        self.standings = Counter[Standing]()
        self._feed = feed

    async def run(self) -> None:
        """Take in what the feed tells."""
        clock = self._feed.clock
        async for change in self._feed:
            instant = Instant(clock.time(), clock.wall(), None)
            self.state = self.state.apply(change, instant, self._feed.refused)
            self.notifier.on_change(change, instant.time, instant.now)
            deque(self.report.lines(change), maxlen=0)
            if isinstance(change, OrderForgotten):
                self.left += 1

    def tick(self) -> None:
        """Do what a screen does all the time."""
        self.state = self.state.with_metrics(self._feed).forget(keep=())
        for order_id in self._feed.order_ids:
            self.seen[int(order_id[1:])] = True

    def is_marked(self, order_id: str) -> bool:
        """Return False: nobody marks an order."""
        return False

    def announce(self, text: str, *, is_warning: bool = False) -> None:
        """Ignore it."""

    def bell(self) -> None:
        """Ignore it."""

    def write_to_terminal(self, sequence: str) -> None:
        """Ignore it."""


@dataclass
class Figures:
    """What is held at one time.

    Attributes:
        objects: How many objects the interpreter's garbage collector knows.
        resident: MiB of memory that the process has; 0 where the system doesn't tell.
        sizes: The lengths of the collections in the feed and behind the board, by their path.
    """

    objects: int
    resident: float
    sizes: dict[str, int] = field(default_factory=dict)


def sizes(owner: object, name: str, seen: set[int]) -> Iterator[tuple[str, int]]:
    """The length of every collection that our own objects hold, and of those in them."""
    if id(owner) in seen:
        return
    seen.add(id(owner))
    if isinstance(owner, dict):
        yield name, len(owner)
        for value in list(owner.values()):
            if isinstance(value, Collection) and not isinstance(value, str | bytes):
                yield f"{name}[…]", len(value)
    elif isinstance(owner, list | set | deque | tuple):
        yield name, len(owner)
    elif type(owner).__module__.startswith("tracker_tui.") and not hasattr(owner, "order_id"):
        values = (
            {each.name: getattr(owner, each.name) for each in fields(owner)} if is_dataclass(owner) else vars(owner)
        )
        for key, value in list(values.items()):
            yield from sizes(value, f"{name}.{key}", seen)


def _attributes(owner: object) -> dict[str, object]:
    if is_dataclass(owner):
        return {each.name: getattr(owner, each.name) for each in fields(owner)}
    return dict(getattr(owner, "__dict__", {}))


def figures(feed: OrderFeed, board: Board) -> Figures:
    """Take stock."""
    gc.collect()
    found: dict[str, int] = {}
    seen: set[int] = set()
    for owner, name in ((feed, "feed"), (board.state, "state"), (board.notifier, "notifier"), (board.report, "pipe")):
        for each, size in sizes(owner, name, seen):
            found[each] = max(size, found.get(each, 0))
    return Figures(len(gc.get_objects()), resident(), found)


def resident() -> float:
    """MiB of memory that this process has; 0 where the system doesn't tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20 if statm.exists() else 0.0


def _fail(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (failure := task.exception()) is not None:
        raise failure


async def week(days: int) -> tuple[Shop, Board, list[Figures], int, int]:
    """Watch for so many days; what is held at the end of each, and the most places and kept views there were."""
    shop = Shop()
    feed = OrderFeed(
        (),
        [FakeTransport(shop.gateway, "websocket", duplex=True)],
        FakeOrdersApi(shop.gateway),
        clock=VirtualClock(),
        random=Random(1),
        listing=shop,
    )
    board = Board(feed)
    by_day: list[Figures] = []
    most_places = most_kept = 0
    async with feed:
        reader = asyncio.create_task(board.run())
        opener = asyncio.create_task(shop.run())
        for _ in range(days):
            for _ in range(int(DAY / 60)):
                await asyncio.sleep(60)
                board.tick()
                most_places = max(most_places, len(feed.order_ids))
                most_kept = max(most_kept, len(feed.views) - len(feed.order_ids))
                # What the gateway inside the test writes down for other tests is none of the feed's.
                for written in (shop.gateway.subscribes, shop.gateway.unsubscribes, shop.gateway.gets):
                    written.clear()
            by_day.append(figures(feed, board))
        assert feed.clock.wall() > START
        opener.cancel()
    await reader
    return shop, board, by_day, most_places, most_kept


def test_a_board_of_all_orders_holds_no_more_after_a_week_than_after_a_few_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracker_tui.link.session_loop.TICK", TICK)
    monkeypatch.setattr("tracker_tui.link.wake.TICK", TICK)
    began = time.monotonic()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        shop, board, by_day, most_places, most_kept = runner.run(week(7))
    seen = sum(board.seen)
    print(f"{seen} orders seen; at most {most_places} places and {most_kept} kept views")
    for day, each in enumerate(by_day, 1):
        print(f"day {day}: {each.objects} objects, {each.resident:.0f} MiB resident")
    print(f"{time.monotonic() - began:.0f} s")
    assert shop.opened - 2 <= seen <= shop.opened
    # An order leaves some 60 to 70 s after its end; meanwhile one more is opened, and a few are opened again.
    assert most_places <= shop.most_open + 4
    assert most_kept == MAX_RELEASED
    # From the third day on everything is full that fills up; a day has a thousand orders.
    third, last = by_day[2], by_day[-1]
    grown = {name: (third.sizes[name], size) for name, size in last.sizes.items() if size > third.sizes[name] + 100}
    assert not grown
    assert max(last.sizes.values()) <= MAX_LINES
    assert last.objects < third.objects * 1.05
