"""The present state of some orders, by one GET each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import OrderChanged, Standing
from tracker_tui.link.errors import LinkError, NoToken, Oversized, Refused
from tracker_tui.link.http.server import REQUESTS
from tracker_tui.output.error_messages import order_refused, server_unreachable, signed_out, timeout_exceeded
from tracker_tui.output.exit_codes import ExitCode, exit_code_of_orders, most_severe
from tracker_tui.output.stdout import LineWriter

_SIGN_IN = {"auth_rejected", "token_expired"}
_THIS_ORDER = {"order_not_found", "forbidden", "invalid", "too_large"}


Describe = Callable[[OrderChanged], Iterable[str]]
"""What turns an order as it stands into lines."""


class SnapshotSource(Protocol):
    """Where snapshots come from."""

    async def snapshot(self, order_id: str) -> Snapshot:
        """Get one, or raise a `LinkError`."""


async def report_once(
    order_ids: Sequence[str],
    source: SnapshotSource,
    describe: Describe,
    out: LineWriter,
    complain: Callable[[str], None],
    *,
    server: str,
    timeout: float | None = None,
) -> ExitCode:
    """Report each order as it stands, in the order asked for.

    A gateway that does not answer ends the report at once: the other orders are at the same place.

    Raises:
        BrokenPipeError: Nobody reads the report any more.
    """
    turns = asyncio.Semaphore(REQUESTS)

    async def get(order_id: str) -> Snapshot:
        async with turns:
            return await source.snapshot(order_id)

    requests = {order_id: asyncio.create_task(get(order_id)) for order_id in order_ids}
    exits: list[ExitCode] = []
    try:
        async with asyncio.timeout(timeout):
            for order_id, request in requests.items():
                try:
                    change = _as_it_stands(await request)
                except LinkError as error:
                    reason, complaint = _why(order_id, error, server)
                    complain(complaint)
                    exits.append(reason)
                    if reason is not ExitCode.UNKNOWN_ORDER:
                        break
                else:
                    await out.write(describe(change))
                    exits.append(exit_code_of_orders([change.view], (), None))
    except TimeoutError:
        complain(timeout_exceeded(timeout or 0.0))
        exits.append(ExitCode.UNREACHABLE)
    finally:
        for request in requests.values():
            request.cancel()
        await asyncio.gather(*requests.values(), return_exceptions=True)
    return most_severe(exits)


def _as_it_stands(snapshot: Snapshot) -> OrderChanged:
    arrived = tuple(Entry(snapshot.epoch, milestone, True) for milestone in snapshot.history)
    return OrderChanged(snapshot.order_id, lift(snapshot), Standing.IN_SYNC, arrived)


def explain_failure(error: LinkError, server: str) -> tuple[ExitCode, str]:
    """The exit code and the complaint for a gateway that gives no answer to anything."""
    if isinstance(error, NoToken):
        return ExitCode.SIGNED_OUT, signed_out(None, str(error))
    if isinstance(error, Refused) and error.problem.code in _SIGN_IN:
        return ExitCode.SIGNED_OUT, signed_out(error.problem.code, str(error))
    return ExitCode.UNREACHABLE, server_unreachable(server, str(error))


def _why(order_id: str, error: LinkError, server: str) -> tuple[ExitCode, str]:
    if isinstance(error, Refused) and error.problem.code in _THIS_ORDER:
        return ExitCode.UNKNOWN_ORDER, order_refused(order_id, error.problem, server)
    if isinstance(error, Oversized):
        return ExitCode.UNKNOWN_ORDER, f"the gateway's answer for order {order_id} is over 1 MiB; ask who runs it"
    return explain_failure(error, server)
