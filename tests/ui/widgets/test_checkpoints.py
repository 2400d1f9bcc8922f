"""The scans of a parcel on its timeline, as a person sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import milestone
from tests.ui.app_harness import Rig
from tests.ui.journeys import TRANSIT, boots, corrected, parcel, reopened
from tests.ui.order_fixtures import lunch, watched
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.ui.widgets import timeline
from tracker_tui.wording.ticket import Worth, report

MakeRig = Callable[..., Rig]
NOTES = [each.note or "" for each in TRANSIT]


def timeline_pane(it: Rig) -> list[str]:
    """The lines of the timeline's pane."""
    rows = it.rows()
    right = next(row.index("Arrives") for row in rows if "Arrives" in row) - 4
    last = next(number for number, row in enumerate(rows) if row.startswith("╰"))
    return [row[2:right].rstrip() for row in rows[3:last]]


async def test_every_checkpoint_is_below_its_stage_where_there_is_room(rig: MakeRig) -> None:
    it = rig()
    async with it.run(160, 50):
        await parcel(it)
        pane = timeline_pane(it)
    assert pane[:5] == [
        "✔ Label created     23 Nov 08:31  took 5 h 30 min",
        "  · 23 Nov 08:31  Label printed by the sender",
        "✔ Accepted          23 Nov 14:01  took 2 h 48 min",
        "  · 23 Nov 14:01  Accepted at Hamburg-Allermöhe",
        "▶ In transit        23 Nov 16:49  21 h 42 min so far",
    ]
    assert "  ⊘ 23 Nov 22:49  Arrived at Köln-Eifeltor" in pane
    assert "  · 23 Nov 23:19  corrected: The scan at Köln-Eifeltor was of another parcel" in pane
    assert "  · 02:19:40      note: Snow on the road to Leipzig-Halle" in pane
    assert pane[13].startswith("○ Out for delivery")


@pytest.mark.parametrize("height", [24, 26])
async def test_where_room_is_short_the_newest_are_shown_and_the_others_counted(rig: MakeRig, height: int) -> None:
    it = rig()
    async with it.run(80, height):
        await parcel(it)
        pane = timeline_pane(it)
    assert pane[2].startswith("▶ In transit")
    assert pane[3] == "  ⋮ 4 earlier checkpoints"
    assert pane[9] == "  · 13:55:40      Departed Leipzig-Halle"
    assert [row[0] for row in pane[:3] + pane[10:12]] == list("✔✔▶○○")


async def test_stages_go_before_checkpoints(rig: MakeRig) -> None:
    it = rig()
    async with it.run(40, 12):
        await parcel(it)
        assert "▶ In transit" in it.text()
        assert "○ Delivered" in it.text()
        assert "Departed" not in it.text()


async def test_one_line_alone_tells_the_newest_and_how_many_there_are_before_it(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await parcel(it)
        scene = it.app._state.order_scene("A1", it.app._instant(), None)
    drawn = timeline.render_timeline(scene, 90, 6).plain.split("\n")
    assert drawn[3] == "  · 13:55:40  Departed Leipzig-Halle  ⋮ 9 earlier"


@pytest.mark.parametrize(("free", "shown"), [(0, 0), (1, 1), (2, 1), (3, 2), (9, 8), (10, 10)])
async def test_no_line_is_left_unused(rig: MakeRig, free: int, shown: int) -> None:
    it = rig()
    async with it.run():
        await parcel(it)
        scene = it.app._state.order_scene("A1", it.app._instant(), None)
    drawn = timeline.render_timeline(scene, 90, 5 + free).plain.split("\n")
    assert [note for note in NOTES if any(note in row for row in drawn)] == NOTES[len(NOTES) - shown :]
    assert len(drawn) == 5 + free


async def test_a_checkpoint_that_was_wrong_is_struck_through(rig: MakeRig) -> None:
    it = rig()
    async with it.run(160, 50):
        await parcel(it)
        assert any(style.strike for style in it.styles_of("Arrived at Köln-Eifeltor"))
        assert not any(style.strike for style in it.styles_of("Arrived at Leipzig-Halle"))


async def test_a_stage_that_was_wrong_is_struck_with_what_was_told_of_it(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await corrected(it)
        assert "⊘ Arriving   14:25:00  corrected" in it.text()
        assert "⊘ 14:25:00  At the door" in it.text()
        assert any(style.strike for style in it.styles_of("At the door"))


async def test_a_reopened_order_says_so_and_why(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await reopened(it)
        assert "↺ Delivered  14:50:00  reopened" in it.text()
        assert "· 14:54:57  Handed to nobody" in it.text()


async def test_an_end_that_was_a_mistake_is_struck_and_reopened(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        end = milestone(58, "delivered", occurred_at=it.clock.wall())
        back = milestone(59, "picked_up", occurred_at=it.clock.wall(), kind=MilestoneKind.CORRECTION, supersedes=(58,))
        await it.tell(lunch(59, "picked_up", None, end, back))
        assert "⊘ Delivered  14:31:40  corrected, reopened" in it.text()
        assert any(style.strike for style in it.styles_of("Delivered"))


async def test_a_note_bears_no_escape_sequence_and_no_markup_into_the_timeline(rig: MakeRig) -> None:
    it = rig()
    async with it.run(160, 50):
        await parcel(it)
        hostile = milestone(11, "in_transit", occurred_at=it.clock.wall(), note="\x1b[2J[red]Gone[/]\n\n☃")
        await it.tell(boots(11, "in_transit", *TRANSIT, hostile))
        assert "␛[2J[red]Gone[/]␊␊☃" in "\n".join(timeline_pane(it))


async def test_a_parcel_between_scans_is_not_called_lost(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await parcel(it)
        assert "149 km · scanned 3 h 24 min ago" in it.text()
        assert "lost" not in it.text()


async def test_a_report_has_every_checkpoint_below_its_stage(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await parcel(it)
        scene = it.app._state.order_scene("A1", it.app._instant(), None)
    written = report(scene.view, scene.instant, Worth("● Live", True, None), ()).split("Timeline\n")[1]
    assert written.split("\n")[:4] == [
        "23 Nov 08:31  Label created  (done)  took 5 h 30 min",
        "  23 Nov 08:31  Label printed by the sender",
        "23 Nov 14:01  Accepted  (done)  took 2 h 48 min",
        "  23 Nov 14:01  Accepted at Hamburg-Allermöhe",
    ]
    assert "  23 Nov 22:49  Arrived at Köln-Eifeltor  (corrected)\n" in written
