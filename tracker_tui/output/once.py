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
from tracker_tui.output.error_messages import out_of_time, refused, signed_out, unreachable
from tracker_tui.output.exit_codes import Exit, first_of, judge
from tracker_tui.output.stdout import Lines

_SIGN_IN = {"auth_rejected", "token_expired"}
_THIS_ORDER = {"order_not_found", "forbidden", "invalid", "too_large"}


Describe = Callable[[OrderChanged], Iterable[str]]
"""What turns an order as it stands into lines."""


class Source(Protocol):
    """Where snapshots come from."""

    async def snapshot(self, order_id: str) -> Snapshot:
        """Get one, or raise a `LinkError`."""


async def once(
    order_ids: Sequence[str],
    source: Source,
    describe: Describe,
    out: Lines,
    complain: Callable[[str], None],
    *,
    server: str,
    timeout: float | None = None,
) -> Exit:
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
    exits: list[Exit] = []
    try:
        async with asyncio.timeout(timeout):
            for order_id, request in requests.items():
                try:
                    change = _as_it_stands(await request)
                except LinkError as error:
                    reason, complaint = _why(order_id, error, server)
                    complain(complaint)
                    exits.append(reason)
                    if reason is not Exit.UNKNOWN_ORDER:
                        break
                else:
                    await out.write(describe(change))
                    exits.append(judge([change.view], (), None))
    except TimeoutError:
        complain(out_of_time(timeout or 0.0))
        exits.append(Exit.UNREACHABLE)
    finally:
        for request in requests.values():
            request.cancel()
        await asyncio.gather(*requests.values(), return_exceptions=True)
    return first_of(exits)


def _as_it_stands(snapshot: Snapshot) -> OrderChanged:
    arrived = tuple(Entry(snapshot.epoch, milestone, True) for milestone in snapshot.history)
    return OrderChanged(snapshot.order_id, lift(snapshot), Standing.IN_SYNC, arrived)


def why_not(error: LinkError, server: str) -> tuple[Exit, str]:
    """The exit code and the complaint for a gateway that gives no answer to anything."""
    if isinstance(error, NoToken):
        return Exit.SIGNED_OUT, signed_out(None, str(error))
    if isinstance(error, Refused) and error.problem.code in _SIGN_IN:
        return Exit.SIGNED_OUT, signed_out(error.problem.code, str(error))
    return Exit.UNREACHABLE, unreachable(server, str(error))


def _why(order_id: str, error: LinkError, server: str) -> tuple[Exit, str]:
    if isinstance(error, Refused) and error.problem.code in _THIS_ORDER:
        return Exit.UNKNOWN_ORDER, refused(order_id, error.problem, server)
    if isinstance(error, Oversized):
        return Exit.UNKNOWN_ORDER, f"the gateway's answer for order {order_id} is over 1 MiB; ask who runs it"
    return why_not(error, server)
