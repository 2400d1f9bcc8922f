"""A subscriber with a sink of adjustable speed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mock_server.net.clock import SystemClock
from mock_server.orders.encoded import Encoded
from mock_server.orders.log.memory import MemoryLog
from mock_server.orders.stats import Counters
from mock_server.orders.subscriber import HIGH_WATER, Subscriber
from tests.support.mock_servers import draft, eventually
from tests.support.orders import order, state
from tracker_tui.domain.cursor import Cursor

EPOCH = 1000


class SlowSink:
    """A sink that can be closed and opened."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.buffered = 0
        self._open = asyncio.Event()
        self._open.set()

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        self.messages.append(message.message)

    async def drain(self) -> None:
        await self._open.wait()

    def shut(self) -> None:
        self.buffered = HIGH_WATER + 1
        self._open.clear()

    def open(self) -> None:
        self.buffered = 0
        self._open.set()

    @property
    def summary(self) -> list[str]:
        """The written messages, abbreviated."""
        return [f"{m.type} {m.order_id}" + (f" {m.seq}" if hasattr(m, "seq") else "") for m in self.messages]


class ManualClock(SystemClock):
    """A clock that the test advances."""

    seconds = 0.0

    def time(self) -> float:
        return self.seconds


class Setup:
    """A log, a sink, and a subscriber between them."""

    def __init__(self) -> None:
        self.log = MemoryLog(lambda: EPOCH)
        self.sink = SlowSink()
        self.stats = Counters()
        self.clock = ManualClock()
        self.subscriber = Subscriber(self.log, self.sink, self.clock, self.stats, limit=3)

    async def order(self, order_id: str = "A1", events: int = 1) -> None:
        await self.log.append(order_id, state(), draft(), order(order_id))
        await self.events(events - 1, order_id)

    async def events(self, count: int = 1, order_id: str = "A1") -> None:
        for _ in range(count):
            await self.log.append(order_id, state("preparing"), None)


@pytest.fixture
async def at() -> AsyncIterator[Setup]:
    setting = Setup()
    yield setting
    await setting.subscriber.close()


async def test_an_answer_comes_before_the_live_events(at: Setup) -> None:
    await at.order(events=3)
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 1)})
    await at.events()
    await eventually(lambda: len(at.sink.messages) == 4)
    await at.events()
    assert at.sink.summary == ["subscribed A1", "event A1 2", "event A1 3", "event A1 4", "event A1 5"]


async def test_events_during_a_slow_replay_follow_it_without_a_gap(at: Setup) -> None:
    await at.order(events=5)
    at.sink.shut()
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 0)})
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 1)})
    await at.events(2)
    at.sink.open()
    await eventually(lambda: len(at.sink.messages) >= 4)
    await at.events(3)
    await eventually(lambda: len(at.sink.messages) == 10)
    assert at.sink.summary == ["subscribed A1", *(f"event A1 {seq}" for seq in range(2, 11))]


async def test_a_client_over_its_limit_is_skipped_and_gets_a_snapshot_when_it_has_drained(at: Setup) -> None:
    await at.order()
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 1)})
    await eventually(lambda: at.sink.messages)
    at.sink.shut()
    await at.events(50)
    assert at.sink.summary == ["subscribed A1"]
    at.sink.open()
    await eventually(lambda: len(at.sink.messages) == 2)
    await at.events()
    assert at.sink.summary == ["subscribed A1", "snapshot A1 51", "event A1 52"]
    assert at.subscriber.seconds_behind == 0


async def test_being_behind_on_one_order_does_not_delay_another(at: Setup) -> None:
    await at.order("A1")
    await at.order("B2")
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 1), "B2": Cursor(EPOCH, 1)})
    await eventually(lambda: len(at.sink.messages) == 2)
    at.sink.shut()
    await at.events(1, "A1")
    at.sink.buffered = 0
    await at.events(1, "B2")
    assert at.sink.summary[2:] == ["event B2 2"]


