"""Faults that strike commands: refused, applied without an answer, kept waiting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mock_server.faults.base import FaultLevel, SteadyFault
from mock_server.faults.parameters import OrderId, Seconds
from tracker_tui.domain.command import Verb


class CommandScope(StrEnum):
    """Which commands are meant."""

    ALL = "all"
    CANCEL = "cancel"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFault(SteadyFault):
    """A fault that strikes commands.

    Attributes:
        order: Strike commands on this order only.
        which: Strike these commands only.
    """

    order: OrderId | None = None
    which: CommandScope = CommandScope.ALL

    def applies_to(self, order_id: str, verb: Verb) -> bool:
        """Whether it strikes such a command on such an order."""
        return self.order in (None, order_id) and self.which in (CommandScope.ALL, verb)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCommand(CommandFault):
    """Refuses commands with 409, whatever the order's state."""

    name, level = "refuse-command", FaultLevel.SERVER
    advice = "take the wish back where all can see it, and show the gateway's reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseCommandAnswer(CommandFault):
    """Applies commands and resets the connection instead of answering."""

    name, level = "lose-command-answer", FaultLevel.CONNECTION
    advice = "show the command as unconfirmed, and ask again with the same id until an answer or its event comes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCommand(CommandFault):
    """Applies and answers commands only after `seconds`, whether or not the client still waits."""

    name, level = "slow-command", FaultLevel.SERVER
    advice = "show the command as pending; a second request with the same id is no second command"
    seconds: Seconds = 5.0
