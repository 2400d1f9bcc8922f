"""The log screen: the whole history, filtered, broken to the width, and read without losing one's place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.orders import event, milestone, snapshot
from tests.ui.app_harness import Rig
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.link.changes import Topic

MakeRig = Callable[..., Rig]

LONG = "lost: " + " ".join(f"word{number}" for number in range(20))


def shown(it: Rig) -> list[str]:
    """What the lines say, without the frame."""
    rows = it.rows()
    top = next(number for number, row in enumerate(rows) if "Log of" in row)
    return [row[1:-2].strip() for row in rows[top + 1 : -2] if row[1:-2].strip()]


async def a_day(it: Rig) -> None:
    """An order with all kinds of milestones, and a link that had a say."""
    past = (
        milestone(1, "placed"),
        milestone(2, "accepted"),
        milestone(3, "accepted", kind=MilestoneKind.NOTE, note="ring twice"),
    )
    await it.tell(snapshot(3, "accepted", history=past))
    await it.note("reconnected on try 3")
    await it.note("Cancel refused", Topic.COMMAND, "A1")
    if it.demo is not None:
        it.demo.tell(it.clock.wall(), "disconnect: disconnected")
    await it.settle()
    await it.press("l")


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
async def test_the_log_is_filtered_by_text_and_by_kind_while_it_is_typed(
    rig: MakeRig, typed: str, lines: list[str]
) -> None:
    it = rig(demo=True)
    async with it.run():
        await a_day(it)
        assert len(shown(it)) == 6
        await it.press("slash", *typed)
        assert [row.split(maxsplit=2)[2] for row in shown(it)] == lines
        assert f"/{typed} {len(lines)} of 6" in it.text()
        assert ("No line matches" in it.text()) is (not lines)


async def test_a_filter_is_kept_cleared_and_then_left(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await a_day(it)
        assert "/ Filter" in it.rows()[-1]
        await it.press("slash", *"note")
        assert it.rows()[-1].startswith(" /note")
        await it.press("enter")
        assert "q Quit" in it.rows()[-1]
        assert len(shown(it)) == 1
        await it.press("escape")
        assert len(shown(it)) == 5
        await it.press("escape")
        assert "Log of A1" not in it.text()


async def test_a_milestone_that_was_corrected_since_is_struck_through_in_words_too(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await a_day(it)
        assert "corrected since" not in it.text()
        fix = milestone(4, "placed", kind=MilestoneKind.CORRECTION, supersedes=(2,))
        await it.tell(replace(event(4, "placed"), milestone=fix))
        assert "Accepted  (corrected since)" in it.text()
        assert [style.strike for style in it.styles_of("Accepted  (corrected")] == [True]
        await it.press("slash", *"correction")
        assert [row.split(maxsplit=2)[2] for row in shown(it)] == ["corrected to Placed"]


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_a_long_line_goes_on_below_its_text(rig: MakeRig, width: int) -> None:
    it = rig()
    async with it.run(width, 24):
        await it.note(LONG)
        await it.press("l")
        first, *more = [row[2:-2].rstrip() for row in it.rows() if "word" in row]
        assert " ".join([first[19:], *(row.strip() for row in more)]) == LONG
        assert {len(row) - len(row.lstrip()) for row in more} == {19}


async def test_whoever_reads_keeps_their_place_when_the_width_changes_and_lines_come(rig: MakeRig) -> None:
    it = rig()
    async with it.run(120, 24) as pilot:
        for number in range(60):
            await it.note(f"number{number}. {LONG}")
        await it.press("l")
        assert "number59." in shown(it)[-2] + shown(it)[-1]
        await it.press(*["up"] * 40)
        while "number" not in shown(it)[0]:
            await it.press("up")
        read = shown(it)[0].split()[2]
        for width in (60, 100, 44):
            await pilot.resize_terminal(width, 24)
            await it.settle()
            await it.note("one more")
            assert read in shown(it)[0]
        await it.press("end")
        await it.until(lambda: "one more" in shown(it)[-1])
        await pilot.resize_terminal(90, 18)
        await it.settle()
        await it.note("the last one")
        assert "the last one" in shown(it)[-1]
