"""The board's columns: what they say, and which of them there is room for."""

from __future__ import annotations

from datetime import UTC

import pytest
from rich.cells import cell_len

from tests.support.orders import at, order, snapshot
from tests.ui.board_fixtures import NOW, evening
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.columns import COLUMNS, columns_for
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.times import Instant, short_age

PROMISE, SYNC = (column.render for column in COLUMNS if column.title in {"Promise", "Sync"})


def says(order_id: str, width: int = 200, *, is_current: bool = True) -> dict[str, str]:
    rows = [TrackedOrder(lift(each), Standing.IN_SYNC, None) for each in evening()]
    instant = Instant(NOW, at(NOW), UTC)
    arranged = Arrangement().arrange(rows, instant.now, is_current=is_current)
    entry = next(each for each in arranged if each.order_id == order_id)
    return {column.title: column.render(entry, instant, room)[0] for column, room in columns_for(width) if column.title}


def test_a_late_order_says_how_late_and_where_its_courier_was_seen() -> None:
    assert says("A1002") == {
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


def test_what_was_told_on_another_day_says_on_which() -> None:
    assert says("A1006")["Updated"] == "23 Nov"


def test_while_the_link_is_down_no_courier_is_where_they_were_seen() -> None:
    assert says("A1002", is_current=False)["Courier"] == "◌ 14s"
    assert says("A1004", is_current=False)["Courier"] == "◌ 1m"


@pytest.mark.parametrize(("early", "words"), [(59, "on time"), (60, "early 1m")])
def test_less_than_a_minute_is_nothing_to_boast_of(early: float, words: str) -> None:
    there = Eta(at(600), at(600), Precision.MINUTE)
    view = lift(snapshot(2, facts=order(promised_at=at(600 + early)), eta=there))
    [entry] = Arrangement().arrange([TrackedOrder(view, Standing.IN_SYNC, None)], at(60))
    assert PROMISE(entry, Instant(60, at(60), UTC), 10)[0] == words


@pytest.mark.parametrize(
    ("order_id", "words"),
    [("A1001", "early 11m"), ("A1003", "stuck 5m"), ("A1004", "at risk"), ("P2001", "on time"), ("A1005", "")],
)
def test_the_promise_is_told_in_words(order_id: str, words: str) -> None:
    assert says(order_id)["Promise"] == words


def test_a_side_state_stands_among_the_stages() -> None:
    assert says("P2002")["Progress"] == "✔✔✔✔▶○"
    assert says("A1006")["Progress"] == "✔✔✖–––––"


@pytest.mark.parametrize(("order_id", "courier"), [("A1004", "◌ 1m"), ("P2002", "? 6m"), ("A1001", "")])
def test_a_courier_who_is_silent_for_long_is_told_by_a_glyph(order_id: str, courier: str) -> None:
    assert says(order_id)["Courier"] == courier


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
def test_what_matters_least_goes_first(width: int, titles: str) -> None:
    assert [column.title for column, _ in columns_for(width) if column.title] == titles.split()


def test_the_columns_fit() -> None:
    for width in range(19, 220):
        columns = columns_for(width)
        assert sum(cells for _, cells in columns) + len(columns) - 2 <= width


def test_where_room_is_scarce_the_word_says_whether_it_is_in_sync() -> None:
    assert says("A1001", 38)["Sync"] == "in sync"


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("is_current", [True, False])
def test_no_word_of_what_a_row_is_worth_is_cut_where_it_is_narrow(standing: Standing, is_current: bool) -> None:
    rows = [TrackedOrder(lift(next(iter(evening()))), standing, None)]
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
