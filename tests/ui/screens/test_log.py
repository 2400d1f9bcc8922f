"""The log screen: all lines, the filter, wrapping, and the scroll position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.orders import event, milestone, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.link.changes import Topic

MakeHarness = Callable[..., AppHarness]

LONG = "lost: " + " ".join(f"word{number}" for number in range(20))


def shown(ui: AppHarness) -> list[str]:
    """Return the lines, without the border."""
    rows = ui.rows()
    top = next(number for number, row in enumerate(rows) if "Log of" in row)
    return [row[1:-2].strip() for row in rows[top + 1 : -2] if row[1:-2].strip()]


async def show_log(ui: AppHarness) -> None:
    """Show the log of an order with all kinds of lines."""
    past = (
        milestone(1, "placed"),
        milestone(2, "accepted"),
        milestone(3, "accepted", kind=MilestoneKind.NOTE, note="ring twice"),
    )
    await ui.receive(snapshot(3, "accepted", history=past))
    await ui.receive_note("reconnected on try 3")
    await ui.receive_note("Cancel refused", Topic.COMMAND, "A1")
    if ui.demo is not None:
        ui.demo.record(ui.clock.wall(), "disconnect: disconnected")
    await ui.settle()
    await ui.press("l")


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("kind:link", ["reconnected on try 3"]),
        ("link", ["reconnected on try 3"]),
        ("note", ["note: ring twice"]),
        ("kind:no", ["note: ring twice"]),
        ("order !note", ["Placed", "Accepted"]),
        ("command", ["Cancel refused"]),
        ("fault", ["disconnect: disconnected"]),
        ("TWICE", ["note: ring twice"]),
        ("!order !link !command", ["disconnect: disconnected"]),
        ("nothing-of-the-kind", []),
    ],
)
async def test_the_log_filters_by_text_and_by_kind_while_typing(
    harness: MakeHarness, typed: str, lines: list[str]
) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await show_log(ui)
        assert len(shown(ui)) == 6
        await ui.press("slash", *typed)
        assert [row.split(maxsplit=2)[2] for row in shown(ui)] == lines
        assert f"/{typed} {len(lines)} of 6" in ui.text()
        assert ("No line matches" in ui.text()) is (not lines)


async def test_enter_keeps_a_filter_and_esc_clears_it_then_leaves(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_log(ui)
        assert "/ Filter" in ui.rows()[-1]
        await ui.press("slash", *"note")
        assert ui.rows()[-1].startswith(" /note")
        await ui.press("enter")
        assert "q Quit" in ui.rows()[-1]
        assert len(shown(ui)) == 1
        await ui.press("escape")
        assert len(shown(ui)) == 5
        await ui.press("escape")
        assert "Log of A1" not in ui.text()


async def test_a_corrected_milestone_is_struck_through_and_says_so(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_log(ui)
        assert "corrected since" not in ui.text()
        fix = milestone(4, "placed", kind=MilestoneKind.CORRECTION, supersedes=(2,))
        await ui.receive(replace(event(4, "placed"), milestone=fix))
        assert "Accepted  (corrected since)" in ui.text()
        assert [style.strike for style in ui.styles_of("Accepted  (corrected")] == [True]
        await ui.press("slash", *"correction")
        assert [row.split(maxsplit=2)[2] for row in shown(ui)] == ["corrected to Placed"]


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_a_long_line_has_a_hanging_indent(harness: MakeHarness, width: int) -> None:
    ui = harness()
    async with ui.run(width, 24):
        await ui.receive_note(LONG)
        await ui.press("l")
        first, *more = [row[2:-2].rstrip() for row in ui.rows() if "word" in row]
        assert " ".join([first[19:], *(row.strip() for row in more)]) == LONG
        assert {len(row) - len(row.lstrip()) for row in more} == {19}


async def test_the_scroll_position_stays_when_lines_arrive_and_the_width_changes(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(120, 24) as pilot:
        for number in range(60):
            await ui.receive_note(f"number{number}. {LONG}")
        await ui.press("l")
        assert "number59." in shown(ui)[-2] + shown(ui)[-1]
        await ui.press(*["up"] * 40)
        while "number" not in shown(ui)[0]:
            await ui.press("up")
        read = shown(ui)[0].split()[2]
        for width in (60, 100, 44):
            await pilot.resize_terminal(width, 24)
            await ui.settle()
            await ui.receive_note("one more")
            assert read in shown(ui)[0]
        await ui.press("end")
        await ui.wait_until(lambda: "one more" in shown(ui)[-1])
        await pilot.resize_terminal(90, 18)
        await ui.settle()
        await ui.receive_note("the last one")
        assert "the last one" in shown(ui)[-1]


async def test_the_scroll_position_stays_when_the_history_of_another_order_arrives(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(80, 24):
        ui.clock.seconds = 100.0
        for number in range(60):
            await ui.receive_note(f"number{number}.")
        await ui.press("l", *["up"] * 10)
        read = [row.split()[2] for row in shown(ui)]
        await ui.receive(snapshot(40, order_id="A2"))
        assert [row.split()[2] for row in shown(ui)] == read
        await ui.press("home")
        await ui.wait_until(lambda: "A2  Placed" in shown(ui)[0])
        assert [row.split()[0] for row in shown(ui)] == [
            f"14:00:{second:02}" for second in range(1, len(shown(ui)) + 1)
        ]
