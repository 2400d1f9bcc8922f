"""The checkpoints of a parcel on its timeline."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import milestone
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import meal_snapshot, show_order
from tests.ui.unusual_orders import SCANS, parcel_snapshot, show_corrected_order, show_parcel, show_reopened_order
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.ui.widgets import timeline
from tracker_tui.wording.ticket import Reliability, order_report

MakeHarness = Callable[..., AppHarness]
NOTES = [each.note or "" for each in SCANS]


def timeline_pane(ui: AppHarness) -> list[str]:
    """Return the lines of the timeline pane."""
    rows = ui.rows()
    first = next(number for number, row in enumerate(rows) if "─ Timeline" in row)
    right = rows[first].index("╮")
    last = next(number for number, row in enumerate(rows) if row.startswith("╰"))
    return [row[2:right].rstrip() for row in rows[first + 1 : last]]


async def test_every_checkpoint_is_below_its_stage_where_there_is_room(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await show_parcel(ui)
        pane = timeline_pane(ui)
    assert pane[:5] == [
        "✔ Label created     23 Nov 08:31  took 5 h 30 min",
        "  · 23 Nov 08:31  Label printed by the sender",
        "✔ Accepted          23 Nov 14:01  took 2 h 48 min",
        "  · 23 Nov 14:01  Accepted at Hamburg-Allermöhe",
        "▶ In transit        23 Nov 16:49  21 h 42 min so far",
    ]
    assert "  ⊘ 23 Nov 22:49  Arrived at Köln-Eifeltor" in pane
    assert "  · 23 Nov 23:19  corrected: The scan at Köln-Eifeltor was" in pane
    assert "  · 02:19         note: Snow on the road to Leipzig-Halle" in pane
    assert pane[14].startswith("○ Out for delivery")


async def test_the_newest_checkpoints_are_shown_and_the_others_counted(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(80, 21):
        await show_parcel(ui)
        pane = timeline_pane(ui)
    assert pane[2].startswith("▶ In transit")
    assert pane[3] == "  ⋮ 4 earlier checkpoints"
    assert pane[9] == "  · 13:55         Departed Leipzig-Halle"
    assert [row[0] for row in pane[:3] + pane[10:12]] == list("✔✔▶○○")


async def test_stages_are_shown_before_checkpoints(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(40, 14):
        await show_parcel(ui)
        assert "▶ In transit" in ui.text()
        assert "○ Delivered" in ui.text()
        assert "Departed" not in ui.text()


async def test_a_single_line_shows_the_newest_checkpoint_and_counts_the_others(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_parcel(ui)
        scene = ui.app._state.order_scene("A1", ui.app._instant(), None)
    drawn = timeline.render_timeline(scene, 90, 6).plain.split("\n")
    assert drawn[3] == "  · 13:55  Departed Leipzig-Halle  ⋮ 9 earlier"


@pytest.mark.parametrize(("free", "shown"), [(0, 0), (1, 1), (2, 1), (3, 2), (9, 8), (10, 10)])
async def test_no_line_is_left_unused(harness: MakeHarness, free: int, shown: int) -> None:
    ui = harness()
    async with ui.run():
        await show_parcel(ui)
        scene = ui.app._state.order_scene("A1", ui.app._instant(), None)
    drawn = timeline.render_timeline(scene, 90, 5 + free).plain.split("\n")
    assert [note for note in NOTES if any(note in row for row in drawn)] == NOTES[len(NOTES) - shown :]
    assert len(drawn) == 5 + free


async def test_a_corrected_checkpoint_is_struck_through(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await show_parcel(ui)
        assert any(style.strike for style in ui.styles_of("Arrived at Köln-Eifeltor"))
        assert not any(style.strike for style in ui.styles_of("Arrived at Leipzig-Halle"))


async def test_a_corrected_stage_is_struck_through_with_its_checkpoints(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_corrected_order(ui)
        assert "⊘ Arriving   14:25:00  corrected" in ui.text()
        assert "⊘ 14:25:00  At the door" in ui.text()
        assert any(style.strike for style in ui.styles_of("At the door"))


async def test_a_reopened_order_shows_the_reason(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_reopened_order(ui)
        assert "↺ Delivered  14:50:00  reopened" in ui.text()
        assert "· 14:54:57  Handed to nobody" in ui.text()


async def test_a_corrected_end_is_struck_through_and_reopened(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        end = milestone(58, "delivered", occurred_at=ui.clock.wall())
        back = milestone(59, "picked_up", occurred_at=ui.clock.wall(), kind=MilestoneKind.CORRECTION, supersedes=(58,))
        await ui.receive(meal_snapshot(59, "picked_up", None, end, back))
        assert "⊘ Delivered  14:31:40  corrected, reopened" in ui.text()
        assert any(style.strike for style in ui.styles_of("Delivered"))


async def test_hostile_text_in_a_note_stays_text_on_the_timeline(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await show_parcel(ui)
        hostile = milestone(11, "in_transit", occurred_at=ui.clock.wall(), note="\x1b[2J[red]Gone[/]\n\n☃")
        await ui.receive(parcel_snapshot(11, "in_transit", *SCANS, hostile))
        assert "␛[2J[red]Gone[/]␊␊☃" in "\n".join(timeline_pane(ui))


async def test_a_parcel_between_scans_is_not_called_lost(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_parcel(ui)
        assert "To go    149 km" in ui.text()
        assert "scanned 3 h 24 min ago" in ui.text()
        assert "lost" not in ui.text()


async def test_a_report_has_every_checkpoint_below_its_stage(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_parcel(ui)
        scene = ui.app._state.order_scene("A1", ui.app._instant(), None)
    written = order_report(scene.view, scene.instant, Reliability("● Live", True, None), ()).split("Timeline\n")[1]
    assert written.split("\n")[:4] == [
        "23 Nov 08:31  Label created  (done)  took 5 h 30 min",
        "  23 Nov 08:31  Label printed by the sender",
        "23 Nov 14:01  Accepted  (done)  took 2 h 48 min",
        "  23 Nov 14:01  Accepted at Hamburg-Allermöhe",
    ]
    assert "  23 Nov 22:49  Arrived at Köln-Eifeltor  (corrected)\n" in written
