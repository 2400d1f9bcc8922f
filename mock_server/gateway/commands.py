"""Where commands are taken: each is applied once, however often it is asked, and its answer kept (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from mock_server.faults.commands import CommandFault, RefuseCommand
from mock_server.gateway.edits import add_note, end, state_of
from mock_server.gateway.gateway import Gateway
from mock_server.orders.flows import CANCELLABLE
from tracker_tui.domain.command import Accepted, Command, Verb
from tracker_tui.domain.order import Outcome


@dataclass(frozen=True, slots=True)
class Declined:
    """The command is refused; `why` is for people."""

    why: str


Decision = Accepted | Declined
"""What came of a command."""

OTHER_COMMAND = Declined("this commandId was used for another command")


class Desk:
    """Applies commands to the log of a gateway; what was decided is remembered as long as the log."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._decided: dict[str, tuple[str, Command, Decision]] = {}
        # A command that is asked again while it is being applied waits for what comes of it.
        self._turn = asyncio.Lock()

    async def take(self, order_id: str, command: Command, asker: str | None) -> Decision:
        """Apply a command to an order that exists, unless that was done already.

        Args:
            order_id: Which order.
            command: What is asked.
            asker: Who asks, as history will tell.
        """
        name = command.command_id.lower()
        async with self._turn:
            if (before := self._decided.get(name)) is not None:
                known_order, known, decision = before
                same = (known_order, known.command, known.text) == (order_id, command.command, command.text)
                return decision if same else OTHER_COMMAND
            decision = await self._decide(order_id, command, asker)
            # A refusal, too: whoever was told of it must not find it applied by a request that was late.
            self._decided[name] = order_id, command, decision
            return decision

    async def _decide(self, order_id: str, command: Command, asker: str | None) -> Decision:
        if (fault := self.struck(RefuseCommand, order_id, command)) is not None:
            self._gateway.ledger.write(fault.name, "refused", order_id, command.command)
            return Declined("refused by a fault")
        if command.command is Verb.CANCEL:
            if (why := await self._why_not_cancelled(order_id)) is not None:
                return Declined(why)
            version = await end(
                self._gateway,
                order_id,
                Outcome.CANCELLED,
                text=command.text,
                source=asker,
                command_id=command.command_id,
            )
        else:
            version = await add_note(
                self._gateway, order_id, command.text or "", source=asker, command_id=command.command_id
            )
        return Accepted(command.command_id, version.epoch, version.seq)

    async def _why_not_cancelled(self, order_id: str) -> str | None:
        state = await state_of(self._gateway, order_id)
        if state is not None and state.outcome is not None:
            return f"the order has ended: {state.outcome.value}"
        if state is None or state.status not in CANCELLABLE:
            return "the order is on its way and can no longer be cancelled"
        return None

    def struck(self, kind: type[CommandFault], order_id: str, command: Command) -> CommandFault | None:
        """The armed fault of this kind that strikes a command, if one does."""
        strikes = self._gateway.plan.all_that_strike(
            kind, lambda fault: fault.could(order_id, command.command), order_id
        )
        return next(strikes, None)
