"""Pending commands, shown next to a view.

A pending command never changes the view. The milestone with its id confirms it, and only the gateway's answer refuses
it. Until then it stays pending, whatever happened on the network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tracker_tui.domain.command import Command
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView


class CommandStatus(StrEnum):
    """The status of a pending command."""

    PENDING = "pending"
    """On its way, or waiting for a connection."""
    UNCONFIRMED = "unconfirmed"
    """Sent without an answer; it may have been applied. It is sent again with the same id."""
    ACCEPTED = "accepted"
    """The gateway applied it; the milestone has not arrived yet."""
    CONFIRMED = "confirmed"
    """Its milestone has arrived."""
    REFUSED = "refused"
    """The gateway refused it; the order is unchanged."""
    UNSEEN = "unseen"
    """The gateway applied it, but the history has no such milestone."""


OPEN = frozenset({CommandStatus.PENDING, CommandStatus.UNCONFIRMED, CommandStatus.ACCEPTED})
"""Statuses without a final result."""

SHOWN_FOR = {
    CommandStatus.CONFIRMED: timedelta(seconds=10),
    CommandStatus.REFUSED: timedelta(seconds=90),
    CommandStatus.UNSEEN: timedelta(seconds=90),
}
"""Time for which a command is shown after its result."""


@dataclass(frozen=True, slots=True)
class PendingCommand:
    """A command that the user sent.

    Attributes:
        requested_at: Wall-clock time of the request.
        version: Version at which the gateway applied it, or at which its milestone was found.
        reason: Why it is not confirmed, or was refused; may contain unsanitized text.
        settled_at: Wall-clock time of its result.
        resent: Whether it was sent again after the server lost the log that had it.
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
        """Whether it has no final result yet."""
        return self.status in OPEN

    @property
    def is_unanswered(self) -> bool:
        """Whether it must be sent, or sent again."""
        return self.status in {CommandStatus.PENDING, CommandStatus.UNCONFIRMED}


PendingCommands = tuple[PendingCommand, ...]
"""The pending commands of one order, oldest first."""


def mark_delayed(pending: PendingCommand, reason: str) -> PendingCommand:
    """Record that it did not reach the gateway; the result of earlier tries is unknown."""
    return replace(pending, reason=reason) if pending.is_unanswered else pending


def mark_unconfirmed(pending: PendingCommand, reason: str) -> PendingCommand:
    """Record that it may have reached the gateway, without an answer."""
    return replace(pending, status=CommandStatus.UNCONFIRMED, reason=reason) if pending.is_unanswered else pending


def mark_accepted(pending: PendingCommand, version: Cursor) -> PendingCommand:
    """Record that the gateway applied it; the milestone must confirm it."""
    return (
        replace(pending, status=CommandStatus.ACCEPTED, version=version, reason=None)
        if pending.is_unanswered
        else pending
    )


def mark_refused(pending: PendingCommand, reason: str, at: datetime) -> PendingCommand:
    """Record that the gateway refused it."""
    return (
        replace(pending, status=CommandStatus.REFUSED, reason=reason, settled_at=at)
        if pending.is_unanswered
        else pending
    )


def reconcile(pending_commands: PendingCommands, view: OrderView, at: datetime) -> PendingCommands:
    """Compare pending commands with the newest view; return the same tuple if nothing changed."""
    found = _versions(
        view,
        {
            pending.command.command_id.lower()
            for pending in pending_commands
            if pending.status is not CommandStatus.CONFIRMED
        },
    )
    updated = tuple(_reconcile(pending, view, found, at) for pending in pending_commands)
    return pending_commands if updated == pending_commands else updated


def recent(pending_commands: PendingCommands, now: datetime) -> PendingCommands:
    """Return the commands to show at the wall-clock time `now`."""
    return tuple(
        pending
        for pending in pending_commands
        if pending.settled_at is None or now - pending.settled_at < SHOWN_FOR[pending.status]
    )


def _reconcile(pending: PendingCommand, view: OrderView, found: dict[str, Cursor], at: datetime) -> PendingCommand:
    version = found.get(pending.command.command_id.lower())
    if version is not None:
        # A milestone also overrules a refusal.
        return replace(pending, status=CommandStatus.CONFIRMED, version=version, reason=None, settled_at=at)
    if pending.status is not CommandStatus.ACCEPTED or pending.version is None or view.resume is None:
        return pending
    if view.epoch > pending.version.epoch and view.complete:
        if pending.resent:
            return replace(pending, status=CommandStatus.UNSEEN, settled_at=at)
        reason = "the server started a new log without it"
        return replace(pending, status=CommandStatus.UNCONFIRMED, reason=reason, resent=True)
    if view.epoch == pending.version.epoch and pending.version.seq in view.log(view.epoch).known:
        return replace(pending, status=CommandStatus.UNSEEN, settled_at=at)
    return pending


def _versions(view: OrderView, command_ids: set[str]) -> dict[str, Cursor]:
    """Return the versions of the milestones with these command ids."""
    if not command_ids:
        return {}
    return {
        entry.milestone.command_id.lower(): Cursor(entry.epoch, entry.milestone.seq)
        for entry in view.history.newest_first()
        if entry.milestone.command_id is not None and entry.milestone.command_id.lower() in command_ids
    }
