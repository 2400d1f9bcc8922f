"""What was asked of the orders of a feed, and what came of it: the one place where wishes change and are told of."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command
from tracker_tui.domain.overlay import CommandStatus, PendingCommand, PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.link.clock import Clock

_MOST_QUOTED = 60


class CommandStatuses:
    """The wishes of every order, oldest first."""

    def __init__(self, clock: Clock, outbox: ChangeQueue) -> None:
        self._clock = clock
        self._outbox = outbox
        self._wishes: dict[str, PendingCommands] = {}
        self._reopened: list[str] = []

    def of(self, order_id: str) -> PendingCommands:
        """What was asked of an order and is open, or was decided not long ago."""
        return self._wishes.get(order_id, ())

    @property
    def any_open(self) -> bool:
        """Whether anything is still to be decided; a feed doesn't end before (PROTOCOL §7)."""
        return any(pending.is_open for pending_commands in self._wishes.values() for pending in pending_commands)

    def find(self, order_id: str, command_id: str) -> PendingCommand | None:
        """One wish."""
        return next((pending for pending in self.of(order_id) if pending.command.command_id == command_id), None)

    def add(self, order_id: str, command: Command) -> None:
        """Write down a new wish."""
        now = self._clock.wall()
        self._wishes[order_id] = (*overlay.recent(self.of(order_id), now), PendingCommand(command, now))
        self._note(order_id, f"{command.command} asked{f': {quote(command.text)}' if command.text else ''}")

    def update(self, order_id: str, command_id: str, to: Callable[[PendingCommand], PendingCommand]) -> None:
        """Take in what became of a wish."""
        pending_commands = self.of(order_id)
        self._set(
            order_id,
            tuple(to(pending) if pending.command.command_id == command_id else pending for pending in pending_commands),
        )

    def remove(self, order_id: str) -> None:
        """Drop what was asked of an order: it is decided."""
        self._wishes.pop(order_id, None)

    def reconcile(self, view: OrderView) -> bool:
        """Hold the wishes of an order against its newest view; True if that decided anything."""
        pending_commands = self.of(view.order_id)
        learnt = overlay.reconcile(pending_commands, view, self._clock.wall()) if pending_commands else pending_commands
        if any(new.resent and not old.resent for old, new in zip(pending_commands, learnt, strict=True)):
            self._reopened.append(view.order_id)
        self._set(view.order_id, learnt)
        return learnt is not pending_commands

    def take_reopened(self) -> list[str]:
        """The orders of which, since this was last asked, the server's new log has lost something that was asked."""
        reopened, self._reopened = self._reopened, []
        return reopened

    def _set(self, order_id: str, pending_commands: PendingCommands) -> None:
        before = self.of(order_id)
        if pending_commands == before:
            return
        self._wishes[order_id] = pending_commands
        for old, new in zip(before, pending_commands, strict=True):
            if (text := _news(old, new)) is not None:
                self._note(order_id, f"{new.command.command} {text}")

    def _note(self, order_id: str, text: str) -> None:
        self._outbox.put(Noted(self._clock.wall(), Topic.COMMAND, text, order_id))


def quote(text: str) -> str:
    """A text as a quotation, cut where it is long."""
    return f"“{text if len(text) <= _MOST_QUOTED else f'{text[:_MOST_QUOTED]}…'}”"


def _news(old: PendingCommand, new: PendingCommand) -> str | None:
    """What a change of a wish means to people; None where nothing is to be said of it."""
    if new.status is old.status:
        # Each try may fail in its own way: that it is not through is said once.
        return f"not sent yet: {new.reason}" if new.reason and not old.reason else None
    match new.status:
        case CommandStatus.UNCONFIRMED:
            return f"unconfirmed: {new.reason}; asking again under the same id"
        case CommandStatus.CONFIRMED:
            late = " after all" if old.status is CommandStatus.REFUSED else ""
            return f"confirmed{late}, seq {new.version.seq if new.version else '?'}"
        case CommandStatus.REFUSED:
            return f"refused: {new.reason}"
        case CommandStatus.UNSEEN:
            return "accepted, says the server; it is not in the history that is held"
        case _:
            return None
