"""The board's filter line."""

from __future__ import annotations

import pytest

from tests.support.orders import at, milestone, order, snapshot
from tests.ui.board_fixtures import NOW, board_snapshots
from tracker_tui.domain.order import Courier, Location, Outcome, Place
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
        ("action", {"P2002"}),
        ("!action risk", {"A1004"}),
        ("ravi", {"A1002"}),
        ("en route", {"A1002"}),
        ("elm street", {"A1002"}),
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


def shown_of(view: OrderView, text: str, now: float = NOW) -> bool:
    arrangement = Arrangement(BoardView(filter=Filter.parse(text)))
    return bool(arrangement.arrange([TrackedOrder(view, Standing.IN_SYNC, None)], at(now)))


def test_everything_that_is_shown_of_an_order_is_searched() -> None:
    history = (
        milestone(1, "placed", note="leave it with Ines"),
        milestone(2, "preparing", note="ring twice"),
        milestone(3, "preparing"),
    )
    facts = order(
        "A7",
        title="Two soups",
        customer="Mara Lindqvist",
        origin=Place(1.0, 2.0, "Forno do Campo"),
        destination=Place(1.0, 2.0, "12 Elm Street"),
    )
    view = lift(
        snapshot(
            3,
            "preparing",
            order_id="A7",
            facts=facts,
            history=history,
            flags=("action_required",),
            courier=Courier("Jonas", "at_origin"),
            location=Location(1.0, 2.0, at(3), label="Hub Leipzig"),
        )
    )
    for text in (
        "a7",
        "SOUPS",
        "lindqvist",
        "campo",
        "elm street",
        "jonas",
        "at origin",
        "leipzig",
        "action required",
        "ring twice",
        "preparing",
    ):
        assert shown_of(view, text), text
    # Only the last note is shown.
    assert not shown_of(view, "ines")


@pytest.mark.parametrize(
    ("text", "lateness"),
    [
        ("late>", (1, 10, 11, 59, 60, 61)),
        ("late>=", (1, 10, 11, 59, 60, 61)),
        ("late>10", (11, 59, 60, 61)),
        ("late>10m", (11, 59, 60, 61)),
        ("late>=10m", (10, 11, 59, 60, 61)),
        ("LATE>1h", (61,)),
        ("late>=1h", (60, 61)),
        ("late>0", (1, 10, 11, 59, 60, 61)),
        ("late>1d", ()),
        ("!late>10m late", (1, 10)),
        ("late>1w", ()),
        ("late>999999999", ()),
    ],
)
def test_orders_are_found_by_how_late_they_are(text: str, lateness: tuple[int, ...]) -> None:
    view = lift(snapshot(3, "preparing", facts=order(promised_at=at(0)), updated_at=at(0)))
    assert tuple(each for each in (0, 1, 10, 11, 59, 60, 61) if shown_of(view, text, each * 60)) == lateness


def test_a_lateness_matches_no_order_that_has_ended() -> None:
    facts = order(promised_at=at(0))
    came = lift(snapshot(2, "delivered", outcome=Outcome.DELIVERED, facts=facts, updated_at=at(6000)))
    assert not shown_of(came, "late>10m", 6060)
    assert not shown_of(came, "late>", 6060)


def test_snoozed_matches_the_orders_that_the_user_snoozed() -> None:
    arrangement = Arrangement()
    arrangement.arrange(ROWS, at(NOW))
    arrangement.toggle_snooze("A1002", at(NOW))
    for text, count in (("snoozed", 1), ("late", 1), ("late !snoozed", 0), ("!snoozed", 8)):
        arrangement.filter = Filter.parse(text)
        assert len(arrangement.arrange(ROWS, at(NOW))) == count


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
