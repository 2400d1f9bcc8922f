"""Text from outside stays text: it is no markup, no action and no escape sequence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import Input

from tests.support.orders import START, at, event, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.order import Courier, Flow, Location, Place, Stage
from tracker_tui.link.changes import Phase, Topic
from tracker_tui.ui.model.ports import FaultEntry

MakeHarness = Callable[..., AppHarness]

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


def is_harmless(harness: AppHarness) -> bool:
    text = harness.text().replace("\n", "")
    return text.isprintable() and "\u202e" not in text


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 12), (20, 5)])
async def test_hostile_text_on_the_order_screen_stays_text(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness()
    async with ui.run(*size):
        await ui.go_live()
        await ui.receive(hostile_snapshot())  # type: ignore[arg-type]
        await ui.receive_note(HOSTILE, Topic.ODDITY)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=5.0, down_at=0.0, reason=HOSTILE.translate({27: "␛"}))
        await ui.receive(event(3, "\x1b[2J", courier=Courier("\x1b", "\x1b")))
        await ui.tick_at(1)
        assert is_harmless(ui)
        assert ui.app.is_running


async def test_markup_in_a_note_is_shown_as_text(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await ui.go_live()
        await ui.receive(hostile_snapshot())  # type: ignore[arg-type]
        assert "[/b][red]x[/][@click=app.quit]go[/] ␛]0;x␇ ␛[2J ␀ ⟨RLO⟩abc" in ui.text()
        assert all("@click" not in style.meta for style in ui.styles_of("[@click"))


async def test_hostile_text_on_board_log_and_fault_lab_stays_text(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", demo=True)
    async with ui.run():
        await ui.go_live()
        await ui.receive(hostile_snapshot(), hostile_snapshot("A2"))  # type: ignore[arg-type]
        await ui.refuse("A2", code=HOSTILE, detail=HOSTILE)
        assert ui.demo is not None
        ui.demo.record(at(0), HOSTILE)
        ui.demo.catalogue = [FaultEntry("disconnect", HOSTILE, HOSTILE, HOSTILE)]
        await ui.tick_at(1)
        assert is_harmless(ui)
        await ui.press("l")
        await ui.wait_until(lambda: "[@click=app.quit]" in ui.text())
        assert is_harmless(ui)
        await ui.press("escape", "f", "1")
        assert "[@click=app.quit]" in ui.text()
        assert is_harmless(ui)


async def test_hostile_text_on_a_wide_board_and_in_its_filter_stays_text(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", filter_text=f"!{HOSTILE}")
    async with ui.run(160, 50):
        await ui.go_live()
        await ui.receive(hostile_snapshot(), hostile_snapshot("A2"))  # type: ignore[arg-type]
        assert "/![/b][red]x[/][" in ui.text()
        assert "No order matches the filter" in ui.text()
        assert is_harmless(ui)
        await ui.press("slash")
        assert "[@click=app.quit]go[/] ␛]0;x␇" in ui.rows()[-1]
        ui.app.screen.query_one(Input).insert_text_at_cursor("\x1b[2J\u202e")
        await ui.settle()
        assert "␛[2J⟨RLO⟩" in ui.rows()[-1]
        await ui.press("escape", "s", "u")
        assert "[/b][red]x[/][@click=app.quit]go[/]" in ui.text()
        assert is_harmless(ui)


async def test_rows_with_wide_characters_are_as_wide_as_the_screen(harness: MakeHarness) -> None:
    from rich.cells import cell_len

    ui = harness()
    async with ui.run():
        await ui.go_live()
        wide = "王小明" * 20
        await ui.receive(
            snapshot(
                1,
                "placed",
                facts=order(title=wide, customer=wide),
                history=(milestone(1, note=wide),),
                courier=Courier(wide, wide),
            )
        )
        assert {cell_len(row) for row in ui.rows()} == {80}
