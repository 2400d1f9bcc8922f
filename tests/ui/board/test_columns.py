"""The board's columns: their text, and the columns that fit a width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.orders import at, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.board_fixtures import BOARD_IDS, NOW, board_snapshots, show_board
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.order import Courier, Eta, Location, Place, Precision
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.columns import COLUMNS, columns_for
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.model.board_view import ColumnName
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wire.messages import Problem
from tracker_tui.wording.times import Instant, short_age

MakeHarness = Callable[..., AppHarness]

INSTANT = Instant(NOW, at(NOW), UTC)
VIEWS = {each.order_id: lift(each) for each in board_snapshots()}


def cells_of(
    tracked: TrackedOrder | str, width: int = 300, *, is_current: bool = True, known_until: float | None = None
) -> dict[str, str]:
    """Return the text of each cell of an order, by the column's title."""
    if isinstance(tracked, str):
        tracked = TrackedOrder(VIEWS[tracked], Standing.IN_SYNC, None)
    row = BoardRow(
        tracked,
        INSTANT.now,
        is_current=is_current,
        known_until=None if known_until is None else at(known_until),
    )
    columns = columns_for(width)
    return {column.title: column.render(row, INSTANT, cells)[0] for column, cells in columns if column.title}


def calm(**fields: object) -> OrderView:
    """Return an order that entered its stage just now."""
    lines = (milestone(1, "preparing", occurred_at=at(NOW)),)
    return lift(snapshot(1, "preparing", history=lines, updated_at=at(NOW), **fields))  # type: ignore[arg-type]


def test_a_row_answers_where_when_late_what_and_who() -> None:
    assert cells_of("A1002") == {
        "Order": "A1002",
        "Stage": "Picked up",
        "Progress": "▰▰▰▰▰▰▱▱",
        "Arrives": "14:36",
        "In": "in 5 min",
        "Condition": "late 8m",
        "Last event": "  6m  Picked up",
        "Customer": "王小明",
        "Courier": "Ravi",
        "Items": "2 × Margherita, 1 × Tiramisù",
        "To": "12 Elm Street",
    }


@pytest.mark.parametrize(
    ("order_id", "condition"),
    [
        ("A1001", "early 11m"),
        ("A1003", "stuck 5m"),
        ("A1004", "at risk"),
        ("P2001", "on time"),
        ("P2002", "attempt failed"),
        ("A1005", ""),
    ],
)
def test_the_condition_says_first_what_a_user_has_to_know(order_id: str, condition: str) -> None:
    assert cells_of(order_id)["Condition"] == condition


@pytest.mark.parametrize(("early", "words"), [(59, "on time"), (60, "early 1m")])
def test_an_order_less_than_a_minute_early_is_on_time(early: float, words: str) -> None:
    there = Eta(at(2400), at(2400), Precision.MINUTE)
    view = calm(facts=order(promised_at=at(2400 + early)), eta=there)
    assert cells_of(TrackedOrder(view, Standing.IN_SYNC, None))["Condition"] == words


def test_the_condition_stands_still_while_the_link_is_down() -> None:
    assert cells_of("A1003", known_until=NOW - 180)["Condition"] == "stuck 2m"
    assert cells_of("A1002", known_until=NOW - 180)["In"] == "in 8 min"


def test_a_countdown_ends_when_the_arrival_has_passed() -> None:
    for seconds, words in ((-120, ""), (-30, "now"), (15, "now"), (30, "in 1 min"), (75, "in 1 min")):
        there = Eta(at(NOW + seconds), at(NOW + seconds), Precision.MINUTE)
        view = lift(snapshot(2, facts=order(), eta=there, updated_at=at(NOW)))
        assert cells_of(TrackedOrder(view, Standing.IN_SYNC, None))["In"] == words


@pytest.mark.parametrize(
    ("age", "courier"),
    [(10, "Ravi"), (45, "Ravi"), (46, "◌ 45s Ravi"), (59, "◌ 45s Ravi"), (119, "◌ 1m Ravi"), (400, "? 6m Ravi")],
)
def test_the_age_of_a_position_shows_only_when_it_is_not_fresh(age: float, courier: str) -> None:
    place = Location(52.5, 13.4, at(NOW - age))
    view = lift(snapshot(2, facts=order(), location=place, courier=Courier("Ravi", "en_route"), updated_at=at(NOW)))
    assert cells_of(TrackedOrder(view, Standing.IN_SYNC, None))["Courier"] == courier


def test_the_last_event_is_a_note_if_it_has_one() -> None:
    lines = (milestone(1, "preparing", occurred_at=at(NOW - 200), note="Packed\x1b[2J and waiting"),)
    view = lift(snapshot(1, "preparing", facts=order(), history=lines, updated_at=at(NOW)))
    assert cells_of(TrackedOrder(view, Standing.IN_SYNC, None))["Last event"] == "  3m  Packed␛[2J and waiting"


PENDING = PendingCommand(Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.CANCEL), at(NOW))


def test_what_is_not_in_sync_takes_the_place_of_the_last_event() -> None:
    tracked = TrackedOrder(VIEWS["A1001"], Standing.RECONCILING, None)
    assert cells_of(tracked)["Last event"] == "◐ reconciling"
    assert cells_of(replace(tracked, standing=Standing.IN_SYNC, pending_commands=(PENDING,)))["Last event"] == (
        "◌ cancel pending"
    )
    # While the link is down, the header says so for all rows.
    assert "◐" not in cells_of(tracked, is_current=False)["Last event"]


