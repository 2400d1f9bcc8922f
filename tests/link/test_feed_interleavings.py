"""Arbitrary histories of a feed, in virtual time: at the end, the view equals the state on the server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tests.link.test_feed_fallback import BLOCK, Watch, watching
from tests.support.fake_transports import FakeCredentials
from tests.support.virtual_time import virtual
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.link.errors import LinkError, ServerBusy, StreamClosed, StreamEnded, TransportDown
from tracker_tui.wire.messages import Goodbye, Problem, ServerMessage

SEEDS = 40
HAPPENINGS = 60

Happening = Callable[[Watch, Random], object]


def _say(watch: Watch, random: Random, message: ServerMessage) -> None:
    if watch.gateway.streams:
        random.choice(watch.gateway.streams).put(message)


def _end(watch: Watch, random: Random) -> None:
    errors: list[LinkError] = [StreamClosed(1006), StreamEnded(1.0), TransportDown("reset", connected=True)]
    if watch.gateway.streams:
        random.choice(watch.gateway.streams).end(random.choice(errors))


def _freeze(watch: Watch, random: Random) -> None:
    if watch.gateway.streams:
        random.choice(watch.gateway.streams).frozen = True


def _block(watch: Watch, random: Random) -> None:
    errors = [None, BLOCK, ServerBusy(503), ServerBusy(429, 3), TransportDown("no answer in time", connected=True)]
    random.choice(list(watch.roads.values())).blocked = random.choice(errors)


def _mute(watch: Watch, random: Random) -> None:
    random.choice(list(watch.roads.values())).mute = random.random() < 0.5


def _lose_answers(watch: Watch, random: Random) -> None:
    watch.gateway.loses_answers = random.random() < 0.5


def _spoil_gets(watch: Watch, random: Random) -> None:
    watch.gateway.requests_fail_with = random.choice([None, TransportDown("no answer in time"), ServerBusy(429, 5)])


def _refuse(watch: Watch, random: Random) -> None:
    watch.gateway.busy, watch.gateway.busy_for = random.choice([set(), {"A1"}]), random.choice([None, 5])


def _go_down(watch: Watch, random: Random) -> None:
    watch.gateway.down = random.choice([None, None, TransportDown("connection refused")])


HAPPEN: list[Happening] = [
    *[lambda watch, random: watch.gateway.append("A1", "preparing", lost=random.random() < 0.3)] * 6,
    lambda watch, random: watch.gateway.close(random.choice([1000, 1001, 1006, 1011, 4008, 4012])),
    lambda watch, random: watch.gateway.begin_epoch(watch.gateway.epoch + 1, tell=random.random() < 0.5),
    lambda watch, random: _say(watch, random, Goodbye("restarting", random.choice([None, 2, 5]))),
    lambda watch, random: _say(watch, random, Problem("rate_limited", "later", None, random.choice([None, 2]))),
    lambda watch, _: watch.feed.wake(),
    lambda watch, _: watch.feed.reconnect(),
    *[_end, _freeze, _block, _mute, _lose_answers, _spoil_gets, _refuse, _go_down],
]


@pytest.mark.parametrize("seed", range(SEEDS))
@virtual
async def test_at_the_end_the_view_is_the_servers_and_nothing_was_yielded_twice(seed: int) -> None:
    random = Random(seed)
    keys = FakeCredentials(random.choice([5.0, 20.0, 100.0])) if random.random() < 0.4 else None
    async with watching(keys=keys, seed=seed) as watch:
        for _ in range(HAPPENINGS):
            random.choice(HAPPEN)(watch, random)
            await asyncio.sleep(random.choice([0.0, 0.01, 0.1, 0.5, 1.0, 3.0]))
        for road in watch.roads.values():
            road.blocked, road.mute = None, False
        gateway = watch.gateway
        gateway.down = gateway.requests_fail_with = None
        gateway.loses_answers = False
        gateway.busy.clear()
        await watch.until(
            lambda: (
                watch.feed.link.phase is Phase.LIVE
                and watch.feed.standing("A1") is Standing.IN_SYNC
                and watch.true()
                and watch.feed.views["A1"].version == gateway.head("A1")
            ),
            within=90,
        )
    told = Counter(entry.version for entry in watch.arrived)
    assert set(told.values()) <= {1}
