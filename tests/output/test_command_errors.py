"""Messages about commands without an answer when the feed is closed."""

from __future__ import annotations

from types import SimpleNamespace

from tests.support.orders import EPOCH, at
from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.output.error_messages import undecided_commands

NOTE = PendingCommand(Command("7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f", Verb.NOTE, "ring \x1b[2J twice"), at(0))
CANCEL = PendingCommand(Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.CANCEL), at(0))


def messages(*pending_commands: PendingCommand) -> list[str]:
    feed = SimpleNamespace(views={"A1": None}, pending_commands=lambda order_id: pending_commands)
    return list(undecided_commands(feed))


def test_an_unsent_command_is_to_be_sent_again() -> None:
    assert messages(NOTE) == ["the note for order A1 (ring ␛[2J twice) was not sent; send it again"]


def test_a_command_that_may_have_been_applied_is_to_be_checked() -> None:
    for pending in (overlay.mark_unconfirmed(CANCEL, "no answer"), overlay.mark_accepted(CANCEL, Cursor(EPOCH, 2))):
        assert messages(pending) == [
            "the cancellation for order A1 may have been applied, and is not sent again; check the order's history"
        ]


def test_a_decided_command_is_not_mentioned() -> None:
    assert messages(overlay.mark_refused(CANCEL, "too late", at(1))) == []
