"""Sending commands: asked until there is an answer, always under the same id, never faster than the server allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, Protocol
from uuid import uuid4

from tracker_tui.domain import overlay
from tracker_tui.domain.codes import Recovery
from tracker_tui.domain.command import Accepted, Command, Verb
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.link.auth.authorization import Authorization
from tracker_tui.link.auth.token import Token
from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import LinkError, NoToken, Refused, ServerBusy, TransportDown
from tracker_tui.link.orders.command_status import CommandStatuses
from tracker_tui.link.session import backoff
from tracker_tui.link.session.verdicts import SIGN_IN, verdict_of

_RATE_LIMITED = 429


class Counter(Protocol):
    """Where commands are handed in."""

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Have one applied; raises `LinkError`."""


class CommandSender:
    """Delivers what was asked, each command in a task of its own.

    Args:
        counter: Where they are handed in.
        pending: Where it is written down what comes of them.
        authorization: What sends a command with a token.
        random: Where jitter is drawn from.
        spawn: Runs a task.
        told: Called with an order's id after one of its wishes changed.
    """

    def __init__(
        self,
        counter: Counter,
        pending_commands: CommandStatuses,
        authorization: Authorization,
        clock: Clock,
        random: Random,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        told: Callable[[str], None],
    ) -> None:
        self._counter = counter
        self._wishes = pending_commands
        self._authorization = authorization
        self._clock = clock
        self._random = random
        self._spawn = spawn
        self._told = told
        self._under_way: set[str] = set()
        self._nudge = asyncio.Event()
        self._leaving = asyncio.Event()

    def send(self, order_id: str, verb: Verb, text: str | None) -> str:
        """Ask something of an order; gives the command's id.

        Raises:
            ValueError: A note without a text.
        """
        command = Command(str(uuid4()), verb, text)
        self._wishes.add(order_id, command)
        self._deliver_soon(order_id, command)
        self._told(order_id)
        return command.command_id

    def resume(self, order_id: str) -> None:
        """Deliver again what the server's new log has lost."""
        for pending in self._wishes.of(order_id):
            if pending.is_unanswered:
                self._deliver_soon(order_id, pending.command)

    def retry_now(self) -> None:
        """The server can be reached again: whoever waits of their own accord tries now."""
        self._nudge.set()
        self._nudge = asyncio.Event()

    def close(self) -> None:
        """Try nothing once more; what is being asked at this moment may still be answered."""
        self._leaving.set()
        self.retry_now()

    def _deliver_soon(self, order_id: str, command: Command) -> None:
        if command.command_id not in self._under_way and not self._leaving.is_set():
            self._under_way.add(command.command_id)
            self._spawn(self._deliver(order_id, command))

    async def _deliver(self, order_id: str, command: Command) -> None:
        tries = 0
        try:
            while not self._leaving.is_set() and self._is_unanswered(order_id, command):
                floor = await self._try(order_id, command)
                if floor is None:
                    # Asked again only with another token, or if the log that it was written to is lost.
                    continue
                await self._pause(floor, self._leaving)
                await self._pause(backoff.wait(tries, self._random.random()) - floor, self._nudge)
                tries += 1
        finally:
            self._under_way.discard(command.command_id)

    async def _try(self, order_id: str, command: Command) -> float | None:
        """Ask once; seconds for which the server forbids another try, or None where another one needs no wait."""
        change = partial(self._change, order_id, command)
        try:
            answer = await self._ask(order_id, command)
        except LinkError as error:
            verdict = verdict_of(error)
            reason = _reason(error)
            if self._is_final(error, verdict.recovery):
                change(lambda pending: overlay.mark_refused(pending, reason, self._clock.wall()))
                return None
            failed = overlay.mark_unconfirmed if _may_be_applied(error) else overlay.mark_delayed
            change(lambda pending: failed(pending, reason))
            floor = backoff.floor(verdict.retry_after or 0.0, self._random.random())
            if isinstance(error, Refused) and verdict.recovery in SIGN_IN:
                # The next try waits for another token, and needs no wait of its own.
                await self._pause(floor, self._leaving)
                return None
            return floor
        change(lambda pending: overlay.mark_accepted(pending, answer.version))
        return None

    async def _ask(self, order_id: str, command: Command) -> Accepted:
        return await self._authorization.send(partial(self._hand_in, order_id, command), urgent=True)

    async def _hand_in(self, order_id: str, command: Command, token: Token | None) -> Accepted:
        try:
            return await self._counter.command(order_id, command, token)
        except asyncio.CancelledError:
            # It may have got there, and nobody waits for the answer any more.
            self._change(
                order_id, command, lambda pending: overlay.mark_unconfirmed(pending, "left before it was answered")
            )
            raise

    async def _pause(self, seconds: float, unless: asyncio.Event) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(unless.wait(), seconds)

    def _is_unanswered(self, order_id: str, command: Command) -> bool:
        pending = self._wishes.find(order_id, command.command_id)
        return pending is not None and pending.is_unanswered

    def _is_final(self, error: LinkError, course: Recovery) -> bool:
        """Whether the gateway itself has said no, and will go on saying so."""
        return isinstance(error, Refused) and (
            course is Recovery.FINAL or (course in SIGN_IN and not self._authorization.uses_tokens)
        )

    def _change(self, order_id: str, command: Command, to: Callable[[PendingCommand], PendingCommand]) -> None:
        self._wishes.update(order_id, command.command_id, to)
        self._told(order_id)


def _may_be_applied(error: LinkError) -> bool:
    """Whether a command that failed like this may have been applied all the same."""
    match error:
        case TransportDown(connected=connected):
            return connected
        case ServerBusy(status=status):
            # Whoever counts requests turns them away; any other box may have passed it on before it gave up.
            return status != _RATE_LIMITED
        case Refused() | NoToken():
            return False
        case _:
            return True


def _reason(error: LinkError) -> str:
    """Why it came to nothing: in the gateway's own words where it has some."""
    return error.problem.detail if isinstance(error, Refused) and error.problem.detail else str(error)
