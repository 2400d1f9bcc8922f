"""The status of a pending command: only its milestone confirms it, only the server refuses it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.orders import EPOCH, START, at, event, milestone, snapshot
from tracker_tui.domain import overlay
from tracker_tui.domain.command import LONGEST_TEXT, Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.domain.view import OrderView

ID = "0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f"
OTHER = "7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f"
ASKED = PendingCommand(Command(ID, Verb.NOTE, "ring twice"), START)
SENT = [
    ASKED,
    overlay.mark_delayed(ASKED, "no network"),
    overlay.mark_unconfirmed(ASKED, "no answer"),
    overlay.mark_accepted(ASKED, Cursor(EPOCH, 2)),
]


def view(*messages: Event | Snapshot) -> OrderView:
    held = OrderView("A1")
    for message in messages:
        held = held.join(message)
    return held


def learnt(pending: PendingCommand, held: OrderView) -> PendingCommand:
    return overlay.reconcile((pending,), held, at(9))[0]


@pytest.mark.parametrize(
    "pending", [*SENT, overlay.mark_refused(ASKED, "too late", at(1))], ids=lambda pending: pending.status
)
@pytest.mark.parametrize("told", [ID, ID.upper()])
def test_the_milestone_that_bears_its_id_confirms_a_wish_whatever_was_thought_of_it(
    pending: PendingCommand, told: str
) -> None:
    held = view(snapshot(1), event(2, command_id=told))
    assert learnt(pending, held) == replace(
        pending, status=CommandStatus.CONFIRMED, version=Cursor(EPOCH, 2), reason=None, settled_at=at(9)
    )


@pytest.mark.parametrize("pending", SENT[:3], ids=lambda pending: pending.reason)
def test_nothing_else_does_not_even_the_same_words(pending: PendingCommand) -> None:
    held = view(snapshot(1), event(2, command_id=OTHER), event(3))
    assert learnt(pending, held) is pending


def test_a_lost_answer_is_not_an_answer_and_a_later_failure_does_not_undo_that() -> None:
    pending = overlay.mark_delayed(overlay.mark_unconfirmed(ASKED, "no answer in time"), "connection refused")
    assert (pending.status, pending.reason, pending.is_open) == (CommandStatus.UNCONFIRMED, "connection refused", True)


def test_the_gateways_word_alone_is_not_the_milestone() -> None:
    pending = overlay.mark_accepted(ASKED, Cursor(EPOCH, 3))
    assert (pending.status, pending.is_open, pending.is_unanswered) == (CommandStatus.ACCEPTED, True, False)
    assert learnt(pending, view(snapshot(1), event(2))) is pending


def test_what_is_decided_stays_decided() -> None:
    refused = overlay.mark_refused(ASKED, "too late", at(1))
    assert overlay.mark_unconfirmed(refused, "no answer") is refused
    assert overlay.mark_accepted(refused, Cursor(EPOCH, 2)) is refused
    confirmed = learnt(ASKED, view(snapshot(1), event(2, command_id=ID)))
    assert overlay.mark_refused(confirmed, "refused", at(3)) is confirmed
    assert learnt(confirmed, view(snapshot(1))) is confirmed


def test_a_version_that_turns_out_to_be_something_else_leaves_the_wish_unseen_not_confirmed() -> None:
    pending = overlay.mark_accepted(ASKED, Cursor(EPOCH, 2))
    assert learnt(pending, view(snapshot(1), event(2))).status is CommandStatus.UNSEEN
    assert learnt(pending, view(snapshot(1), event(3))).status is CommandStatus.ACCEPTED


def test_a_log_that_has_lost_an_accepted_wish_has_it_asked_again_once() -> None:
    pending = overlay.mark_accepted(ASKED, Cursor(EPOCH, 2))
    anew = view(snapshot(1), snapshot(1, epoch=EPOCH + 1))
    again = learnt(pending, anew)
    assert (again.status, again.resent, again.is_unanswered) == (CommandStatus.UNCONFIRMED, True, True)
    assert learnt(again, anew) is again
    assert learnt(overlay.mark_accepted(again, Cursor(EPOCH, 2)), anew).status is CommandStatus.UNSEEN


def test_a_log_that_began_anew_with_the_wish_in_it_confirms_it() -> None:
    pending = overlay.mark_accepted(ASKED, Cursor(EPOCH, 2))
    line = milestone(1, command_id=ID)
    anew = view(snapshot(1), snapshot(1, epoch=EPOCH + 1, history=(line,)))
    assert learnt(pending, anew).version == Cursor(EPOCH + 1, 1)


def test_until_a_new_log_is_there_nothing_is_said_of_it() -> None:
    pending = overlay.mark_accepted(ASKED, Cursor(EPOCH, 2))
    assert learnt(pending, view(snapshot(1)).announce(Cursor(EPOCH + 1, 4))) is pending
    # A part of it may still be missing.
    assert learnt(pending, view(snapshot(1), snapshot(1, epoch=EPOCH + 1), event(3, epoch=EPOCH + 1))) is pending


@pytest.mark.parametrize(
    ("fate", "seconds"), [(CommandStatus.CONFIRMED, 10), (CommandStatus.REFUSED, 90), (CommandStatus.UNSEEN, 90)]
)
def test_a_decided_wish_is_shown_for_a_while_and_an_open_one_for_as_long_as_it_is_open(
    fate: CommandStatus, seconds: float
) -> None:
    decided = replace(ASKED, status=fate, settled_at=at(5))
    assert overlay.recent((ASKED, decided), at(5 + seconds - 1)) == (ASKED, decided)
    assert overlay.recent((ASKED, decided), at(5 + seconds)) == (ASKED,)
    assert overlay.recent((ASKED,), at(1e6)) == (ASKED,)


@pytest.mark.parametrize("text", [None, "", " \n", "x" * (LONGEST_TEXT + 1)])
def test_a_note_has_a_text_of_reasonable_length(text: str | None) -> None:
    with pytest.raises(ValueError, match="text"):
        Command(ID, Verb.NOTE, text)


@pytest.mark.parametrize(
    "pending", [overlay.mark_accepted(ASKED, Cursor(EPOCH, 2)), overlay.mark_refused(ASKED, "no", at(1))]
)
def test_a_try_that_does_not_get_through_changes_nothing_of_what_was_answered(pending: PendingCommand) -> None:
    assert overlay.mark_delayed(pending, "no network") == pending


def test_what_delayed_a_wish_is_forgotten_once_it_is_accepted() -> None:
    assert overlay.mark_accepted(overlay.mark_delayed(ASKED, "no network"), Cursor(EPOCH, 2)).reason is None
