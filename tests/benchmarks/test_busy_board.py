"""A board of 1,000 orders and 1,000 changes a second: how much of a core it takes, and how soon a key shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from textual import events

from tests.support.orders import event, order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.event import Event
from tracker_tui.link.clock import SystemClock
from tracker_tui.ui.widgets.table import BoardTable

IDS = [f"N{number:03}" for number in range(1000)]
SLICE = 50
SECONDS = 3

JOINS = 12
"""At most so many times as long as to join the changes it takes to show them: 5 to 7 as measured."""

CALM_KEYS = 10
"""At most so many times as long as on a board where nothing happens it takes until a key shows: 2 to 5 as measured."""


async def test_a_flood_leaves_most_of_a_core_and_a_key_shows_at_once() -> None:
    it = AppHarness(SystemClock(), IDS, demo=False, zone=UTC)  # type: ignore[arg-type]
    async with it.run(120, 40):
        await it.go_live()
        now = datetime.now(UTC)
        for number, order_id in enumerate(IDS):
            facts = order(order_id, promised_at=now + timedelta(minutes=number % 60 - 5))
            it.feed.emit(it.story.change_for(snapshot(1, "preparing", order_id=order_id, facts=facts, updated_at=now)))
        await it.wait_until(lambda: it.feed.idle)
        calm = [await _key(it) for _ in range(20)]
        shown: list[float] = []
        began, spent, apart = time.perf_counter(), time.process_time(), 0.0
        for tick in range(SECONDS * 1000 // SLICE):
            told = time.process_time()
            changes = [it.story.change_for(each) for each in _events(tick)]
            apart += time.process_time() - told
            for change in changes:
                it.feed.emit(change)
            if tick % 5 == 4:
                shown.append(await _key(it))
            await asyncio.sleep(max(0.0, began + (tick + 1) * SLICE / 1000 - time.perf_counter()))
        used, lasted = time.process_time() - spent - apart, time.perf_counter() - began
    print(
        f"{used / lasted:.0%} of a core, {used / apart:.1f} times what the joins take; a key shows after "
        f"{median(shown) * 1000:.0f} ms, at most {max(shown) * 1000:.0f} ms; in a calm after "
        f"{median(calm) * 1000:.0f} ms"
    )
    assert used < JOINS * apart
    assert median(shown) < CALM_KEYS * median(calm)


def _events(tick: int) -> list[Event]:
    turn, part = divmod(tick, 1000 // SLICE)
    return [
        event(turn + 2, order_id=order_id, quiet=bool((turn + number) % 5), updated_at=datetime.now(UTC))
        for number, order_id in enumerate(IDS[part * SLICE : (part + 1) * SLICE])
    ]


async def _key(it: AppHarness) -> float:
    """Seconds from a key to the moment when the row that it leads to is sent to the terminal."""
    table = it.app.screen.query_one(BoardTable)
    before, sent = table.selected_row, asyncio.Event()
    display: Callable[..., None] = it.app._display

    def watch(*arguments: object) -> None:
        display(*arguments)
        if table.selected_row is not before:
            sent.set()

    it.app._display = watch  # type: ignore[method-assign, assignment]
    try:
        pressed = time.perf_counter()
        it.app.post_message(events.Key("down", None))
        await asyncio.wait_for(sent.wait(), 5)
        return time.perf_counter() - pressed
    finally:
        it.app._display = display  # type: ignore[method-assign]
