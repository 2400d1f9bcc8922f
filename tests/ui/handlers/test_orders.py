"""Notes and cancellations: the prompts, sending, and the display of pending commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import ColorType
from textual.events import Paste

from tests.support.orders import EPOCH, at
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, show_order
from tests.ui.terminal.test_colours import colours
from tracker_tui.domain import overlay
from tracker_tui.domain.command import LONGEST_TEXT, Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]

CANCEL = PendingCommand(Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.CANCEL), at(NOW))
NOTE = PendingCommand(Command("7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f", Verb.NOTE, "ring twice, please"), at(NOW))
TOO_LATE = "the order is on its way and can no longer be cancelled"
HOSTILE = "[/b][@click=app.quit]x[/] \x1b]0;x\x07\x1b[2J\u202e"


async def test_a_note_is_typed_and_sent_for_the_order_on_the_screen(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("n", *"quiet? yes")
        assert "Note on A1" in ui.text()
        assert "quiet? yes" in ui.text()
        assert ui.feed.sent_commands == []
        await ui.press("enter")
        assert ui.feed.sent_commands == [("A1", Verb.NOTE, "quiet? yes")]
        assert "Note on A1" not in ui.text()


@pytest.mark.parametrize("keys", [("escape",), ("enter", "escape"), ("space", "enter", "escape"), ("x", "escape")])
async def test_an_empty_or_abandoned_note_is_not_sent(harness: MakeHarness, keys: tuple[str, ...]) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("n", *keys)
        assert ui.feed.sent_commands == []
        assert "Note on A1" not in ui.text()


async def test_enter_keeps_an_empty_note_open(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("n", "space", "enter")
        assert "The note is empty · Esc closes" in ui.text()
        await ui.press("q", "enter")
        assert ui.feed.sent_commands == [("A1", Verb.NOTE, "q")]


async def test_the_number_of_remaining_characters_is_shown_near_the_limit(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run() as pilot:
        await ui.press("n")
        line = pilot.app.screen.focused
        assert line is not None
        line.post_message(Paste("x" * (LONGEST_TEXT - 100)))
        await ui.settle()
        assert "left" not in ui.text().split("Note on")[1]
        await ui.press("y")
        assert "99 characters left · Enter sends · Esc closes" in ui.text()
        line.post_message(Paste("x" * 2_000))
        await ui.settle()
        assert "0 characters left" in ui.text()


async def test_pasted_text_becomes_one_sanitized_line_within_the_limit(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run() as pilot:
        await ui.press("n")
        line = pilot.app.screen.focused
        assert line is not None
        line.post_message(Paste(f"two\nlines {HOSTILE}"))
        await ui.settle()
        assert not any(ord(character) < 0x20 for row in ui.rows() for character in row)
        line.post_message(Paste("x" * 2_000))
        await ui.settle()
        await ui.press("enter")
        ((_, _, text),) = ui.feed.sent_commands
        assert text is not None
        assert text.startswith("two lines [/b][@click=app.quit]x[/] ␛]0;x␇␛[2J⟨RLO⟩xx")
        assert len(text) == LONGEST_TEXT


async def test_a_cancellation_is_sent_only_after_a_yes(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("X")
        assert "Cancel A1?" in ui.text()
        for no in ("n", "escape"):
            await ui.press(no)
            assert "Cancel A1?" not in ui.text()
            await ui.press("X", "enter", "space")
            assert "Cancel A1?" in ui.text()
        assert ui.feed.sent_commands == []
        await ui.press("y")
        assert ui.feed.sent_commands == [("A1", Verb.CANCEL, None)]


async def test_a_cancellation_can_be_answered_with_the_mouse(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run() as pilot:
        await ui.press("X")
        row = next(number for number, text in enumerate(ui.rows()) if "Yes, cancel A1" in text)
        await pilot.click(offset=(ui.rows()[row].index("Yes"), row))
        await ui.settle()
        assert ui.feed.sent_commands == [("A1", Verb.CANCEL, None)]


async def test_a_pending_cancellation_is_not_sent_again(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive_pending(CANCEL)
        await ui.press("X")
        assert "Cancel A1?" not in ui.text()
        assert [said.text for said in ui.app.notices.items] == ["Not sent: a cancellation of A1 is pending."]
        await ui.receive_pending(overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        await ui.press("X")
        assert "Cancel A1?" in ui.text()


async def test_sending_a_command_resumes_a_paused_screen(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("p")
        assert "Paused" in ui.text()
        await ui.press("n", "escape")
        assert "Paused" in ui.text()
        await ui.press("n", "x", "enter")
        await ui.receive_pending(NOTE)
        assert "Paused" not in ui.text()
        assert "◌ Note pending" in ui.text()


async def test_commands_on_the_board_are_for_the_selected_order(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", "A3")
    async with ui.run():
        await ui.press("down", "n", "x", "enter", "down", "X", "y")
        assert ui.feed.sent_commands == [("A2", Verb.NOTE, "x"), ("A3", Verb.CANCEL, None)]


async def test_a_command_on_a_closed_feed_shows_a_message(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        ui.feed.is_closed = True
        await ui.press("n", "x", "enter")
        (said,) = ui.app.notices.items
        assert said.text == "Not sent: disconnected. Restart tracker-tui to try again."


@pytest.mark.parametrize(
    ("pending", "said"),
    [
        (CANCEL, ["◌ Cancel pending"]),
        (overlay.mark_unconfirmed(CANCEL, "no answer in time"), ["? Cancel unconfirmed", "no answer in time"]),
        (overlay.mark_accepted(CANCEL, Cursor(EPOCH, 58)), ["◌ Cancel accepted, not seen yet"]),
        (overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)), ["✖ Cancel refused", "the order is on its way and can no"]),
        (replace(CANCEL, status=CommandStatus.UNSEEN, settled_at=at(NOW)), ["≠ Cancel accepted, not in the history"]),
    ],
    ids=lambda value: value.status if isinstance(value, PendingCommand) else "",
)
async def test_a_pending_command_is_shown_with_its_status_and_reason_and_the_state_is_unchanged(
    harness: MakeHarness, pending: PendingCommand, said: list[str]
) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive_pending(pending)
        text = ui.text()
        for words in said:
            assert words in text
        # The order's state is unchanged until the server confirms.
        assert "▶ Picked up" in text
        assert "▸ Picked up" in text
        assert "Cancelled" not in text


async def test_the_header_shows_pending_and_refused_commands(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.receive_pending(CANCEL)
        assert "▸ Picked up  ▲ 5 min late  ◌ cancel pending" in ui.rows()[0]
        await ui.receive_pending(overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        assert "▸ Picked up  ▲ 5 min late  ✖ cancel refused" in ui.rows()[0]


async def test_a_refused_command_is_shown_for_a_limited_time(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive_pending(overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        await ui.tick_at(NOW + 89)
        assert "✖ Cancel refused" in ui.text()
        await ui.tick_at(NOW + 91)
        assert "refused" not in ui.text()


async def test_every_pending_command_has_a_line_the_newest_where_not_all_fit(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive_pending(overlay.mark_refused(CANCEL, "no", at(NOW)), NOTE)
        assert "✖ Cancel refused" in ui.text()
        assert "◌ Note pending  “ring twice, please”" in ui.text()
        assert "Pending commands" in ui.text()
        await ui.receive_pending(CANCEL, *[NOTE] * 9)
        assert ui.text().count("◌ Note pending") == 8
        assert "Cancel pending" not in ui.text()
        assert "▶ Picked up" in ui.text()


async def test_hostile_text_in_a_pending_command_stays_text(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        note = PendingCommand(Command(NOTE.command.command_id, Verb.NOTE, HOSTILE), at(NOW))
        await ui.receive_pending(
            overlay.mark_refused(note, HOSTILE, at(NOW)), overlay.mark_unconfirmed(CANCEL, HOSTILE)
        )
        assert "[/b][@click=app.quit]x[/] ␛]0;x␇␛[2J⟨RLO⟩" in ui.text()
        assert not any(ord(character) < 0x20 for row in ui.rows() for character in row)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12), (40, 7), (24, 6)])
async def test_at_any_size_the_state_is_visible_and_prompts_work(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness()
    async with ui.run(*size):
        await show_order(ui)
        await ui.receive_pending(NOTE, overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        if size[1] >= 12:
            assert "▶ Picked up" in ui.text()
        await ui.press("X")
        assert "Yes, cancel A1" in ui.text()
        await ui.press("escape", "n", "h", "i")
        assert "hi" in ui.text()
        await ui.press("enter")
        assert ui.feed.sent_commands == [("A1", Verb.NOTE, "hi")]


async def test_a_ticket_includes_the_pending_commands(
    harness: MakeHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive_pending(
            overlay.mark_unconfirmed(NOTE, "no answer in time"), overlay.mark_refused(CANCEL, TOO_LATE, at(NOW))
        )
        await ui.press("C")
        lines = ui.app.clipboard.splitlines()
    assert (
        "The requested note “ring twice, please” is unconfirmed, and may have been applied: no answer in time." in lines
    )
    assert f"The requested cancellation was refused: {TOO_LATE}." in lines


async def test_the_board_shows_a_pending_command_in_its_row(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(100, 30):
        await ui.receive_pending(CANCEL)
        row = next(row for row in ui.rows() if "A1 " in row)
        assert "◌ cancel pending"[:14] in row


@pytest.mark.parametrize(
    ("environ", "theme", "kinds"),
    [
        ({"NO_COLOR": "1"}, None, {ColorType.DEFAULT}),
        ({}, "terminal", {ColorType.DEFAULT, ColorType.STANDARD}),
    ],
    ids=["NO_COLOR", "16 colours"],
)
async def test_prompts_and_their_cursor_are_visible_without_colours(
    harness: MakeHarness,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    theme: str | None,
    kinds: set[ColorType],
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    ui = harness(theme=theme)
    async with ui.run():
        await show_order(ui)
        await ui.receive_pending(NOTE, overlay.mark_refused(CANCEL, TOO_LATE, at(NOW)))
        for keys in (("X",), ("escape", "n"), ("h", "i")):
            await ui.press(*keys)
            assert colours(ui) <= kinds
        assert any(style.reverse for style in ui.styles_of(" "))


@pytest.mark.parametrize("key", ["n", "X"])
@pytest.mark.parametrize(
    ("phase", "why"),
    [
        (Phase.FINAL, "A1 is finished: notes and cancellation are closed."),
        (Phase.FAILED, "Disconnected (no such order). Restart tracker-tui to try again."),
    ],
)
async def test_a_closed_connection_is_reported_before_a_prompt_opens(
    harness: MakeHarness, key: str, phase: Phase, why: str
) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.set_link(phase, reason="no such order" if phase is Phase.FAILED else None)
        await ui.press(key)
        assert "Note on A1" not in ui.text()
        assert "Cancel A1?" not in ui.text()
        assert [said.text for said in ui.app.notices.items] == [why]
