"""What goes wrong, in one line for people that says what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import CommandStatus, PendingCommand, PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.http.server import DEFAULT_SERVER
from tracker_tui.link.labels import why_refused, why_signed_out

if TYPE_CHECKING:
    from pathlib import Path

    from tracker_tui.wire.messages import Problem


class CommandSource(Protocol):
    """What is needed of a feed to know what was asked through it."""

    @property
    def views(self) -> Mapping[str, object]:
        """The orders' views, by id."""

    def pending_commands(self, order_id: str) -> PendingCommands:
        """What was asked of an order."""


_LONGEST = 300
"""Most characters of a server's words that are worth repeating."""


_SAID = {"order_not_found"}
"""Codes that say all there is to say."""

_HINTS = {"forbidden": "ask for access to it", "invalid": "check the id and --server"}


def server_unreachable(server: str, reason: str | None) -> str:
    """Nothing at `server` answers as a gateway; `reason` is already safe to show."""
    why = f" ({truncate(reason)})" if reason else ""
    # Somebody else's gateway is not started by a colleague at the phone.
    advice = (
        'start one with "mock-server", name another with --server, or try "tracker-tui --demo"'
        if server == DEFAULT_SERVER
        else "check --server and the network on the way to it"
    )
    return f"no order gateway at {sanitize(server)}{why}; {advice}"


def timeout_exceeded(seconds: float) -> str:
    """The user's own limit is over."""
    return f"gave up after {seconds:g} s; allow more with --timeout, or leave it out to wait without limit"


def unknown_status(status: str, stages: Iterable[str]) -> str:
    """No order that is watched knows the status that is waited for, as far as their flows tell."""
    there = ", ".join(map(sanitize, stages))
    return f'--until: no stage of the orders is called "{sanitize(status)}"; there is {there}; waiting all the same'


def order_refused(order_id: str, problem: Problem, server: str) -> str:
    """The gateway will not show an order."""
    detail = f" ({truncate(sanitize(problem.detail))})" if problem.detail and problem.code not in _SAID else ""
    hint = _HINTS.get(problem.code, "check the id")
    return f"order {order_id}: {why_refused(problem.code)}{detail} at the gateway {sanitize(server)}; {hint}"


def undecided_commands(feed: CommandSource) -> Iterator[str]:
    """Yield a line for all that was asked through `feed` and is not decided, now that nobody asks for it any more."""
    for order_id in feed.views:
        for pending in feed.pending_commands(order_id):
            if pending.is_open:
                yield _undecided(order_id, pending)


def _undecided(order_id: str, pending: PendingCommand) -> str:
    what = {Verb.CANCEL: "cancellation", Verb.NOTE: "note"}[pending.command.command]
    text = f" ({truncate(sanitize(pending.command.text))})" if pending.command.text else ""
    if pending.status is CommandStatus.PENDING:
        return f"the {what} for order {order_id}{text} was not sent, and is forgotten; ask for it again"
    return (
        f"it is not known whether the {what} for order {order_id}{text} was applied, and it is not asked again; "
        "look at the order's history"
    )


def signed_out(code: str | None, reason: str | None) -> str:
    """No token of ours is taken, or there is none."""
    return (
        f"signed out ({truncate(why_signed_out(code, reason))}); "
        "give a fresh token with --token-file or --token-command, or in the variable TRACKER_TOKEN"
    )


def connection_failure(link: LinkState, server: str) -> str | None:
    """What a connection that will not be tried again has to say; None of one that may be."""
    match link:
        case LinkState(phase=Phase.SIGNED_OUT):
            return signed_out(link.code, link.reason)
        case LinkState(phase=Phase.FAILED, code="forbidden"):
            return f"the gateway at {sanitize(server)} forbids it ({truncate(link.reason or '')}); ask for access to it"
        case LinkState(phase=Phase.FAILED):
            return server_unreachable(server, link.reason)
        case _:
            return None


def truncate(text: str) -> str:
    """`text`, without its end where it is very long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def recording_incomplete(file: Path | None, why: str) -> str:
    """A recording could not be written to its end; `why` is already safe to show."""
    return f"the recording {sanitize(str(file))} is incomplete ({truncate(why)}); what it holds can be replayed"
