"""What a user asks of an order: written, meant, sent, and shown beside what is true until it is true or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import ColorType
from textual.events import Paste

from tests.support.orders import EPOCH, at
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, watched
from tests.ui.terminal.test_colours import colours
from tracker_tui.domain import overlay
from tracker_tui.domain.command import LONGEST_TEXT, Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.link.changes import Phase

MakeRig = Callable[..., Rig]

CANCEL = PendingCommand(Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.CANCEL), at(NOW))
NOTE = PendingCommand(Command("7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f", Verb.NOTE, "ring twice, please"), at(NOW))
TOO_LATE = "the order is on its way and can no longer be cancelled"
HOSTILE = "[/b][@click=app.quit]x[/] \x1b]0;x\x07\x1b[2J\u202e"


async def test_a_note_is_written_on_a_line_and_sent_for_the_order_on_the_screen(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.press("n", *"quiet? yes")
        assert "Note on A1" in it.text()
        assert "quiet? yes" in it.text()
        assert it.feed.asked == []
        await it.press("enter")
        assert it.feed.asked == [("A1", Verb.NOTE, "quiet? yes")]
        assert "Note on A1" not in it.text()


@pytest.mark.parametrize("keys", [("escape",), ("enter", "escape"), ("space", "enter", "escape"), ("x", "escape")])
async def test_a_note_that_is_not_written_is_not_sent(rig: MakeRig, keys: tuple[str, ...]) -> None:
    it = rig()
    async with it.run():
        await it.press("n", *keys)
        assert it.feed.asked == []
        assert "Note on A1" not in it.text()


async def test_who_has_written_nothing_yet_is_not_sent_away(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.press("n", "space", "enter")
        assert "The note is empty · Esc closes" in it.text()
        await it.press("q", "enter")
        assert it.feed.asked == [("A1", Verb.NOTE, "q")]


async def test_how_much_more_can_be_written_is_said_before_there_is_no_room(rig: MakeRig) -> None:
    it = rig()
    async with it.run() as pilot:
        await it.press("n")
        line = pilot.app.screen.focused
        assert line is not None
        line.post_message(Paste("x" * (LONGEST_TEXT - 100)))
        await it.settle()
        assert "left" not in it.text().split("Note on")[1]
        await it.press("y")
        assert "99 characters left · Enter sends · Esc closes" in it.text()
        line.post_message(Paste("x" * 2_000))
        await it.settle()
        assert "0 characters left" in it.text()


async def test_what_is_pasted_is_one_line_that_no_terminal_obeys_and_of_the_length_that_fits(rig: MakeRig) -> None:
    it = rig()
    async with it.run() as pilot:
        await it.press("n")
        line = pilot.app.screen.focused
        assert line is not None
        line.post_message(Paste(f"two\nlines {HOSTILE}"))
        await it.settle()
        assert not any(ord(character) < 0x20 for row in it.rows() for character in row)
        line.post_message(Paste("x" * 2_000))
        await it.settle()
        await it.press("enter")
        ((_, _, text),) = it.feed.asked
        assert text is not None
        assert text.startswith("two lines [/b][@click=app.quit]x[/] ␛]0;x␇␛[2J⟨RLO⟩xx")
        assert len(text) == LONGEST_TEXT


async def test_a_cancellation_is_asked_for_twice_before_it_is_sent(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.press("X")
        assert "Cancel A1?" in it.text()
        for no in ("n", "escape"):
            await it.press(no)
            assert "Cancel A1?" not in it.text()
            await it.press("X", "enter", "space")
            assert "Cancel A1?" in it.text()
        assert it.feed.asked == []
        await it.press("y")
        assert it.feed.asked == [("A1", Verb.CANCEL, None)]


async def test_a_cancellation_can_be_answered_with_the_mouse(rig: MakeRig) -> None:
    it = rig()
    async with it.run() as pilot:
        await it.press("X")
        row = next(number for number, text in enumerate(it.rows()) if "Yes, cancel A1" in text)
        await pilot.click(offset=(it.rows()[row].index("Yes"), row))
        await it.settle()
        assert it.feed.asked == [("A1", Verb.CANCEL, None)]


async def test_a_cancellation_that_is_not_decided_is_not_asked_for_once_more(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.pending(CANCEL)
        await it.press("X")
        assert "Cancel A1?" not in it.text()
        assert [said.message for said in it.app._notifications] == ["Not sent: a cancellation of A1 is pending."]
        await it.pending(overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        await it.press("X")
        assert "Cancel A1?" in it.text()


async def test_who_asks_sees_what_comes_of_it_even_if_the_picture_was_frozen(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.press("p")
        assert "Paused" in it.text()
        await it.press("n", "escape")
        assert "Paused" in it.text()
        await it.press("n", "x", "enter")
        await it.pending(NOTE)
        assert "Paused" not in it.text()
        assert "◌ Note pending" in it.text()


async def test_on_the_board_it_is_for_the_order_under_the_cursor(rig: MakeRig) -> None:
    it = rig("A1", "A2", "A3")
    async with it.run():
        await it.press("down", "n", "x", "enter", "down", "X", "y")
        assert it.feed.asked == [("A2", Verb.NOTE, "x"), ("A3", Verb.CANCEL, None)]


async def test_what_can_no_longer_be_asked_is_said_to_be_so(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        it.feed.over = True
        await it.press("n", "x", "enter")
        (said,) = it.app._notifications
        assert said.message == "Not sent: disconnected. Restart tracker-tui to try again."
        assert not said.markup


@pytest.mark.parametrize(
    ("pending", "said"),
    [
        (CANCEL, ["◌ Cancel pending"]),
        (overlay.mark_unconfirmed(CANCEL, "no answer in time"), ["? Cancel unconfirmed", "no answer in time"]),
        (overlay.mark_accepted(CANCEL, Cursor(EPOCH, 58)), ["◌ Cancel accepted, not seen yet"]),
        (overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)), ["✖ Cancel refused", "the order is on its way and can no"]),
        (replace(CANCEL, status=CommandStatus.UNSEEN, settled_at=at(NOW)), ["▲ Cancel accepted, not in the history"]),
    ],
    ids=lambda value: value.status if isinstance(value, PendingCommand) else "",
)
async def test_a_wish_stands_beside_the_true_state_with_its_fate_and_the_reason(
    rig: MakeRig, pending: PendingCommand, said: list[str]
) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.pending(pending)
        text = it.text()
        for words in said:
            assert words in text
        # What is true is still what is shown as true.
        assert "▶ Picked up" in text
        assert "▸ Picked up" in text
        assert "Cancelled" not in text


async def test_the_header_tells_of_what_is_not_decided_and_of_what_was_refused(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        await it.pending(CANCEL)
        assert "▸ Picked up  ◌ cancel pending" in it.rows()[0]
        await it.pending(overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        assert "▸ Picked up  ✖ cancel refused" in it.rows()[0]


async def test_a_refusal_is_shown_for_a_while_and_gone_then(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.pending(overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        await it.at(NOW + 89)
        assert "✖ Cancel refused" in it.text()
        await it.at(NOW + 91)
        assert "refused" not in it.text()


async def test_every_wish_has_its_line_and_the_newest_stay_where_there_is_no_room(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.pending(overlay.mark_refused(CANCEL, "no", at(NOW)), NOTE)
        assert "✖ Cancel refused" in it.text()
        assert "◌ Note pending  “ring twice, please”" in it.text()
        assert "Pending commands" in it.text()
        await it.pending(CANCEL, *[NOTE] * 9)
        assert it.text().count("◌ Note pending") == 5
        assert "Cancel" not in it.text()
        assert "▶ Picked up" in it.text()


async def test_what_a_gateway_or_a_user_writes_is_inert_in_a_wish(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        note = PendingCommand(Command(NOTE.command.command_id, Verb.NOTE, HOSTILE), at(NOW))
        await it.pending(overlay.mark_refused(note, HOSTILE, at(NOW)), overlay.mark_unconfirmed(CANCEL, HOSTILE))
        assert "[/b][@click=app.quit]x[/] ␛]0;x␇␛[2J⟨RLO⟩" in it.text()
        assert not any(ord(character) < 0x20 for row in it.rows() for character in row)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12), (40, 7), (24, 6)])
async def test_at_any_size_the_true_state_is_in_sight_and_the_questions_can_be_answered(
    rig: MakeRig, size: tuple[int, int]
) -> None:
    it = rig()
    async with it.run(*size):
        await watched(it)
        await it.pending(NOTE, overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        if size[1] >= 12:
            assert "▶ Picked up" in it.text()
        await it.press("X")
        assert "Yes, cancel A1" in it.text()
        await it.press("escape", "n", "h", "i")
        assert "hi" in it.text()
        await it.press("enter")
        assert it.feed.asked == [("A1", Verb.NOTE, "hi")]


async def test_a_ticket_tells_what_was_asked_as_well(
    rig: MakeRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    it = rig()
    async with it.run():
        await watched(it)
        await it.pending(
            overlay.mark_unconfirmed(NOTE, "no answer in time"), overlay.mark_refused(CANCEL, TOO_LATE, at(NOW))
        )
        await it.press("c")
        lines = it.app.clipboard.splitlines()
    assert (
        "The requested note “ring twice, please” is unconfirmed, and may have been applied: no answer in time." in lines
    )
    assert f"The requested cancellation was refused: {TOO_LATE}." in lines


async def test_the_board_tells_in_the_row_of_the_order(rig: MakeRig) -> None:
    it = rig("A1", "A2")
    async with it.run(100, 30):
        await it.pending(CANCEL)
        row = next(row for row in it.rows() if "A1 " in row)
        assert "◌ cancel pending"[:14] in row


@pytest.mark.parametrize(
    ("environ", "theme", "kinds"),
    [
        ({"NO_COLOR": "1"}, None, {ColorType.DEFAULT}),
        ({}, "terminal", {ColorType.DEFAULT, ColorType.STANDARD}),
    ],
    ids=["NO_COLOR", "16 colours"],
)
async def test_where_there_are_no_colours_or_few_the_questions_and_the_cursor_are_seen_all_the_same(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], theme: str | None, kinds: set[ColorType]
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    it = rig(theme=theme)
    async with it.run():
        await watched(it)
        await it.pending(NOTE, overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        for keys in (("X",), ("escape", "n"), ("h", "i")):
            await it.press(*keys)
            assert colours(it) <= kinds
        assert any(style.reverse for style in it.styles_of(" "))


@pytest.mark.parametrize("key", ["n", "X"])
@pytest.mark.parametrize(
    ("phase", "why"),
    [
        (Phase.FINAL, "A1 is finished: notes and cancellation are closed."),
        (Phase.FAILED, "Disconnected (no such order). Restart tracker-tui to try again."),
    ],
)
async def test_who_can_ask_for_nothing_any_more_is_told_why_before_anything_is_written(
    rig: MakeRig, key: str, phase: Phase, why: str
) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(phase, reason="no such order" if phase is Phase.FAILED else None)
        await it.press(key)
        assert "Note on A1" not in it.text()
        assert "Cancel A1?" not in it.text()
        assert [said.message for said in it.app._notifications] == [why]