def test_without_the_last_event_the_condition_says_what_is_not_in_sync() -> None:
    tracked = TrackedOrder(VIEWS["A1001"], Standing.RECONCILING, None)
    cells = cells_of(tracked, 60)
    assert "Last event" not in cells
    assert cells["Condition"] == "◐ reconciling"


def test_a_refusal_says_why_in_full_where_there_is_room() -> None:
    problem = Problem("order_not_found", "there is no such order", "X9")
    tracked = TrackedOrder(lift(snapshot(1, order_id="X9")), Standing.REFUSED, problem)
    assert cells_of(tracked)["Stage"] == "Unknown order"
    assert cells_of(tracked)["Last event"] == "∅ Unknown order: there is no such order"


def test_a_snooze_shows_its_time_left() -> None:
    tracked = TrackedOrder(VIEWS["A1002"], Standing.IN_SYNC, None)
    row = BoardRow(tracked, INSTANT.now, snoozed_for=480)
    [(column, cells)] = [each for each in columns_for(300) if each[0].name is ColumnName.CONDITION]
    assert column.render(row, INSTANT, cells)[0] == "late 8m z 8m"
    assert column.render(row, INSTANT, 9)[0] == "z 8m"


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (20, "Order"),
        (38, "Order Arrives Condition"),
        (58, "Order Stage Arrives Condition"),
        (78, "Order Stage Progress Arrives Condition Customer"),
        (98, "Order Stage Progress Arrives Condition Last-event Customer"),
        (118, "Order Stage Progress Arrives In Condition Last-event Customer Courier"),
        (158, "Order Stage Progress Arrives In Condition Last-event Customer Courier Items To"),
    ],
)
def test_the_most_important_columns_are_kept(width: int, titles: str) -> None:
    assert [column.title.replace(" ", "-") for column, _ in columns_for(width, 5) if column.title] == titles.split()


@given(width=st.integers(10, 300), id_width=st.integers(1, 64), names=st.lists(st.sampled_from(ColumnName)))
def test_the_columns_fit_and_no_wide_terminal_stays_empty(width: int, id_width: int, names: list[ColumnName]) -> None:
    columns = columns_for(width, id_width, names)
    used = sum(cells for _, cells in columns) + len(columns) - 2
    assert used <= width or len(columns) == 3
    assert all(cells <= column.max_width for column, cells in columns)
    if not names and 60 <= width <= 200:
        assert width - used <= 24


def test_chosen_columns_stand_in_the_users_order_with_the_id_first_unless_named() -> None:
    chosen = [ColumnName.CUSTOMER, ColumnName.SYNC, ColumnName.CUSTOMER]
    assert [column.name for column, _ in columns_for(100, 8, chosen)][2:] == [
        ColumnName.ORDER,
        ColumnName.CUSTOMER,
        ColumnName.SYNC,
    ]
    named = [ColumnName.ARRIVES, ColumnName.ORDER]
    assert [column.name for column, _ in columns_for(100, 8, named)][2:] == named


def test_every_cell_fits_its_column_in_every_width() -> None:
    problem = Problem("order_not_found", "there is no such order " * 5, "A1")
    long = Place(1.0, 2.0, "王" * 60)
    facts = order(title="ね" * 80, customer="x" * 90, destination=long)
    lines = (milestone(1, "preparing", occurred_at=at(0), note="word " * 30),)
    view = lift(snapshot(1, "preparing", facts=facts, history=lines, updated_at=at(NOW)))
    for width in range(20, 220, 7):
        for standing in Standing:
            row = BoardRow(TrackedOrder(view, standing, problem), INSTANT.now)
            for column, cells in columns_for(width):
                text = column.render(row, INSTANT, cells)[0]
                if column.name in {ColumnName.EVENT, ColumnName.COURIER, ColumnName.SYNC}:
                    assert cell_len(text) <= cells


async def test_a_click_on_a_title_sorts_and_another_reverses(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30) as pilot:
        await show_board(ui)
        assert "Condition ↓" in ui.rows()[2]
        column = ui.rows()[2].index("Order")
        await pilot.click(offset=(column, 2))
        await ui.settle()
        assert "     Id ↓ " in ui.rows()[2]
        first = ui.rows()[3]
        await pilot.click(offset=(column, 2))
        await ui.settle()
        assert "     Id ↑ " in ui.rows()[2]
        assert ui.rows()[3] != first
        await pilot.click(offset=(0, 2))
        await ui.settle()
        assert "     Id ↑ " in ui.rows()[2]


def test_every_column_has_a_name_and_a_title() -> None:
    assert {column.name for column in COLUMNS} == set(ColumnName)
    assert all(column.title for column in COLUMNS)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h00"), (35999, "9h59"), (36000, "10h"), (1e6, "11d")],
)
def test_a_short_age_has_at_most_four_cells(seconds: float, words: str) -> None:
    assert short_age(seconds) == words


async def test_a_filter_moves_no_column(harness: MakeHarness) -> None:
    ui = harness("A1", "A2-with-a-long-id")
    async with ui.run(100, 30):
        await ui.go_live()
        titles = ui.rows()[2]
        await ui.press("slash", *"A1")
        assert "A2-with" not in ui.text()
        assert ui.rows()[2] == titles


async def test_no_row_changes_every_second(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(130, 40):
        await show_board(ui)
        changed = set()
        for second in range(1, 25):
            before = ui.rows()[2:]
            await ui.tick_at(NOW + second)
            changed |= {(second, row) for row, old in enumerate(before) if ui.rows()[2 + row] != old}
        assert len(changed) <= len(BOARD_IDS)
