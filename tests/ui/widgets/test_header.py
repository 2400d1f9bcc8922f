"""The header: its parts stay while the numbers in the badge change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]


@pytest.mark.parametrize("ids", [("A1",), ("A1", "A2")])
@pytest.mark.parametrize("width", [72, 80, 90, 93, 100])
async def test_the_headers_parts_stay_while_reconnecting(
    harness: MakeHarness, ids: tuple[str, ...], width: int
) -> None:
    ui = harness(*ids)
    async with ui.run(width, 24):
        await ui.go_live()
        await ui.receive(snapshot(3, "preparing", facts=order()))
        parts = set()
        for second in (1, 9, 55):
            for attempt, phase in ((2, Phase.BACKOFF), (12, Phase.BACKOFF), (12, Phase.CONNECTING)):
                await ui.tick_at(second)
                await ui.set_link(phase, attempt=attempt, retry_at=second + (attempt * 5) % 31, down_at=1.0)
                top = ui.rows()[0]
                parts.add(("tracker-tui" in top, "heard" in top, "14:00:" in top, "Preparing" in top))
        assert len(parts) == 1
