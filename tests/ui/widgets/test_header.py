"""The header: what stands beside the badge stays while the badge counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import order, snapshot
from tests.ui.app_harness import Rig
from tracker_tui.link.changes import Phase

MakeRig = Callable[..., Rig]


@pytest.mark.parametrize("ids", [("A1",), ("A1", "A2")])
@pytest.mark.parametrize("width", [72, 80, 90, 93, 100])
async def test_its_parts_do_not_come_and_go_while_the_link_is_sought(
    rig: MakeRig, ids: tuple[str, ...], width: int
) -> None:
    it = rig(*ids)
    async with it.run(width, 24):
        await it.live()
        await it.tell(snapshot(3, "preparing", facts=order()))
        parts = set()
        for second in (1, 9, 55):
            for attempt, phase in ((2, Phase.BACKOFF), (12, Phase.BACKOFF), (12, Phase.CONNECTING)):
                await it.at(second)
                await it.link(phase, attempt=attempt, retry_at=second + (attempt * 5) % 31, down_at=1.0)
                top = it.rows()[0]
                parts.add(("tracker-tui" in top, "heard" in top, "14:00:" in top, "Preparing" in top))
        assert len(parts) == 1
