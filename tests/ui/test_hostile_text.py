"""Text from outside stays text: it neither crashes, nor styles, nor acts, nor reaches the terminal as a control."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import Input

from tests.support.orders import START, at, event, milestone, order, snapshot
from tests.ui.app_harness import Rig
from tracker_tui.domain.order import Courier, Flow, Location, Place, Stage
from tracker_tui.link.changes import Phase, Topic
from tracker_tui.ui.model.ports import FaultEntry

MakeRig = Callable[..., Rig]

HOSTILE = "[/b][red]x[/][@click=app.quit]go[/] \x1b]0;x\x07 \x1b[2J \x00 \u202eabc \x9b31m"


def hostile_snapshot(order_id: str = "A1") -> object:
    flow = Flow("evil", (Stage("evil", HOSTILE, 60), Stage("end", HOSTILE)))
    place = Place(52.5, 13.3, HOSTILE, HOSTILE)
    facts = order(order_id, title=HOSTILE, customer=HOSTILE, flow=flow, origin=place, destination=place)
    return snapshot(
        2,
        "evil",
        order_id=order_id,
        facts=facts,
        history=(milestone(1, "evil", note=HOSTILE), milestone(2, HOSTILE[:64], note=HOSTILE)),
        flags=(HOSTILE,),
        courier=Courier(HOSTILE, HOSTILE),
        location=Location(52.5, 13.3, START, label=HOSTILE),
    )


def is_harmless(rig: Rig) -> bool:
    text = rig.text().replace("\n", "")
    return text.isprintable() and "\u202e" not in text


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 12), (20, 5)])
async def test_on_the_order_screen(rig: MakeRig, size: tuple[int, int]) -> None:
    it = rig()
    async with it.run(*size):
        await it.live()
        await it.tell(hostile_snapshot())  # type: ignore[arg-type]
        await it.note(HOSTILE, Topic.ODDITY)
        await it.link(Phase.BACKOFF, attempt=1, retry_at=5.0, down_at=0.0, reason=HOSTILE.translate({27: "␛"}))
        await it.tell(event(3, "\x1b[2J", courier=Courier("\x1b", "\x1b")))
        await it.at(1)
        assert is_harmless(it)
        assert it.app.is_running


async def test_a_note_with_markup_is_shown_letter_by_letter(rig: MakeRig) -> None:
    it = rig()
    async with it.run(160, 50):
        await it.live()
        await it.tell(hostile_snapshot())  # type: ignore[arg-type]
        assert "[/b][red]x[/][@click=app.quit]go[/] ␛]0;x␇ ␛[2J ␀ ⟨RLO⟩abc" in it.text()
        assert all("@click" not in style.meta for style in it.styles_of("[@click"))


async def test_on_the_board_the_log_and_in_the_fault_panel(rig: MakeRig) -> None:
    it = rig("A1", "A2", demo=True)
    async with it.run():
        await it.live()
        await it.tell(hostile_snapshot(), hostile_snapshot("A2"))  # type: ignore[arg-type]
        await it.refuse("A2", code=HOSTILE, detail=HOSTILE)
        assert it.demo is not None
        it.demo.tell(at(0), HOSTILE)
        it.demo.catalogue = [FaultEntry("disconnect", HOSTILE, HOSTILE, HOSTILE)]
        await it.at(1)
        assert is_harmless(it)
        await it.press("l")
        await it.until(lambda: "[@click=app.quit]" in it.text())
        assert is_harmless(it)
        await it.press("escape", "f", "1")
        assert "[@click=app.quit]" in it.text()
        assert is_harmless(it)


async def test_on_a_wide_board_and_in_its_filter(rig: MakeRig) -> None:
    it = rig("A1", "A2", filter_text=f"!{HOSTILE}")
    async with it.run(160, 50):
        await it.live()
        await it.tell(hostile_snapshot(), hostile_snapshot("A2"))  # type: ignore[arg-type]
        assert "/![/b][red]x[/][" in it.text()
        assert "No order matches the filter" in it.text()
        assert is_harmless(it)
        await it.press("slash")
        assert "[@click=app.quit]go[/] ␛]0;x␇" in it.rows()[-1]
        it.app.screen.query_one(Input).insert_text_at_cursor("\x1b[2J\u202e")
        await it.settle()
        assert "␛[2J⟨RLO⟩" in it.rows()[-1]
        await it.press("escape", "s", "u")
        assert "[/b][red]x[/][@click=app.quit]go[/]" in it.text()
        assert is_harmless(it)


async def test_wide_characters_leave_every_row_as_wide_as_the_screen(rig: MakeRig) -> None:
    from rich.cells import cell_len

    it = rig()
    async with it.run():
        await it.live()
        wide = "王小明" * 20
        await it.tell(
            snapshot(
                1,
                "placed",
                facts=order(title=wide, customer=wide),
                history=(milestone(1, note=wide),),
                courier=Courier(wide, wide),
            )
        )
        assert {cell_len(row) for row in it.rows()} == {80}
