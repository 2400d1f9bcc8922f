"""Names for people of what the link knows by a word of the protocol."""

from __future__ import annotations

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState
from tracker_tui.link.session.ladder import LABELS

BEST = next(iter(LABELS))
"""The best transport, which labels need not name."""

_SIGNED_OUT = {"token_expired": "token expired", "auth_rejected": "no valid token"}

_REFUSED = {"order_not_found": "unknown order", "forbidden": "not allowed"}


def transport_label(link: LinkState) -> str:
    """Return what carries the events, ``SSE`` or ``polling 5 s``; without a stream, ``list every 10 s``."""
    if link.list_every is not None:
        return f"list every {link.list_every:.0f} s"
    name = LABELS.get(link.transport) or sanitize(link.transport)
    return f"{name} {link.period:.0f} s" if link.transport == "polling" and link.period is not None else name


def why_signed_out(code: str | None, reason: str | None) -> str:
    """Return why no token is accepted; the gateway's code (PROTOCOL §8) gives shorter words than its text."""
    return _SIGNED_OUT.get(code or "") or sanitize(reason or "no token is accepted")


def why_refused(code: str | None) -> str:
    """Return why the gateway does not show an order, by its code (PROTOCOL §8): ``unknown order``."""
    if code is None:
        return "refused"
    return _REFUSED.get(code) or f"refused: {sanitize(code).replace('_', ' ')}"
