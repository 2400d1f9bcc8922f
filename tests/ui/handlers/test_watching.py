"""Adding, opening and removing orders while the screens run, key by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from textual.events import Paste

from tests.support.hostile_text import HOSTILE, active_characters
from tests.support.orders import at, order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain import overlay
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.order import Links
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.ui.model.scene import Replay
from tracker_tui.ui.screens.add import MAX_TEXT, AddScreen
from tracker_tui.ui.screens.board import BoardScreen
from tracker_tui.ui.screens.log import LogScreen
from tracker_tui.ui.screens.order import OrderScreen

MakeHarness = Callable[..., AppHarness]


class Observer:
    """A change observer that keeps the ids of the orders that it hears of."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.forgotten: list[str] = []

    def on_change(self, change: Change, now: datetime) -> None:
        """Keep the id."""
        if isinstance(change, OrderChanged | OrderForgotten):
            self.heard.append(change.order_id)

    def tick(self, now: datetime) -> None:
        """Do nothing."""

    def forget(self, order_id: str) -> None:
        """Keep the id."""
        self.forgotten.append(order_id)


async def show_board(ui: AppHarness, *order_ids: str) -> None:
    """Show a live board of orders that are being prepared."""
    await ui.go_live()
    for order_id in order_ids or ("A1042", "A1001"):
        await ui.receive(snapshot(2, "preparing", order_id=order_id, facts=order(order_id, title=f"Cake {order_id}")))


async def paste(ui: AppHarness, text: str) -> None:
    """Paste a text into the focused input."""
    field = ui.app.focused
    assert field is not None
    field.post_message(Paste(text))
    await ui.settle()


def notices(ui: AppHarness) -> list[str]:
    """Return the texts of the notices."""
    return [notice.text for notice in ui.app.notices.items]


def screen_names(ui: AppHarness) -> list[str]:
    """Return the screens from the bottom, those of an order with its id."""
    return [
        screen.order_id or "?" if isinstance(screen, OrderScreen) else type(screen).__name__
        for screen in ui.app.screen_stack
    ]


def watched(ui: AppHarness) -> Sequence[str]:
    """Return the ids of the orders that the screens show."""
    return ui.app.current_frame().state.order_ids


@pytest.mark.parametrize("key", ["a", "colon"])
async def test_the_order_that_a_caller_names_is_open_after_two_keys_and_its_id(harness: MakeHarness, key: str) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press(key, *"A2077", "enter")
        assert screen_names(ui) == ["BoardScreen", "A2077"]
        await ui.receive(snapshot(9, "delivered", order_id="A2077", facts=order("A2077", title="Late cake")))
        assert "Late cake" in ui.rows()[1]
        await ui.press("b")
        assert "A2077" in ui.text()
        assert watched(ui) == ("A1042", "A1001", "A2077")
        assert ui.app.screen.selected_order_id == "A2077"  # type: ignore[attr-defined]


