"""Faults of commands: rejected, applied without an answer, delayed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mock_server.faults.base import FaultLevel, SteadyFault
from mock_server.faults.parameters import OrderId, Seconds
from tracker_tui.domain.command import Verb


class CommandScope(StrEnum):
    """The commands that a fault applies to."""

    ALL = "all"
    CANCEL = "cancel"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFault(SteadyFault):
    """A fault that acts on commands.

    Attributes:
        order: Apply to commands for this order only.
        which: Apply to these commands only.
    """

    order: OrderId | None = None
    which: CommandScope = CommandScope.ALL

    def applies_to(self, order_id: str, verb: Verb) -> bool:
        """Return whether the fault can act on such a command for this order."""
        return self.order in (None, order_id) and self.which in (CommandScope.ALL, verb)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCommand(CommandFault):
    """Rejects commands with 409, whatever the state of the order."""

    name, level = "refuse-command", FaultLevel.SERVER
    advice = "withdraw the pending command visibly, and show the server's reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseCommandAnswer(CommandFault):
    """Applies commands, then resets the connection instead of answering."""

    name, level = "lose-command-answer", FaultLevel.CONNECTION
    advice = "show the command as unconfirmed, and retry with the same id until an answer or its event arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCommand(CommandFault):
    """Applies and answers commands after `seconds`, even if the client has given up waiting."""

    name, level = "slow-command", FaultLevel.SERVER
    advice = "show the command as pending; a second request with the same id is not a second command"
    seconds: Seconds = 5.0
