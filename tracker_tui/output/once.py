"""``--once``: the present state of orders, with one GET each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import OrderChanged, Standing
from tracker_tui.link.errors import LinkError, NoToken, Oversized, Refused
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.output.error_messages import (
    order_refused,
    served_ids,
    server_unreachable,
    signed_out,
    timeout_exceeded,
)
from tracker_tui.output.exit_codes import ExitCode, exit_code_of_orders, most_severe
from tracker_tui.output.stdout import LineWriter
from tracker_tui.output.watch import Describe

_SIGN_IN_CODES = {"auth_rejected", "token_expired"}
_ORDER_CODES = {"order_not_found", "forbidden", "invalid", "too_large"}

_INCOMPLETE = {ExitCode.UNREACHABLE, ExitCode.SIGNED_OUT}
"""Exit codes after which orders may be missing that were not refused."""

FetchSnapshot = Callable[[str], Awaitable[Snapshot]]
"""Fetches the snapshot of an order by its id; raises `LinkError`."""


async def report_once(
    order_ids: Sequence[str],
    fetch_snapshot: FetchSnapshot,
    describe: Describe,
    out: LineWriter,
    print_error: Callable[[str], None],
    *,
    server: str,
    timeout: float | None = None,
    conclude: Callable[[], Iterable[str]] = tuple,
    known_ids: Callable[[], Iterable[str]] = tuple,
) -> ExitCode:
    """Report the present state of each order, in the given sequence.

    If the server doesn't answer one request, stop: it would not answer the others either.

    Args:
        order_ids: The orders.
        fetch_snapshot: Fetches a snapshot.
        describe: Turns an order into lines.
        out: Takes the lines.
        print_error: Takes one line for stderr.
        server: The server's URL, for messages.
        timeout: Seconds after which to give up; None to wait without limit.
        conclude: Returns lines after all orders. It is not called if orders are missing that the server did not
            refuse, because a document without them would look complete.
        known_ids: Returns ids, besides the given ones, that the user may have meant by an unknown one.

    Raises:
        BrokenPipeError: The reader of the report is gone.
        OutputUnwritable: The report can't be written.
    """
    limit = asyncio.Semaphore(MAX_CONCURRENT_FETCHES)

    async def fetch(order_id: str) -> Snapshot:
        async with limit:
            return await fetch_snapshot(order_id)

    requests = {order_id: asyncio.create_task(fetch(order_id)) for order_id in order_ids}
    codes: list[ExitCode] = []
    refused: set[str] = set()
    try:
        async with asyncio.timeout(timeout):
            for order_id, request in requests.items():
                try:
                    change = _as_change(await request)
                except LinkError as error:
                    refused.add(order_id)
                    known = partial(served_ids, order_ids, refused, known_ids)
                    code, message = _explain_order_failure(order_id, error, server, known)
                    print_error(message)
                    codes.append(code)
                    if code is not ExitCode.UNKNOWN_ORDER:
                        break
                else:
                    await out.write(describe(change))
                    codes.append(exit_code_of_orders([change.view], (), None))
    except TimeoutError:
        print_error(timeout_exceeded(timeout or 0.0))
        codes.append(ExitCode.UNREACHABLE)
    finally:
        for request in requests.values():
            request.cancel()
        await asyncio.gather(*requests.values(), return_exceptions=True)
    if not _INCOMPLETE.intersection(codes):
        await out.write(conclude())
    return most_severe(codes)


def explain_failure(error: LinkError, server: str) -> tuple[ExitCode, str]:
    """Return the exit code and the message for a request that failed for any order."""
    if isinstance(error, NoToken):
        return ExitCode.SIGNED_OUT, signed_out(None, str(error))
    if isinstance(error, Refused) and error.problem.code in _SIGN_IN_CODES:
        return ExitCode.SIGNED_OUT, signed_out(error.problem.code, str(error))
    return ExitCode.UNREACHABLE, server_unreachable(server, str(error))


def _as_change(snapshot: Snapshot) -> OrderChanged:
    arrived = tuple(Entry(snapshot.epoch, milestone, True) for milestone in snapshot.history)
    return OrderChanged(snapshot.order_id, lift(snapshot), Standing.IN_SYNC, arrived)


def _explain_order_failure(
    order_id: str, error: LinkError, server: str, known: Callable[[], Iterable[str]]
) -> tuple[ExitCode, str]:
    if isinstance(error, Refused) and error.problem.code in _ORDER_CODES:
        return ExitCode.UNKNOWN_ORDER, order_refused(order_id, error.problem, server, known)
    if isinstance(error, Oversized):
        message = f"the server's answer for order {order_id} is over 1 MiB; report it to the server's operator"
        return ExitCode.UNKNOWN_ORDER, message
    return explain_failure(error, server)
