"""The handling of commands: each is applied once, and repeated requests get the same answer (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from mock_server.faults.commands import CommandFault, RefuseCommand
from mock_server.gateway.edits import add_note, current_state, end_order
from mock_server.gateway.gateway import Gateway
from mock_server.orders.flows import CANCELLABLE
from tracker_tui.domain.command import Accepted, Command, Verb
from tracker_tui.domain.order import Outcome


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command is rejected; `reason` is for people."""

    reason: str


Decision = Accepted | Rejected
"""The result of a command."""

ID_REUSED = Rejected("this commandId was used for another command")


class CommandHandler:
    """Applies commands to the event log, and remembers each decision."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._decisions: dict[str, tuple[str, Command, Decision]] = {}
        # A repeated request waits while the first one is being applied.
        self._lock = asyncio.Lock()

    async def handle(self, order_id: str, command: Command, source: str | None) -> Decision:
        """Apply a command to an existing order, or return the decision of an earlier request.

        Args:
            order_id: The order's id.
            command: The command.
            source: The source to record in the order's history.
        """
        command_id = command.command_id.lower()
        async with self._lock:
            if (earlier := self._decisions.get(command_id)) is not None:
                earlier_order, earlier_command, decision = earlier
                is_same = (earlier_order, earlier_command.command, earlier_command.text) == (
                    order_id,
                    command.command,
                    command.text,
                )
                return decision if is_same else ID_REUSED
            decision = await self._decide(order_id, command, source)
            # Rejections too: a late repeated request must not apply a rejected command.
            self._decisions[command_id] = order_id, command, decision
            return decision

    async def _decide(self, order_id: str, command: Command, source: str | None) -> Decision:
        if (fault := self.triggered_fault(RefuseCommand, order_id, command)) is not None:
            self._gateway.fault_log.write(fault.name, "refused", order_id, command.command)
            return Rejected("refused by a fault")
        if command.command is Verb.CANCEL:
            if (reason := await self._cancel_conflict(order_id)) is not None:
                return Rejected(reason)
            version = await end_order(
                self._gateway,
                order_id,
                Outcome.CANCELLED,
                text=command.text,
                source=source,
                command_id=command.command_id,
            )
        else:
            version = await add_note(
                self._gateway, order_id, command.text or "", source=source, command_id=command.command_id
            )
        return Accepted(command.command_id, version.epoch, version.seq)

    async def _cancel_conflict(self, order_id: str) -> str | None:
        state = await current_state(self._gateway, order_id)
        if state is not None and state.outcome is not None:
            return f"the order has ended: {state.outcome.value}"
        if state is None or state.status not in CANCELLABLE:
            return "the order is on its way and can no longer be cancelled"
        return None

    def triggered_fault(self, kind: type[CommandFault], order_id: str, command: Command) -> CommandFault | None:
        """Return the first armed fault of this kind that is triggered by the command."""
        triggered = self._gateway.plan.triggered(
            kind, lambda fault: fault.applies_to(order_id, command.command), order_id
        )
        return next(triggered, None)