async def test_another_order_beside_a_single_one_makes_a_board(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.go_live()
        await ui.press("b", "s")
        assert screen_names(ui) == ["A1"]
        await ui.press("l", "a", *"B2", "enter")
        assert screen_names(ui) == ["BoardScreen", "B2"]
        assert "b Board" in ui.rows()[-1]
        await ui.press("b")
        assert "2 orders" in ui.rows()[0]
        await ui.press("s")
        assert "Esc closes" in ui.text()
        await ui.press("escape", "up", "enter")
        assert screen_names(ui) == ["BoardScreen", "A1"]


async def test_the_only_order_is_already_open(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.press("l", "a", *"A1", "enter")
        assert screen_names(ui) == ["A1"]
        assert isinstance(ui.app.screen, OrderScreen)


async def test_an_order_on_the_board_is_opened_in_place_of_the_one_that_is_open(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await ui.press("enter", "a", *"A2", "enter")
        assert screen_names(ui) == ["BoardScreen", "A2"]
        assert watched(ui) == ("A1", "A2")


async def test_pasted_ids_with_newlines_commas_and_number_signs_join_the_board(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.go_live()
        await ui.press("a")
        await paste(ui, "#A1042\r\n#A1001,\nplease P2001\n")
        await ui.press("enter")
        assert screen_names(ui) == ["BoardScreen"]
        assert watched(ui) == ("A1", "A1042", "A1001", "P2001")
        assert notices(ui) == ["3 orders added, 1 word ignored"]
        await ui.press("a")
        await paste(ui, "A1042 A9")
        await ui.press("enter")
        assert notices(ui)[-1] == "1 order added, 1 already here"


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/cake/7?ref=mail",
        "http://orders.example/track/A1042",
        "<https://shop.example/x?order=A1042>.",
    ],
)
async def test_the_address_of_an_order_opens_it(harness: MakeHarness, text: str) -> None:
    ui = harness("A1", "A1042", server="http://orders.example")
    async with ui.run():
        facts = order("A1042", links=Links("https://shop.example/cake/7?ref=mail"))
        await ui.receive(snapshot(2, "preparing", order_id="A1042", facts=facts))
        await ui.press("a")
        await paste(ui, text)
        await ui.press("enter")
        assert screen_names(ui) == ["BoardScreen", "A1042"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no order id in it: give one or several, such as A1042"),
        ("A/1", '"A/1" is not an order id'),
        ("https://elsewhere.example/A1", "is not the page of an order"),
        (" ".join(f"A{number}" for number in range(1_001)), "1,001 orders are too many: at most 1,000 can be watched"),
        ("A" * (MAX_TEXT + 1), f"Too long: at most {MAX_TEXT:,} characters at a time"),
    ],
)
async def test_an_error_stays_in_the_prompt_until_the_text_changes(
    harness: MakeHarness, text: str, problem: str
) -> None:
    ui = harness("A1", server="http://orders.example")
    async with ui.run(120, 24):
        await ui.press("a")
        await paste(ui, text)
        if len(text) <= MAX_TEXT:
            await ui.press("enter")
        assert problem in ui.text()
        assert watched(ui) == ("A1",)
        await ui.press("7")
        assert "Enter opens" in ui.text()
        await ui.press("escape")
        assert "Open or add orders" not in ui.text()


async def test_more_than_twenty_orders_are_listed_for_confirmation(harness: MakeHarness) -> None:
    ui = harness("A1")
    ids = [f"B{number}" for number in range(25)]
    async with ui.run():
        for answer, count in (("n", 1), ("escape", 1), ("y", 26)):
            await ui.press("a")
            await paste(ui, f"the list: {chr(10).join(ids)}")
            await ui.press("enter")
            assert "Add 25 orders?" in ui.text()
            assert all(each in ui.text() for each in ids)
            assert "Ignored: the list:" in ui.text()
            assert len(watched(ui)) == 1
            await ui.press(answer)
            assert len(watched(ui)) == count
        assert notices(ui) == ["25 orders added, 2 words ignored"]


async def test_twenty_orders_are_added_at_once(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.press("a")
        await paste(ui, " ".join(f"B{number}" for number in range(20)))
        await ui.press("enter")
        assert len(watched(ui)) == 21


@pytest.mark.parametrize("size", [(40, 12), (24, 6), (200, 60)])
async def test_the_question_about_a_thousand_orders_fits_every_terminal(
    harness: MakeHarness, size: tuple[int, int]
) -> None:
    ui = harness(everything=True)
    async with ui.run(*size):
        await ui.press("a")
        await paste(ui, " ".join(f"A{number:05}" for number in range(MAX_ORDERS)))
        await ui.press("enter")
        assert "y  Yes, add them" in ui.text()
        await ui.press("escape")
        assert watched(ui) == ()


async def test_a_known_order_is_suggested_while_a_similar_id_is_typed(harness: MakeHarness) -> None:
    ui = harness("A1042", "B7000")
    async with ui.run(100, 30):
        await ui.press("a", *"A1O42")
        assert "Did you mean A1042? Tab takes it · Enter opens A1O42" in ui.text()
        await ui.press("tab", "enter")
        assert screen_names(ui) == ["BoardScreen", "A1042"]
        assert watched(ui) == ("A1042", "B7000")
        await ui.press("a", "tab", *"A1042")
        assert "Did you mean" not in ui.text()


async def test_an_id_that_the_server_refuses_comes_with_a_suggestion_that_enter_takes(harness: MakeHarness) -> None:
    ui = harness("A1042", "B7000")
    async with ui.run(100, 30):
        await show_board(ui, "A1042", "B7000")
        await ui.press("a", *"A1O42", "enter")
        assert screen_names(ui) == ["BoardScreen", "A1O42"]
        await ui.refuse("A1O42")
        assert ui.rows()[1].split() == ["there", "is", "no", "such", "order"]
        assert "Did you mean A1042? Enter opens it." in ui.text()
        await ui.press("enter")
        assert screen_names(ui) == ["BoardScreen", "A1042"]
        assert watched(ui) == ("A1042", "B7000")
        assert "A1O42" not in ui.feed.views
        await ui.press("enter")
        assert screen_names(ui) == ["BoardScreen", "A1042"]


async def test_the_board_says_which_order_was_probably_meant(harness: MakeHarness) -> None:
    ui = harness("A1042", "B7000")
    async with ui.run(130, 30):
        await show_board(ui, "A1042", "B7000")
        await ui.press("a", *"A1O42 B8", "enter")
        await ui.refuse("A1O42")
        await ui.refuse("B8", "forbidden", "not yours")
        assert ui.app.screen.selected_order_id == "A1O42"  # type: ignore[attr-defined]
        assert "Did you mean A1042?" in ui.text()


async def test_a_cached_order_is_suggested_too(harness: MakeHarness) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        view = OrderView("A1042").join(snapshot(2, "preparing", order_id="A1042"))
        ui.app.show_cached({"A1042": CachedView(view, at(0))})
        ui.feed.listed = True
        await ui.tick_at(3)
        assert watched(ui) == ()
        await ui.press("a", *"A1024")
        assert "Did you mean A1042?" in ui.text()


async def test_d_removes_orders_and_u_brings_them_back_the_last_one_first(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", "A3")
    async with ui.run():
        await show_board(ui, "A1", "A2", "A3")
        await ui.press("u")
        assert notices(ui) == ["No order was removed."]
        await ui.press("down", "d", "delete")
        assert watched(ui) == ("A1",)
        assert list(ui.feed.views) == ["A1"]
        assert notices(ui)[1:] == ["A2 removed: u undoes", "A3 removed: u undoes"]
        assert "1 order " in ui.rows()[0]
        await ui.press("u")
        assert watched(ui) == ("A1", "A3")
        assert ui.app.current_frame().state.orders["A3"].view == ui.feed.views["A3"] != OrderView("A3")
        await ui.press("u", "u")
        assert watched(ui) == ("A1", "A3", "A2")
        assert ui.app.screen.selected_order_id == "A2"  # type: ignore[attr-defined]
        assert notices(ui)[-1] == "No order was removed."


async def test_a_removed_order_is_not_shown_though_changes_of_it_are_under_way(harness: MakeHarness) -> None:
    observer = Observer()
    ui = harness(everything=True, observer=observer, quiet=False)
    async with ui.run():
        await show_board(ui, "A1", "A2")
        await ui.press("d")
        assert observer.forgotten == ["A1"]
        observer.heard.clear()
        await ui.receive(snapshot(9, "cancelled", order_id="A1"))
        await ui.tick_at(10)
        assert watched(ui) == ("A2",)
        assert observer.heard == []
        assert notices(ui) == ["A1 removed: u undoes"]
        await ui.press("a", *"A1", "enter")
        assert set(watched(ui)) == {"A1", "A2"}
        await ui.press("u")
        assert notices(ui)[-1] == "No order was removed."


@pytest.mark.parametrize("keys", [(), ("l",)])
async def test_removing_an_open_order_leads_back_to_the_board(harness: MakeHarness, keys: tuple[str, ...]) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await ui.press("enter", *keys)
        assert isinstance(ui.app.screen, LogScreen if keys else OrderScreen)
        await ui.press("d")
        assert screen_names(ui) == ["BoardScreen"]
        assert watched(ui) == ("A2",)


async def test_without_its_last_order_the_board_says_how_to_go_on(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        await show_board(ui, "A1")
        await ui.press("d")
        assert screen_names(ui) == ["BoardScreen"]
        assert "0 orders" in ui.rows()[0]
        assert "All orders are removed: a adds one, u undoes." in ui.text()
        await ui.press("d", "enter")
        assert screen_names(ui) == ["BoardScreen"]
        await ui.press("u", "enter")
        assert screen_names(ui) == ["BoardScreen", "A1"]
        assert "Cake A1" in ui.text()


async def test_an_order_with_a_pending_command_is_kept(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await show_board(ui, "A1", "A2")
        await ui.receive_pending(PendingCommand(Command("00000000-0000-4000-8000-000000000001", Verb.CANCEL), at(0)))
        await ui.press("d")
        assert watched(ui) == ("A1", "A2")
        assert notices(ui) == ["A1 is kept until its pending command is answered."]


async def test_orders_are_added_after_the_end(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.receive(snapshot(9, "delivered", order_id="A1"))
        await ui.set_link(Phase.FINAL)
        await ui.press("a", *"A2", "enter")
        assert ui.feed.order_ids == ("A1", "A2")
        await ui.go_live()
        await ui.receive(snapshot(3, "preparing", order_id="A2", facts=order("A2", title="Cake A2")))
        assert "● Live" in ui.rows()[0]
        assert "Cake A2" in ui.text()


async def test_above_the_limit_one_line_says_what_to_do(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run(120, 24):
        await ui.go_live()
        ui.feed.full = {"A2", "A3"}
        await ui.press("a", *"A2", "enter")
        assert screen_names(ui) == ["A1"]
        assert "A2 not added: at most 1,000 can be watched; d removes one" in ui.text()
        await ui.press("a", *"A2 A3 A4", "enter")
        assert watched(ui) == ("A1", "A4")
        assert notices(ui)[-1] == "2 orders not added: at most 1,000 can be watched; d removes one"


async def test_before_the_feed_is_open_orders_wait_for_it(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        feed, ui.app.feed = ui.app.feed, None
        assert feed is not None
        await ui.press("a", *"B1", "enter", "b", "home", "d")
        assert watched(ui) == ("A2", "B1")
        assert ui.feed.order_ids == ("A1", "A2")
        ui.app.feed = feed
        ui.app._feed_opened(feed)
        await ui.settle()
        assert ui.feed.order_ids == ("A2", "B1")


async def test_a_paused_screen_goes_on_when_orders_change(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await show_board(ui, "A1", "A2")
        for keys in (("d",), ("u",), ("a", *"B1", "enter")):
            await ui.press("p")
            assert "Paused" in ui.text()
            await ui.press(*keys)
            assert "Paused" not in ui.text()


async def test_a_replay_neither_adds_nor_removes(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", replay=Replay(1.0))
    async with ui.run():
        await ui.press("a", "colon", "d", "u")
        assert screen_names(ui) == ["BoardScreen"]
        assert watched(ui) == ("A1", "A2")
        assert "a Add" not in ui.text()


@pytest.mark.parametrize(
    "evil", [*HOSTILE.values(), "\x1b]52;c;A1042\x07 \u202eA1043 " * 50_000], ids=[*HOSTILE, "1 MB"]
)
async def test_hostile_pasted_text_stays_text(harness: MakeHarness, evil: str) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.press("a")
        await paste(ui, evil)
        assert [active_characters(row) for row in ui.rows()] == [[]] * 24
        await ui.press("enter")
        assert [active_characters(row) for row in ui.rows()] == [[]] * 24
        assert isinstance(ui.app.screen, AddScreen | OrderScreen | BoardScreen)


async def test_keys_typed_ahead_reach_the_prompt(harness: MakeHarness) -> None:
    ui = harness("A1")
    async with ui.run():
        ui.type_ahead("a", "B", "2", "enter")
        await ui.wait_until(lambda: screen_names(ui) == ["BoardScreen", "B2"])


async def test_the_keys_can_be_chosen(harness: MakeHarness) -> None:
    keys: dict[str, Any] = {"add": "i", "undo": "f5", "remove": "x"}
    ui = harness("A1", "A2", keys=keys)
    async with ui.run():
        await ui.press("a", "d")
        assert watched(ui) == ("A1", "A2")
        await ui.press("x")
        assert notices(ui) == ["A1 removed: F5 undoes"]
        await ui.press("f5", "i", *"B1", "enter")
        assert screen_names(ui) == ["BoardScreen", "B1"]


async def test_a_refused_command_no_longer_keeps_an_order(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    pending = PendingCommand(Command("00000000-0000-4000-8000-000000000001", Verb.CANCEL), at(0))
    async with ui.run():
        await show_board(ui, "A1", "A2")
        await ui.receive_pending(overlay.mark_refused(pending, "too late", at(1)))
        await ui.press("d")
        assert watched(ui) == ("A2",)
        assert ui.feed.standing("A2") is Standing.IN_SYNC


async def test_an_order_that_comes_back_is_as_old_as_its_removal(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(100, 30):
        await show_board(ui, "A1", "A2")
        await ui.press("home", "d")
        ui.feed.heard_at = 60.0
        await ui.tick_at(60)
        await ui.press("u", "enter")
        assert "▸ Preparing" in ui.rows()[0]
        assert "● Live" not in ui.rows()[0]
        assert "as of 14:00:00, 1 min ago" in ui.rows()[1]
        await ui.receive(snapshot(2, "preparing", order_id="A1"))
        assert "● Live" in ui.rows()[0]


@pytest.mark.parametrize("text", ["B7\tC9", "\u2066B7\u2069 \u200bC9\ufeff", "B7\u00a0C9", "B7\r\n\r\n\x0bC9"])
async def test_ids_copied_from_tables_and_web_pages_are_read(harness: MakeHarness, text: str) -> None:
    ui = harness("A1")
    async with ui.run():
        await ui.press("a")
        await paste(ui, text)
        await ui.press("enter")
        assert ui.feed.order_ids == ("A1", "B7", "C9")


async def test_an_order_refused_behind_another_screen_is_announced(harness: MakeHarness) -> None:
    ui = harness("A1042")
    async with ui.run():
        await show_board(ui, "A1042")
        ui.app.know_orders(["C9000"])
        await ui.press("a", *"A1024 C900", "enter")
        await ui.refuse("A1024")
        await ui.refuse("C900")
        assert [notice.text for notice in ui.app.notices.items][1:] == [
            "A1024: Unknown order. Did you mean A1042?",
            "C900: Unknown order. Did you mean C9000?",
        ]
        await ui.refuse("C900")
        await ui.press("a", *"B7", "enter")
        await ui.refuse("B7")
        assert len(ui.app.notices.items) == 3


async def test_an_order_of_an_earlier_session_is_suggested_and_shown_until_the_server_answers(
    harness: MakeHarness,
) -> None:
    cached = CachedView(OrderView("C9000").join(snapshot(3, "picked_up", order_id="C9000")), at(0))
    loaded: list[Sequence[str]] = []

    async def load(order_ids: Sequence[str]) -> None:
        loaded.append(tuple(order_ids))
        ui.app.show_cached({"C9000": cached})

    ui = harness("A1", load_cached=load)
    async with ui.run():
        ui.app.know_orders(["C9000"])
        await ui.press("a", *"C900")
        assert "Did you mean C9000? Tab takes it" in ui.text()
        await ui.press("tab", "enter")
        await ui.wait_until(lambda: "C9000 ▸ Picked up" in ui.rows()[0])
        assert "from the last session" in ui.text()
        await ui.press("escape", "a", *"A1", "enter")
        assert loaded == [("C9000",)]
