"""The board's filter line."""

from __future__ import annotations

import pytest

from tests.support.orders import at, order, snapshot
from tests.ui.board_fixtures import NOW, board_snapshots
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.model.board_view import BoardView
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.filter import Filter

ROWS = [TrackedOrder(lift(each), Standing.IN_SYNC, None) for each in board_snapshots()]
ROWS.append(TrackedOrder(OrderView("X9"), Standing.WAITING, None))


def shown(text: str, *marked: str) -> set[str]:
    arrangement = Arrangement(BoardView(filter=Filter.parse(text)))
    arrangement.marks.update(marked)
    return {entry.order_id for entry in arrangement.arrange(ROWS, at(NOW))}


EVERY = shown("")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("  ", EVERY),
        ("late", {"A1002"}),
        ("risk", {"A1004"}),
        ("stuck", {"A1003"}),
        ("done", {"A1005", "A1006"}),
        ("!done", EVERY - {"A1005", "A1006"}),
        ("p200", {"P2001", "P2002"}),
        ("FERREIRA", {"A1003"}),
        ("佐藤", {"P2001"}),
        ("tiramisù", {"A1002"}),
        ("attempt failed", {"P2002"}),
        ("attempt_failed", {"P2002"}),
        ("status:preparing", {"A1001", "A1003"}),
        ("status:prep", {"A1001", "A1003"}),
        ("status:paring", set()),
        ("status:picked_up", {"A1002"}),
        ("!status:preparing a100", {"A1002", "A1004", "A1005", "A1006"}),
        ("a100 !late !done", {"A1001", "A1003", "A1004"}),
        ("late risk", set()),
        ("!", EVERY),
        ("nobody", set()),
        ("[red]x[/] \x1b[2J", set()),
    ],
)
def test_every_word_must_match(text: str, ids: set[str]) -> None:
    assert shown(text) == ids


def test_marked_matches_the_orders_that_the_user_marked() -> None:
    assert shown("marked", "A1001", "X9") == {"A1001", "X9"}
    assert shown("marked") == set()


def test_control_characters_in_a_filter_are_made_visible() -> None:
    assert Filter.parse(" a\x1b[31m\u202e ").text == "a␛[31m⟨RLO⟩"
    assert not Filter.parse(" ")
    assert Filter.parse("x")


def test_an_order_delivered_late_is_done_and_not_late() -> None:
    came = lift(snapshot(2, "delivered", outcome=Outcome.DELIVERED, facts=order(promised_at=at(0)), updated_at=at(60)))
    for text, count in (("late", 0), ("!late", 1), ("done", 1)):
        arrangement = Arrangement(BoardView(filter=Filter.parse(text)))
        assert len(arrangement.arrange([TrackedOrder(came, Standing.IN_SYNC, None)], at(120))) == count
        assert (arrangement.counts.late, arrangement.counts.done) == (0, 1)
