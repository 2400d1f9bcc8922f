"""The pending commands of every order, and the log lines about their results."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command
from tracker_tui.domain.overlay import CommandStatus, PendingCommand, PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.link.clock import Clock

_MAX_QUOTED = 60
"""Characters of a text that a log line quotes."""


class CommandStatuses:
    """The pending commands of every order, oldest first."""

    def __init__(self, clock: Clock, changes: ChangeQueue) -> None:
        self._clock = clock
        self._changes = changes
        self._pending: dict[str, PendingCommands] = {}
        self._reopened: list[str] = []

    def of(self, order_id: str) -> PendingCommands:
        """Return the commands of an order that are open or were settled recently."""
        return self._pending.get(order_id, ())

    @property
    def any_open(self) -> bool:
        """Whether a command is still open; a feed does not end before it is settled (PROTOCOL §7)."""
        return any(pending.is_open for pending_commands in self._pending.values() for pending in pending_commands)

    def find(self, order_id: str, command_id: str) -> PendingCommand | None:
        """Return one pending command; None if there is none with this id."""
        return next((pending for pending in self.of(order_id) if pending.command.command_id == command_id), None)

    def add(self, order_id: str, command: Command) -> None:
        """Add a new command."""
        now = self._clock.wall()
        self._pending[order_id] = (*overlay.recent(self.of(order_id), now), PendingCommand(command, now))
        self._note(order_id, f"{command.command} requested{f': {quote(command.text)}' if command.text else ''}")

    def update(self, order_id: str, command_id: str, transition: Callable[[PendingCommand], PendingCommand]) -> None:
        """Replace a pending command by what `transition` returns for it."""
        self._set(
            order_id,
            tuple(
                transition(pending) if pending.command.command_id == command_id else pending
                for pending in self.of(order_id)
            ),
        )

    def remove(self, order_id: str) -> None:
        """Drop the settled commands of an order."""
        self._pending.pop(order_id, None)

    def reconcile(self, view: OrderView) -> bool:
        """Compare the commands of an order with its newest view; return whether that changed any of them."""
        before = self.of(view.order_id)
        after = overlay.reconcile(before, view, self._clock.wall()) if before else before
        if any(new.resent and not old.resent for old, new in zip(before, after, strict=True)):
            self._reopened.append(view.order_id)
        self._set(view.order_id, after)
        return after is not before

    def take_reopened(self) -> list[str]:
        """Return the orders whose commands the server's new log has lost, since the last call."""
        reopened, self._reopened = self._reopened, []
        return reopened

    def _set(self, order_id: str, pending_commands: PendingCommands) -> None:
        before = self.of(order_id)
        if pending_commands == before:
            return
        self._pending[order_id] = pending_commands
        for old, new in zip(before, pending_commands, strict=True):
            if (text := _log_text(old, new)) is not None:
                self._note(order_id, f"{new.command.command} {text}")

    def _note(self, order_id: str, text: str) -> None:
        self._changes.put(Noted(self._clock.wall(), Topic.COMMAND, text, order_id))


def quote(text: str) -> str:
    """Return a text in quotation marks, cut if it is long."""
    return f"“{text if len(text) <= _MAX_QUOTED else f'{text[:_MAX_QUOTED]}…'}”"


def _log_text(old: PendingCommand, new: PendingCommand) -> str | None:
    """Return the log line for a change of a command; None for a change without one."""
    if new.status is old.status:
        # Each try may fail in its own way: the delay is logged once.
        return f"not sent yet: {new.reason}" if new.reason and not old.reason else None
    match new.status:
        case CommandStatus.UNCONFIRMED:
            return f"unconfirmed: {new.reason}; retrying with the same id"
        case CommandStatus.CONFIRMED:
            late = " after all" if old.status is CommandStatus.REFUSED else ""
            return f"confirmed{late}, seq {new.version.seq if new.version else '?'}"
        case CommandStatus.REFUSED:
            return f"refused: {new.reason}"
        case CommandStatus.UNSEEN:
            return "accepted by the server, but missing from the known history"
        case _:
            return None
