"""The board's columns: their text, and the columns that fit a width."""

from __future__ import annotations

from datetime import UTC

import pytest
from rich.cells import cell_len

from tests.support.orders import at, order, snapshot
from tests.ui.board_fixtures import NOW, board_snapshots
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.columns import COLUMNS, columns_for
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.times import Instant, short_age

PROMISE, SYNC = (column.render for column in COLUMNS if column.title in {"Promise", "Sync"})


def cells_of(order_id: str, width: int = 200, *, is_current: bool = True) -> dict[str, str]:
    rows = [TrackedOrder(lift(each), Standing.IN_SYNC, None) for each in board_snapshots()]
    instant = Instant(NOW, at(NOW), UTC)
    arranged = Arrangement().arrange(rows, instant.now, is_current=is_current)
    entry = next(each for each in arranged if each.order_id == order_id)
    return {column.title: column.render(entry, instant, room)[0] for column, room in columns_for(width) if column.title}


def test_a_late_order_shows_how_late_it_is_and_its_courier() -> None:
    assert cells_of("A1002") == {
        "Order": "A1002",
        "Stage": "Picked up",
        "Progress": "✔✔✔✔▶○○",
        "Arrives": "14:36",
        "Promise": "late 8m",
        "Courier": "● 14s",
        "Updated": "14:31:20",
        "Customer": "王小明",
        "Sync": "● in sync",
    }


def test_an_update_of_another_day_shows_the_day() -> None:
    assert cells_of("A1006")["Updated"] == "23 Nov"


def test_positions_count_as_old_while_the_link_is_down() -> None:
    assert cells_of("A1002", is_current=False)["Courier"] == "◌ 14s"
    assert cells_of("A1004", is_current=False)["Courier"] == "◌ 1m"


@pytest.mark.parametrize(("early", "words"), [(59, "on time"), (60, "early 1m")])
def test_an_order_less_than_a_minute_early_is_on_time(early: float, words: str) -> None:
    there = Eta(at(600), at(600), Precision.MINUTE)
    view = lift(snapshot(2, facts=order(promised_at=at(600 + early)), eta=there))
    [entry] = Arrangement().arrange([TrackedOrder(view, Standing.IN_SYNC, None)], at(60))
    assert PROMISE(entry, Instant(60, at(60), UTC), 10)[0] == words


@pytest.mark.parametrize(
    ("order_id", "words"),
    [("A1001", "early 11m"), ("A1003", "stuck 5m"), ("A1004", "at risk"), ("P2001", "on time"), ("A1005", "")],
)
def test_the_promise_column_uses_words(order_id: str, words: str) -> None:
    assert cells_of(order_id)["Promise"] == words


def test_a_status_outside_the_flow_has_its_glyph_in_the_progress() -> None:
    assert cells_of("P2002")["Progress"] == "✔✔✔✔▶○"
    assert cells_of("A1006")["Progress"] == "✔✔✖–––––"


@pytest.mark.parametrize(("order_id", "courier"), [("A1004", "◌ 1m"), ("P2002", "? 6m"), ("A1001", "")])
def test_an_old_position_has_its_own_glyph(order_id: str, courier: str) -> None:
    assert cells_of(order_id)["Courier"] == courier


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (20, "Order Sync"),
        (28, "Order Stage Sync"),
        (37, "Order Stage Sync"),
        (38, "Order Stage Promise Sync"),
        (64, "Order Stage Promise Sync"),
        (78, "Order Stage Progress Arrives Promise Sync"),
        (98, "Order Stage Progress Arrives Promise Courier Updated Sync"),
        (118, "Order Stage Progress Arrives Promise Courier Updated Customer Sync"),
    ],
)
def test_the_least_important_columns_are_dropped_first(width: int, titles: str) -> None:
    assert [column.title for column, _ in columns_for(width) if column.title] == titles.split()


def test_the_columns_fit() -> None:
    for width in range(19, 220):
        columns = columns_for(width)
        assert sum(cells for _, cells in columns) + len(columns) - 2 <= width


def test_a_narrow_sync_column_shows_the_word_without_the_glyph() -> None:
    assert cells_of("A1001", 38)["Sync"] == "in sync"


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("is_current", [True, False])
def test_the_words_of_a_narrow_sync_column_are_never_cut(standing: Standing, is_current: bool) -> None:
    rows = [TrackedOrder(lift(next(iter(board_snapshots()))), standing, None)]
    instant = Instant(NOW, at(NOW), UTC)
    (entry,) = Arrangement().arrange(rows, instant.now, is_current=is_current)
    (room,) = (room for column, room in columns_for(38) if column.title == "Sync")
    assert cell_len(SYNC(entry, instant, room)[0]) <= room


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h00"), (35999, "9h59"), (36000, "10h"), (1e6, "11d")],
)
def test_a_short_age_has_at_most_four_cells(seconds: float, words: str) -> None:
    assert short_age(seconds) == words
