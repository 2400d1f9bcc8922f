"""Error messages: one line that says what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from tracker_tui.domain.closest import closest
from tracker_tui.domain.codes import ErrorCode
from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.link.labels import why_refused, why_signed_out
from tracker_tui.wording.advice import unreachable_advice

if TYPE_CHECKING:
    from pathlib import Path

    from tracker_tui.wire.messages import Problem


_MAX_DETAIL = 300
"""Characters of a server's text in a message."""

_SELF_EXPLANATORY = {ErrorCode.ORDER_NOT_FOUND}
"""Codes for which the server's text adds nothing."""

_HINTS = {"forbidden": "ask for access to it", "invalid": "check the id and --server"}


def server_unreachable(server: str, reason: str | None) -> str:
    """Return the message for a URL without an order server.

    Args:
        server: The URL.
        reason: The reason, safe to print.
    """
    why = f" ({truncate(reason)})" if reason else ""
    return f"no order server at {sanitize(server)}{why}; {unreachable_advice(server)}"


def timeout_exceeded(seconds: float) -> str:
    """Return the message for the end of ``--timeout``."""
    return f"gave up after {seconds:g} s; allow more with --timeout, or leave it out to wait without limit"


def unknown_status(status: str, stages: Iterable[str]) -> str:
    """Return the warning for a status of ``--until`` that is not among the orders' stages."""
    known = ", ".join(map(sanitize, stages))
    return f'--until: unknown status "{sanitize(status)}" (known: {known}); still waiting'


def misspelt_status(status: str, nearest: str) -> str:
    """Return the message for a status of ``--until`` that is unknown, while another one is close to it."""
    return f'--until: unknown status "{sanitize(status)}"; did you mean {sanitize(nearest)}?'


def order_refused(order_id: str, problem: Problem, server: str, known: Callable[[], Iterable[str]] = tuple) -> str:
    """Return the message for an order that the server refuses.

    Args:
        order_id: The order.
        problem: Why it is refused.
        server: The server's URL.
        known: Returns the ids that the user may have meant; called for an unknown order.
    """
    has_detail = problem.detail and problem.code not in _SELF_EXPLANATORY
    detail = f" ({truncate(sanitize(problem.detail))})" if has_detail else ""
    hint = _HINTS.get(problem.code, "check the id")
    if problem.code == ErrorCode.ORDER_NOT_FOUND and (meant := closest(order_id, known())) is not None:
        hint = f"did you mean {meant}?"
    return f"order {order_id}: {why_refused(problem.code)}{detail} at the server {sanitize(server)}; {hint}"


def served_ids(
    watched: Iterable[str], refused: Collection[str], known_ids: Callable[[], Iterable[str]]
) -> Iterator[str]:
    """Yield the watched and the known ids that the server has not refused."""
    for order_id in (*watched, *known_ids()):
        if order_id not in refused:
            yield order_id


def undecided_commands(feed: Feed) -> Iterator[str]:
    """Yield a message for each command without an answer, when the feed is closed."""
    for order_id in feed.views:
        for pending in feed.pending_commands(order_id):
            if pending.is_open:
                yield _undecided_command(order_id, pending)


def _undecided_command(order_id: str, pending: PendingCommand) -> str:
    what = {Verb.CANCEL: "cancellation", Verb.NOTE: "note"}[pending.command.command]
    text = f" ({truncate(sanitize(pending.command.text))})" if pending.command.text else ""
    if pending.status is CommandStatus.PENDING:
        return f"the {what} for order {order_id}{text} was not sent; send it again"
    return (
        f"the {what} for order {order_id}{text} may have been applied, and is not sent again; check the order's history"
    )


def signed_out(code: str | None, reason: str | None) -> str:
    """Return the message for a server that accepts no token, or for a missing token."""
    return (
        f"signed out ({truncate(why_signed_out(code, reason))}); "
        "give a fresh token with --token-file or --token-command, or in the variable TRACKER_TOKEN"
    )


def connection_failure(link: LinkState, server: str) -> str | None:
    """Return the message for a connection that is not retried; None if it may be."""
    match link:
        case LinkState(phase=Phase.SIGNED_OUT):
            return signed_out(link.code, link.reason)
        case LinkState(phase=Phase.FAILED, code="forbidden"):
            return f"the server {sanitize(server)} forbids it ({truncate(link.reason or '')}); ask for access to it"
        case LinkState(phase=Phase.FAILED):
            return server_unreachable(server, link.reason)
        case _:
            return None


def truncate(text: str) -> str:
    """Return the text, cut after 300 characters."""
    return text if len(text) <= _MAX_DETAIL else f"{text[:_MAX_DETAIL]}…"


def recording_incomplete(file: Path | None, reason: str) -> str:
    """Return the message for a recording that could not be written to the end.

    Args:
        file: The recording.
        reason: The reason, safe to print.
    """
    return f"the recording {sanitize(str(file))} is incomplete ({truncate(reason)}); the written part can be replayed"
