"""Optimistic commands on top of a view: what was asked of an order, and what is known to have come of it; pure.

A wish never changes the view. It is confirmed by the milestone that bears its id, refused by the gateway's own word,
and as long as neither is there it is only a wish, whatever may have happened on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tracker_tui.domain.command import Command
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView


class CommandStatus(StrEnum):
    """What became of a wish."""

    PENDING = "pending"
    """Nothing yet: it is under way, or can't be sent for now."""
    UNCONFIRMED = "unconfirmed"
    """It was sent, and no answer came: it may have been applied. It is asked again under the same id."""
    ACCEPTED = "accepted"
    """The gateway says that it applied it; the milestone is still to come."""
    CONFIRMED = "confirmed"
    """Its milestone is here."""
    REFUSED = "refused"
    """The gateway refused it: nothing has changed."""
    UNSEEN = "unseen"
    """The gateway says that it applied it, and its milestone is not in the history that is held."""


OPEN = frozenset({CommandStatus.PENDING, CommandStatus.UNCONFIRMED, CommandStatus.ACCEPTED})
"""The fates that are still to be decided."""

SHOWN_FOR = {
    CommandStatus.CONFIRMED: timedelta(seconds=10),
    CommandStatus.REFUSED: timedelta(seconds=90),
    CommandStatus.UNSEEN: timedelta(seconds=90),
}
"""For how long after its end a wish is worth showing."""


@dataclass(frozen=True, slots=True)
class PendingCommand:
    """A command that was asked here.

    Attributes:
        requested_at: When, by the wall clock.
        version: Where the gateway says that it was applied, or where its milestone was found.
        reason: Why it is not confirmed, or was refused; text from outside in it is not yet made visible.
        settled_at: When its fate was decided.
        resent: Whether it was asked again since the log that it had been written to was lost.
    """

    command: Command
    requested_at: datetime
    status: CommandStatus = CommandStatus.PENDING
    version: Cursor | None = None
    reason: str | None = None
    settled_at: datetime | None = None
    resent: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its fate is still to be decided."""
        return self.status in OPEN

    @property
    def is_unanswered(self) -> bool:
        """Whether it is still to be asked, or asked again."""
        return self.status in {CommandStatus.PENDING, CommandStatus.UNCONFIRMED}


PendingCommands = tuple[PendingCommand, ...]
"""What was asked of one order, oldest first."""


def mark_delayed(pending: PendingCommand, reason: str) -> PendingCommand:
    """It didn't get to the gateway this time; what an earlier try may have done is still not known."""
    return replace(pending, reason=reason) if pending.is_unanswered else pending


def mark_unconfirmed(pending: PendingCommand, reason: str) -> PendingCommand:
    """It may have got to the gateway, and no answer came back."""
    return replace(pending, status=CommandStatus.UNCONFIRMED, reason=reason) if pending.is_unanswered else pending


def mark_accepted(pending: PendingCommand, version: Cursor) -> PendingCommand:
    """The gateway says that it is in the log, which its milestone is still to show."""
    return (
        replace(pending, status=CommandStatus.ACCEPTED, version=version, reason=None)
        if pending.is_unanswered
        else pending
    )


def mark_refused(pending: PendingCommand, reason: str, at: datetime) -> PendingCommand:
    """The gateway refused it."""
    return (
        replace(pending, status=CommandStatus.REFUSED, reason=reason, settled_at=at)
        if pending.is_unanswered
        else pending
    )


def reconcile(pending_commands: PendingCommands, view: OrderView, at: datetime) -> PendingCommands:
    """Hold what was asked against the newest view; `wishes` itself if nothing came of that."""
    found = _versions(
        view,
        {
            pending.command.command_id.lower()
            for pending in pending_commands
            if pending.status is not CommandStatus.CONFIRMED
        },
    )
    learnt = tuple(_learn(pending, view, found, at) for pending in pending_commands)
    return pending_commands if learnt == pending_commands else learnt


def recent(pending_commands: PendingCommands, now: datetime) -> PendingCommands:
    """The wishes that are worth showing at the wall-clock time `now`."""
    return tuple(
        pending
        for pending in pending_commands
        if pending.settled_at is None or now - pending.settled_at < SHOWN_FOR[pending.status]
    )


def _learn(pending: PendingCommand, view: OrderView, found: dict[str, Cursor], at: datetime) -> PendingCommand:
    version = found.get(pending.command.command_id.lower())
    if version is not None:
        # Even one that was refused: a milestone says what is.
        return replace(pending, status=CommandStatus.CONFIRMED, version=version, reason=None, settled_at=at)
    if pending.status is not CommandStatus.ACCEPTED or pending.version is None or view.resume is None:
        return pending
    if view.epoch > pending.version.epoch and view.complete:
        if pending.resent:
            return replace(pending, status=CommandStatus.UNSEEN, settled_at=at)
        reason = "the server's log began anew without it"
        return replace(pending, status=CommandStatus.UNCONFIRMED, reason=reason, resent=True)
    if view.epoch == pending.version.epoch and pending.version.seq in view.log(view.epoch).known:
        return replace(pending, status=CommandStatus.UNSEEN, settled_at=at)
    return pending


def _versions(view: OrderView, command_ids: set[str]) -> dict[str, Cursor]:
    """Where the milestones that bear one of these ids are."""
    if not command_ids:
        return {}
    return {
        entry.milestone.command_id.lower(): Cursor(entry.epoch, entry.milestone.seq)
        for entry in view.history.newest_first()
        if entry.milestone.command_id is not None and entry.milestone.command_id.lower() in command_ids
    }
