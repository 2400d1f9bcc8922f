"""Sends commands: each is retried under the same id until it is answered, never faster than the server allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

from tracker_tui.domain import overlay
from tracker_tui.domain.codes import Recovery
from tracker_tui.domain.command import Accepted, Command, Verb
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.link.auth.token import Token
from tracker_tui.link.authorization import Authorization
from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import LinkError, NoToken, Refused, ServerBusy, TransportDown
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.orders.command_status import CommandStatuses
from tracker_tui.link.session import backoff
from tracker_tui.link.session.verdicts import SIGN_IN, verdict_of

_RATE_LIMITED = 429


class CommandSender:
    """Sends commands, each in a task of its own.

    Args:
        api: The API to which commands are sent.
        pending_commands: The pending commands, which keep the results.
        authorization: Sends a request with a token.
        clock: The clock of the feed.
        random: Source of jitter.
        spawn: Starts a task.
        on_change: Called with an order's id after one of its pending commands changed.
    """

    def __init__(
        self,
        api: OrdersApi,
        pending_commands: CommandStatuses,
        authorization: Authorization,
        clock: Clock,
        random: Random,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        on_change: Callable[[str], None],
    ) -> None:
        self._api = api
        self._pending_commands = pending_commands
        self._authorization = authorization
        self._clock = clock
        self._random = random
        self._spawn = spawn
        self._on_change = on_change
        self._in_flight: set[str] = set()
        self._retry_now = asyncio.Event()
        self._closing = asyncio.Event()

    def send(self, order_id: str, verb: Verb, text: str | None) -> str:
        """Send a command for an order; return the command's id.

        Raises:
            ValueError: A note without a text.
        """
        command = Command(str(uuid4()), verb, text)
        self._pending_commands.add(order_id, command)
        self._start(order_id, command)
        self._on_change(order_id)
        return command.command_id

    def resume(self, order_id: str) -> None:
        """Send the commands again that the server's new log has lost."""
        for pending in self._pending_commands.of(order_id):
            if pending.is_unanswered:
                self._start(order_id, pending.command)

    def retry_now(self) -> None:
        """Retry the commands that wait for their backoff: the server can be reached again."""
        self._retry_now.set()
        self._retry_now = asyncio.Event()

    def close(self) -> None:
        """Stop retrying; requests in flight may still be answered."""
        self._closing.set()
        self.retry_now()

    def _start(self, order_id: str, command: Command) -> None:
        if command.command_id not in self._in_flight and not self._closing.is_set():
            self._in_flight.add(command.command_id)
            self._spawn(self._deliver(order_id, command))

    async def _deliver(self, order_id: str, command: Command) -> None:
        tries = 0
        try:
            while not self._closing.is_set() and self._is_unanswered(order_id, command):
                floor = await self._try(order_id, command)
                if floor is None:
                    # A next try happens only with another token, or after the server lost the log with this command.
                    continue
                await self._pause(floor, self._closing)
                await self._pause(backoff.wait(tries, self._random.random()) - floor, self._retry_now)
                tries += 1
        finally:
            self._in_flight.discard(command.command_id)

    async def _try(self, order_id: str, command: Command) -> float | None:
        """Send once; return the server's floor for the next try in seconds, or None if that needs no wait."""
        update = partial(self._update, order_id, command)
        try:
            answer = await self._authorization.send(partial(self._post, order_id, command), urgent=True)
        except LinkError as error:
            verdict = verdict_of(error)
            reason = _reason(error)
            if self._is_final(error, verdict.recovery):
                update(lambda pending: overlay.mark_refused(pending, reason, self._clock.wall()))
                return None
            failed = overlay.mark_unconfirmed if _may_be_applied(error) else overlay.mark_delayed
            update(lambda pending: failed(pending, reason))
            floor = backoff.floor(verdict.retry_after or 0.0, self._random.random())
            if isinstance(error, Refused) and verdict.recovery in SIGN_IN:
                # The next try waits for another token, and needs no wait of its own.
                await self._pause(floor, self._closing)
                return None
            return floor
        update(lambda pending: overlay.mark_accepted(pending, answer.version))
        return None

    async def _post(self, order_id: str, command: Command, token: Token | None) -> Accepted:
        try:
            return await self._api.command(order_id, command, token)
        except asyncio.CancelledError:
            # The server may have received it, but the answer is lost.
            self._update(
                order_id, command, lambda pending: overlay.mark_unconfirmed(pending, "left before it was answered")
            )
            raise

    async def _pause(self, seconds: float, interrupt: asyncio.Event) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(interrupt.wait(), seconds)

    def _is_unanswered(self, order_id: str, command: Command) -> bool:
        pending = self._pending_commands.find(order_id, command.command_id)
        return pending is not None and pending.is_unanswered

    def _is_final(self, error: LinkError, recovery: Recovery) -> bool:
        """Return whether the server itself refused the command, and would refuse it again."""
        return isinstance(error, Refused) and (
            recovery is Recovery.FINAL or (recovery in SIGN_IN and not self._authorization.uses_tokens)
        )

    def _update(self, order_id: str, command: Command, transition: Callable[[PendingCommand], PendingCommand]) -> None:
        self._pending_commands.update(order_id, command.command_id, transition)
        self._on_change(order_id)


def _may_be_applied(error: LinkError) -> bool:
    """Return whether the server may have applied a command that failed with `error`."""
    match error:
        case TransportDown(connected=connected):
            return connected
        case ServerBusy(status=status):
            # A rate limiter does not pass requests on; any other proxy may have done so before it gave up.
            return status != _RATE_LIMITED
        case Refused() | NoToken():
            return False
        case _:
            return True


def _reason(error: LinkError) -> str:
    """Return why a command failed, in the server's own words if it sent any."""
    return error.problem.detail if isinstance(error, Refused) and error.problem.detail else str(error)
