"""Measure a board of 1,000 orders with 1,000 changes a second: CPU share of a core, and delay of a key press."""

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
"""Milliseconds between two batches, and the number of events in a batch."""

SECONDS = 3
"""Duration of the busy phase."""

JOIN_FACTOR = 12
"""Upper limit of CPU time for showing changes, as a multiple of the time for joining them; measured: 3 to 8."""

KEY_FACTOR = 10
"""Upper limit of the delay of a key press, as a multiple of the delay on an idle board; measured: 2 to 5."""


async def test_a_busy_board_leaves_most_of_a_core_free_and_shows_a_key_at_once() -> None:
    ui = AppHarness(SystemClock(), IDS, demo=False, zone=UTC)  # type: ignore[arg-type]
    async with ui.run(120, 40):
        await ui.go_live()
        now = datetime.now(UTC)
        for number, order_id in enumerate(IDS):
            facts = order(order_id, promised_at=now + timedelta(minutes=number % 60 - 5))
            ui.feed.emit(ui.story.change_for(snapshot(1, "preparing", order_id=order_id, facts=facts, updated_at=now)))
        await ui.wait_until(lambda: ui.feed.idle)
        idle = [await _measure_key_delay(ui) for _ in range(20)]
        shown: list[float] = []
        started, cpu_started, join_seconds = time.perf_counter(), time.process_time(), 0.0
        for tick in range(SECONDS * 1000 // SLICE):
            join_started = time.process_time()
            changes = [ui.story.change_for(each) for each in _batch(tick)]
            join_seconds += time.process_time() - join_started
            for change in changes:
                ui.feed.emit(change)
            if tick % 5 == 4:
                shown.append(await _measure_key_delay(ui))
            await asyncio.sleep(max(0.0, started + (tick + 1) * SLICE / 1000 - time.perf_counter()))
        cpu_seconds = time.process_time() - cpu_started - join_seconds
        duration = time.perf_counter() - started
    print(
        f"{cpu_seconds / duration:.0%} of a core, {cpu_seconds / join_seconds:.1f} times the joins; a key shows after "
        f"{median(shown) * 1000:.0f} ms, at most {max(shown) * 1000:.0f} ms; on an idle board after "
        f"{median(idle) * 1000:.0f} ms"
    )
    assert cpu_seconds < JOIN_FACTOR * join_seconds
    assert median(shown) < KEY_FACTOR * median(idle)


def _batch(tick: int) -> list[Event]:
    turn, part = divmod(tick, 1000 // SLICE)
    return [
        event(turn + 2, order_id=order_id, quiet=bool((turn + number) % 5), updated_at=datetime.now(UTC))
        for number, order_id in enumerate(IDS[part * SLICE : (part + 1) * SLICE])
    ]


async def _measure_key_delay(ui: AppHarness) -> float:
    """Return the seconds from a key press until its target row is sent to the terminal."""
    table = ui.app.screen.query_one(BoardTable)
    before, sent = table.selected_row, asyncio.Event()
    display: Callable[..., None] = ui.app._display

    def watch(*arguments: object) -> None:
        display(*arguments)
        if table.selected_row is not before:
            sent.set()

    ui.app._display = watch  # type: ignore[method-assign, assignment]
    try:
        pressed = time.perf_counter()
        ui.app.post_message(events.Key("down", None))
        await asyncio.wait_for(sent.wait(), 5)
        return time.perf_counter() - pressed
    finally:
        ui.app._display = display  # type: ignore[method-assign]
