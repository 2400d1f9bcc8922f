"""What goes wrong, in one line for people that says what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_tui.domain.visible import visible

if TYPE_CHECKING:
    from tracker_tui.wire import Problem

_LONGEST = 300
"""Most characters of a server's words that are worth repeating."""


def unreachable(server: str, reason: str | None) -> str:
    """Nothing at `server` answers as a gateway; `reason` is already safe to show."""
    why = f" ({shortened(reason)})" if reason else ""
    return (
        f'no order gateway at {visible(server)}{why}; start one with "mock-server", '
        'name another with --server, or try "tracker-tui --demo"'
    )


def out_of_time(seconds: float) -> str:
    """The user's own limit is over."""
    return f"gave up after {seconds:g} s; allow more with --timeout, or leave it out to wait without limit"


def refused(order_id: str, problem: Problem, server: str) -> str:
    """The gateway will not show an order."""
    match problem.code:
        case "order_not_found":
            return f"the gateway at {visible(server)} knows no order {order_id}; check the id"
        case "forbidden":
            return f"you may not see order {order_id}; ask for access to it"
        case code:
            detail = f": {shortened(visible(problem.detail))}" if problem.detail else ""
            return f"the gateway refuses order {order_id} ({visible(code).replace('_', ' ')}{detail}); check the id"


def signed_out(reason: str | None) -> str:
    """The gateway wants to know who asks, and this version cannot tell it."""
    why = f" ({shortened(reason)})" if reason else ""
    return f"the gateway asks to sign in{why}; use one that is open to you, such as mock-server"


def shortened(text: str) -> str:
    """`text`, without its end where it is very long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
