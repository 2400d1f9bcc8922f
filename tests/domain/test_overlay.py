"""Tests of the status of a pending command: its milestone alone confirms it; an answer of the server may refuse it."""

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
PENDING = PendingCommand(Command(ID, Verb.NOTE, "ring twice"), START)
SENT = [
    PENDING,
    overlay.mark_delayed(PENDING, "no network"),
    overlay.mark_unconfirmed(PENDING, "no answer"),
    overlay.mark_accepted(PENDING, Cursor(EPOCH, 2)),
]


def view(*messages: Event | Snapshot) -> OrderView:
    known = OrderView("A1")
    for message in messages:
        known = known.join(message)
    return known


def reconciled(pending: PendingCommand, known: OrderView) -> PendingCommand:
    return overlay.reconcile((pending,), known, at(9))[0]


@pytest.mark.parametrize(
    "pending", [*SENT, overlay.mark_refused(PENDING, "too late", at(1))], ids=lambda pending: pending.status
)
@pytest.mark.parametrize("command_id", [ID, ID.upper()])
def test_a_milestone_with_its_id_confirms_a_command_in_any_status(pending: PendingCommand, command_id: str) -> None:
    known = view(snapshot(1), event(2, command_id=command_id))
    assert reconciled(pending, known) == replace(
        pending, status=CommandStatus.CONFIRMED, version=Cursor(EPOCH, 2), reason=None, settled_at=at(9)
    )


@pytest.mark.parametrize("pending", SENT[:3], ids=lambda pending: pending.reason)
def test_a_milestone_without_its_id_does_not_confirm_a_command(pending: PendingCommand) -> None:
    known = view(snapshot(1), event(2, command_id=OTHER), event(3))
    assert reconciled(pending, known) is pending


def test_a_command_with_a_lost_answer_stays_unconfirmed_after_a_later_failure() -> None:
    pending = overlay.mark_delayed(overlay.mark_unconfirmed(PENDING, "no answer in time"), "connection refused")
    assert (pending.status, pending.reason, pending.is_open) == (CommandStatus.UNCONFIRMED, "connection refused", True)


def test_an_answer_of_the_server_accepts_a_command_but_does_not_confirm_it() -> None:
    pending = overlay.mark_accepted(PENDING, Cursor(EPOCH, 3))
    assert (pending.status, pending.is_open, pending.is_unanswered) == (CommandStatus.ACCEPTED, True, False)
    assert reconciled(pending, view(snapshot(1), event(2))) is pending


def test_a_decided_command_stays_decided() -> None:
    refused = overlay.mark_refused(PENDING, "too late", at(1))
    assert overlay.mark_unconfirmed(refused, "no answer") is refused
    assert overlay.mark_accepted(refused, Cursor(EPOCH, 2)) is refused
    confirmed = reconciled(PENDING, view(snapshot(1), event(2, command_id=ID)))
    assert overlay.mark_refused(confirmed, "refused", at(3)) is confirmed
    assert reconciled(confirmed, view(snapshot(1))) is confirmed


def test_an_accepted_command_whose_version_has_no_such_milestone_is_unseen() -> None:
    pending = overlay.mark_accepted(PENDING, Cursor(EPOCH, 2))
    assert reconciled(pending, view(snapshot(1), event(2))).status is CommandStatus.UNSEEN
    assert reconciled(pending, view(snapshot(1), event(3))).status is CommandStatus.ACCEPTED


def test_an_accepted_command_that_a_new_log_lacks_is_resent_once() -> None:
    pending = overlay.mark_accepted(PENDING, Cursor(EPOCH, 2))
    new_log = view(snapshot(1), snapshot(1, epoch=EPOCH + 1))
    resent = reconciled(pending, new_log)
    assert (resent.status, resent.resent, resent.is_unanswered) == (CommandStatus.UNCONFIRMED, True, True)
    assert reconciled(resent, new_log) is resent
    assert reconciled(overlay.mark_accepted(resent, Cursor(EPOCH, 2)), new_log).status is CommandStatus.UNSEEN


def test_a_new_log_with_the_command_in_it_confirms_it() -> None:
    pending = overlay.mark_accepted(PENDING, Cursor(EPOCH, 2))
    line = milestone(1, command_id=ID)
    new_log = view(snapshot(1), snapshot(1, epoch=EPOCH + 1, history=(line,)))
    assert reconciled(pending, new_log).version == Cursor(EPOCH + 1, 1)


def test_a_command_keeps_its_status_until_the_new_log_is_complete() -> None:
    pending = overlay.mark_accepted(PENDING, Cursor(EPOCH, 2))
    assert reconciled(pending, view(snapshot(1)).announce(Cursor(EPOCH + 1, 4))) is pending
    # A part of the new log may still be missing.
    assert reconciled(pending, view(snapshot(1), snapshot(1, epoch=EPOCH + 1), event(3, epoch=EPOCH + 1))) is pending


@pytest.mark.parametrize(
    ("status", "seconds"), [(CommandStatus.CONFIRMED, 10), (CommandStatus.REFUSED, 90), (CommandStatus.UNSEEN, 90)]
)
def test_a_decided_command_is_shown_for_a_limited_time_and_an_open_one_without_a_limit(
    status: CommandStatus, seconds: float
) -> None:
    decided = replace(PENDING, status=status, settled_at=at(5))
    assert overlay.recent((PENDING, decided), at(5 + seconds - 1)) == (PENDING, decided)
    assert overlay.recent((PENDING, decided), at(5 + seconds)) == (PENDING,)
    assert overlay.recent((PENDING,), at(1e6)) == (PENDING,)


@pytest.mark.parametrize("text", [None, "", " \n", "x" * (LONGEST_TEXT + 1)])
def test_a_note_without_a_text_or_with_too_long_a_text_is_rejected(text: str | None) -> None:
    with pytest.raises(ValueError, match="text"):
        Command(ID, Verb.NOTE, text)


@pytest.mark.parametrize(
    "pending", [overlay.mark_accepted(PENDING, Cursor(EPOCH, 2)), overlay.mark_refused(PENDING, "no", at(1))]
)
def test_a_failed_attempt_does_not_change_an_answered_command(pending: PendingCommand) -> None:
    assert overlay.mark_delayed(pending, "no network") == pending


def test_an_accepted_command_has_no_reason_for_a_delay() -> None:
    assert overlay.mark_accepted(overlay.mark_delayed(PENDING, "no network"), Cursor(EPOCH, 2)).reason is None
