"""Each stop of the tour against the real server, in virtual time: its effect is visible, and all items get checked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from mock_server.server import MockServer, embed
from tests.support.virtual_time import SocketClock, virtual_sockets
from tracker_tui.cli.demo import DemoServer
from tracker_tui.link.changes import Phase
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.track import track
from tracker_tui.ui.demo.tour import STOPS, Tour
from tracker_tui.ui.model.replaying import apply_change
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

ORDER = "A1042"
WITHIN = 45.0
"""Virtual seconds within which every item of a stop must be checked."""


class TourGuide:
    """The tour over the state of an app without screens.

    Attributes:
        is_frozen: Whether the client processes nothing any more.
    """

    def __init__(self, server: MockServer, feed: OrderFeed, clock: SocketClock) -> None:
        self.feed = feed
        self.is_frozen = False
        self._clock = clock
        self._state = AppState.initial([ORDER])
        demo = DemoServer(server)
        demo.on_record(lambda at, text: self._log(text))
        self.tour = Tour(demo, ORDER)

    def _log(self, text: str) -> None:
        self._state = self._state.with_log(lambda log: log.add_fault(self._clock.wall(), text))

    async def read(self) -> None:
        """Apply the changes of the feed."""
        async for change in self.feed:
            if not self.is_frozen:
                self._state = apply_change(
                    self._state, change, self.feed, Instant(self._clock.time(), self._clock.wall()), {}
                )
                self.observe()

    def observe(self) -> None:
        """Do what a repaint does."""
        if not self.is_frozen:
            self._state = self._state.with_metrics(self.feed)
        self.tour.observe(self._state, self._clock.time())

    async def run(self, seconds: float) -> bool:
        """Repaint each second until all items are checked; return whether they are within `seconds`."""
        end = self._clock.time() + seconds
        while self._clock.time() < end:
            await asyncio.sleep(0.5)
            self.observe()
            if self.tour.checklist is not None and self.tour.checklist.is_complete:
                return True
        return False

    def items(self) -> tuple[tuple[bool, str], ...]:
        """Return the checklist."""
        assert self.tour.checklist is not None
        return self.tour.checklist.items


@asynccontextmanager
async def touring() -> AsyncIterator[TourGuide]:
    """Start the tour's scenario and a client that is live."""
    clock = SocketClock()
    async with embed("tour", seed=7, controlled=False, clock=clock) as server:
        feed = track(ORDER, server=server.url, random=Random(7), clock=clock)
        async with feed:
            guide = TourGuide(server, feed, clock)
            reader = asyncio.create_task(guide.read())
            async with asyncio.timeout(30):
                while feed.link.phase is not Phase.LIVE:
                    await asyncio.sleep(0.1)
            guide.observe()
            yield guide
            reader.cancel()


@pytest.mark.parametrize("number", range(1, len(STOPS) + 1))
@virtual_sockets
async def test_every_item_of_a_stop_gets_checked_and_its_effect_lasts(number: int) -> None:
    async with touring() as guide:
        guide.tour.position = number - 1
        began = guide._clock.time()
        guide.tour.advance()
        assert not any(is_done for is_done, _ in guide.items())
        assert await guide.run(WITHIN), guide.items()
        # Nothing is checked before the user could see it.
        assert guide._clock.time() - began >= 3
        guide.tour.leave()


@virtual_sockets
async def test_the_stops_one_after_another() -> None:
    async with touring() as guide:
        for _ in STOPS:
            guide.tour.advance()
            assert await guide.run(WITHIN), (guide.tour.stop.title, guide.items())
        guide.tour.advance()
        assert guide.tour.is_over


@pytest.mark.parametrize("number", range(1, len(STOPS) + 1))
@virtual_sockets
async def test_the_last_item_of_a_client_that_does_not_recover_stays_open(number: int) -> None:
    async with touring() as guide:
        guide.tour.position = number - 1
        guide.tour.advance()
        guide.is_frozen = True
        assert not await guide.run(WITHIN)
        assert guide.items()[-1] == (False, "Live, and nothing is missing")
        guide.tour.leave()
