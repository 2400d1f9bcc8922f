"""Pictures of the screens, to be looked at as well: UPDATE_SNAPSHOTS=1 takes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.orders import at
from tests.ui.evening import EVENING, busy_evening
from tests.ui.lunch import NOW, cancelled, delivered, watched
from tests.ui.rig import Rig
from tests.ui.test_board_screen import IDS, four_orders
from tests.ui.test_hands import CANCEL, NOTE, TOO_LATE
from tests.ui.test_roads import BLOCKED, EXPIRED, HOST, RENEWAL, fallen_back, signed_out
from tracker_tui.domain import overlay
from tracker_tui.link.state import Phase, Topic
from tracker_tui.ui.scene import Replay

MakeRig = Callable[..., Rig]
Scenario = Callable[[Rig], Awaitable[None]]

PICTURES = Path(__file__).parent / "snapshots"
TAKEN_WITH = PICTURES / "TEXTUAL_VERSION"
RETAKE = "UPDATE_SNAPSHOTS" in os.environ


async def live(it: Rig) -> None:
    await watched(it)


async def reconnecting(it: Rig) -> None:
    await watched(it)
    assert it.demo is not None
    it.demo.tell(at(NOW), "disconnect: disconnected")
    await it.note("lost: 1006 abnormal closure")
    await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await it.at(NOW + 10)


async def well_ended(it: Rig) -> None:
    await watched(it)
    await it.tell(delivered())
    await it.link(Phase.FINAL)
    await it.at(3100)


async def badly_ended(it: Rig) -> None:
    await watched(it)
    await it.tell(cancelled())
    await it.link(Phase.FINAL)
    await it.at(2100)


async def helped(it: Rig) -> None:
    await watched(it)
    await it.press("question_mark")


async def faulty(it: Rig) -> None:
    await watched(it)
    assert it.demo is not None
    await it.press("f")
    sent = received = 0
    mended = it.feed.counters.mended
    for second in range(1, 13):
        sent, received = sent + 1 + second % 3, received + (0 if second in {5, 6} else 1 + second % 3)
        it.demo.sent = sent
        mended += second == 8
        it.feed.counters = replace(it.feed.counters, events=received, mended=mended)
        await it.at(NOW + second)
    await it.press("7")


async def asked(it: Rig) -> None:
    await watched(it)
    await it.note("note asked: “ring twice, please”", Topic.COMMAND, "A1")
    await it.note("note unconfirmed: no answer in time; asking again under the same id", Topic.COMMAND, "A1")
    await it.note("cancel asked", Topic.COMMAND, "A1")
    await it.note(f"cancel refused: {TOO_LATE}", Topic.COMMAND, "A1")
    await it.wish(overlay.lost(NOTE, "no answer in time"), overlay.refused(CANCEL, TOO_LATE, at(NOW)))


async def noting(it: Rig) -> None:
    await watched(it)
    await it.press("n", *"Customer asks to ring twice")


async def cancelling(it: Rig) -> None:
    await watched(it)
    await it.press("X")


async def toured(it: Rig) -> None:
    await reconnecting(it)
    await it.press("T", "space")


async def over_sse(it: Rig) -> None:
    await fallen_back(it, "sse")


async def polling(it: Rig) -> None:
    await fallen_back(it, "polling", "long-poll: the stream was opened, and no hello came", period=5.0)


async def board_over_sse(it: Rig) -> None:
    await four_orders(it)
    await it.live(transport="sse", fallback=BLOCKED)


async def board_polling(it: Rig) -> None:
    await four_orders(it)
    await it.live(transport="polling", fallback="long-poll: the stream was opened, and no hello came", period=5.0)


async def board_signed_out(it: Rig) -> None:
    await four_orders(it)
    await it.link(Phase.SIGNED_OUT, **EXPIRED)


async def replayed(it: Rig) -> None:
    await watched(it)
    it.app._known.replay = Replay(4.0)
    it.feed.say(None)
    await it.settle()
    await it.at(NOW)


async def board_filtered(it: Rig) -> None:
    await busy_evening(it)
    await it.press("down", "space", "slash", *"!done")


async def board_sorted(it: Rig) -> None:
    await busy_evening(it)
    await it.press("s", "down")


SHOTS: list[tuple[str, Scenario, tuple[str, ...], tuple[int, int]]] = [
    *(
        (f"order-{name}", scenario, ("A1",), size)
        for name, scenario in (
            ("live", live),
            ("reconnecting", reconnecting),
            ("delivered", well_ended),
            ("cancelled", badly_ended),
        )
        for size in ((80, 24), (100, 30), (160, 50))
    ),
    *(
        (name, scenario, ids, size)
        for name, scenario, ids in (
            ("order-sse", over_sse, ("A1",)),
            ("order-polling", polling, ("A1",)),
            ("order-signed-out", signed_out, ("A1",)),
            ("order-asked", asked, ("A1",)),
            ("board-sse", board_over_sse, IDS),
            ("board-polling", board_polling, IDS),
            ("board-signed-out", board_signed_out, IDS),
        )
        for size in ((80, 24), (100, 30))
    ),
    ("order-live", live, ("A1",), (40, 12)),
    ("order-replay", replayed, ("A1",), (80, 24)),
    ("order-replay", replayed, ("A1",), (40, 12)),
    *(
        (name, scenario, ("A1",), size)
        for name, scenario in (("order-asked", asked), ("note", noting), ("cancel", cancelling))
        for size in ((40, 12), *(((80, 24),) if scenario is not asked else ()))
    ),
    ("board", four_orders, IDS, (80, 24)),
    ("board", four_orders, IDS, (100, 30)),
    *(("board-busy", busy_evening, EVENING, size) for size in ((40, 12), (80, 24), (100, 30), (160, 50))),
    ("board-filtered", board_filtered, EVENING, (80, 40)),
    ("board-sorted", board_sorted, EVENING, (80, 24)),
    ("board-no-color", busy_evening, EVENING, (80, 24)),
    ("help", helped, ("A1",), (80, 40)),
    *(("tour", toured, ("A1",), size) for size in ((80, 24), (100, 30))),
    *(("faults", faulty, ("A1",), size) for size in ((80, 24), (100, 30), (160, 50), (40, 12))),
]


def normalised(svg: str) -> str:
    """A picture without what differs from run to run: the ids that rich draws for its styles."""
    return re.sub(r"terminal-\d+", "terminal", svg)


@pytest.mark.parametrize(
    ("name", "scenario", "ids", "size"),
    SHOTS,
    ids=[f"{name}-{width}x{height}" for name, _, _, (width, height) in SHOTS],
)
async def test_the_screen_looks_as_it_did(
    rig: MakeRig,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    scenario: Scenario,
    ids: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    if name.endswith("no-color"):
        monkeypatch.setenv("NO_COLOR", "1")
    if not RETAKE and TAKEN_WITH.read_text().strip() != version("textual"):
        pytest.skip(f"the pictures were taken with textual {TAKEN_WITH.read_text().strip()}")
    it = rig(*ids, demo=True, host=HOST, renewal=RENEWAL)
    async with it.run(*size):
        await scenario(it)
        taken = normalised(it.app.export_screenshot(title="tracker-tui"))
    path = PICTURES / f"{name}-{size[0]}x{size[1]}.svg"
    if RETAKE:
        PICTURES.mkdir(exist_ok=True)
        path.write_text(taken)
        TAKEN_WITH.write_text(f"{version('textual')}\n")
    assert taken == path.read_text(), "it looks different now; UPDATE_SNAPSHOTS=1 takes the picture anew"