async def test_subscribing_again_replays_after_the_new_cursor(at: Setup) -> None:
    await at.order(events=4)
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 4)})
    await eventually(lambda: at.sink.messages)
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 2)})
    await eventually(lambda: len(at.sink.messages) == 4)
    assert at.sink.summary == ["subscribed A1", "subscribed A1", "event A1 3", "event A1 4"]
    assert at.sink.messages[1].from_ == Cursor(EPOCH, 2)


async def test_a_new_epoch_is_announced_before_any_event_of_it(at: Setup) -> None:
    await at.order(events=3)
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 3)})
    await eventually(lambda: at.sink.messages)
    await at.log.reopen()
    await at.events()
    await eventually(lambda: len(at.sink.messages) == 3)
    await at.events()
    subscribed, snapshot, event = at.sink.messages[1:]
    assert (subscribed.mode, subscribed.from_) == ("snapshot", None)
    assert (snapshot.epoch, event.epoch) == (EPOCH + 1, EPOCH + 1)
    assert event.seq == snapshot.seq + 1


async def test_a_new_epoch_in_the_middle_of_a_replay_ends_the_replay(at: Setup) -> None:
    await at.order(events=5)

    async def one_at_a_time() -> None:
        await asyncio.sleep(0)
        if len(at.sink.messages) == 2:
            await at.log.reopen()

    at.sink.drain = one_at_a_time  # type: ignore[method-assign]
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 1)})
    await eventually(lambda: any(message.type == "snapshot" for message in at.sink.messages))
    epochs = [getattr(message, "epoch", None) or message.head.epoch for message in at.sink.messages]
    assert epochs == sorted(epochs)
    assert at.sink.summary[-2:] == ["subscribed A1", "snapshot A1 1"]


async def test_an_unsubscribed_order_is_silent_and_absent_from_the_heads(at: Setup) -> None:
    await at.order("A1")
    await at.order("B2")
    at.subscriber.subscribe({"A1": None, "B2": None})
    await eventually(lambda: len(at.sink.messages) == 4)
    at.subscriber.unsubscribe(["A1", "Z9"])
    await at.events(1, "A1")
    assert len(at.sink.messages) == 4
    assert await at.subscriber.heads() == {"B2": Cursor(EPOCH, 1)}


async def test_the_heads_contain_answered_subscriptions_only(at: Setup) -> None:
    await at.order()
    at.sink.shut()
    at.subscriber.subscribe({"A1": None})
    assert await at.subscriber.heads() == {}


async def test_an_unknown_order_and_one_beyond_the_limit_are_refused_alone(at: Setup) -> None:
    await at.order("A1")
    at.subscriber.subscribe({"A1": None, "X1": None, "X2": None, "X3": None})
    await eventually(lambda: len(at.sink.messages) == 5)
    problems = {m.order_id: m.code for m in at.sink.messages if m.type == "problem"}
    assert problems == {"X1": "order_not_found", "X2": "order_not_found", "X3": "too_large"}
    await at.events()
    assert at.sink.summary[-1] == "event A1 2"


async def test_nothing_is_sent_and_no_task_runs_after_closing(at: Setup) -> None:
    await at.order()
    at.sink.shut()
    at.subscriber.subscribe({"A1": None})
    await at.subscriber.close()
    at.sink.open()
    await at.events()
    assert at.sink.messages == []
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "catching up"] == []


async def test_a_client_with_too_many_unsent_refusals_is_not_read_further(at: Setup) -> None:
    at.sink.shut()
    at.subscriber.subscribe({f"X{number}": None for number in range(5000)})
    reading_on = asyncio.create_task(at.subscriber.wait_for_refusals())
    await asyncio.sleep(0)
    assert not reading_on.done()
    at.sink.open()
    await reading_on
    assert len(at.sink.messages) >= 3000


async def test_seconds_behind_count_until_the_client_has_caught_up(at: Setup) -> None:
    await at.order()
    at.subscriber.subscribe({"A1": Cursor(EPOCH, 1)})
    await eventually(lambda: at.sink.messages)
    at.sink.shut()
    await at.events()
    at.clock.seconds = 31
    assert at.subscriber.seconds_behind == 31
    at.sink.open()
    await eventually(lambda: at.subscriber.seconds_behind == 0)
