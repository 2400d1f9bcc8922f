"""The badge: one glyph and a few words on what the screen is worth right now (DESIGN §2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState, Phase, Standing
from tracker_tui.link.labels import BEST, transport, why_signed_out
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.ui.model.styles import refusal_text
from tracker_tui.wording.times import age, outage

OFFLINE_AFTER = 120.0
"""Seconds without a link after which we say Offline (DESIGN §2)."""


_TRYING = len("◐ Reconnecting… try 99, next in 30 s")
_OFFLINE = len("○ Offline 59m59s · next try in 30 s")
"""Cells of a badge that says another thing each second."""


class Tone(StrEnum):
    """How a badge is coloured: a theme's style, never the only carrier of meaning."""

    GOOD = "$text-success"
    BUSY = "$text-warning"
    BAD = "$text-error"
    CALM = "$text-primary"


@dataclass(frozen=True, slots=True)
class Badge:
    """A glyph, the words that are never cut, and what follows them where there is room.

    Attributes:
        room: Cells that it takes when its numbers are at their longest; 0 where it stays as it is.
    """

    glyph: str
    words: str
    tone: Tone
    detail: str = ""
    room: int = 0

    @property
    def text(self) -> str:
        """The whole badge."""
        return f"{self.short}{self.detail}"

    @property
    def short(self) -> str:
        """The badge where room is scarce."""
        return f"{self.glyph} {self.words}"


def order_badge(
    link: LinkState,
    standing: Standing,
    now: float,
    heard_at: float | None,
    *,
    was_live: bool = False,
    problem: Refusal | None = None,
) -> Badge:
    """Say what an order's screen is worth: Live only if the link is live and the order in sync.

    Args:
        link: The connection.
        standing: What the order's view is worth.
        now: Seconds on the clock of `link`.
        heard_at: When the last byte arrived, on that clock.
        was_live: Whether the link has been live before.
        problem: Why the order was refused, if it was.
    """
    if standing is Standing.REFUSED:
        return Badge("✖", refusal_text(problem), Tone.BAD)
    if link.phase is Phase.LIVE and standing is not Standing.IN_SYNC:
        return Badge("◐", "Reconciling", Tone.BUSY)
    return _link_badge(link, now, heard_at, was_live=was_live)


def board_badge(
    link: LinkState,
    in_sync: int,
    total: int,
    now: float,
    heard_at: float | None,
    *,
    was_live: bool = False,
) -> Badge:
    """Say what a board is worth: how many of the orders that are not refused are in sync."""
    if link.phase is Phase.LIVE:
        tone = Tone.GOOD if in_sync == total else Tone.BUSY
        return Badge("●", "Live", tone, f"{_fallback(link)} · {in_sync}/{total}")
    return _link_badge(link, now, heard_at, was_live=was_live)


def paused_badge(new: int) -> Badge:
    """The badge of a screen on which painting is frozen."""
    return Badge("‖", "Paused", Tone.CALM, f" · {new} new")


def replay_badge(then: Badge, speed: float, *, over: bool) -> Badge:
    """The badge of a screen that shows a recording: first of all that, then what the badge was `then`."""
    words, detail = f"Replay ×{speed:g}", " · over, last: " if over else " · "
    room = then.room and 2 + len(words) + len(detail) + then.room
    return Badge("▷", words, Tone.CALM, f"{detail}{then.text}", room)


def _link_badge(link: LinkState, now: float, heard_at: float | None, *, was_live: bool) -> Badge:
    down = now - link.down_at if link.down_at is not None else 0.0
    reason = sanitize(link.reason or "the server refused")
    match link.phase:
        case Phase.LIVE:
            return Badge("●", "Live", Tone.GOOD, _fallback(link))
        case Phase.QUIET if link.lag:
            return Badge("◍", f"Behind {age(link.lag)}", Tone.BUSY)
        case Phase.QUIET:
            return Badge("◍", f"Quiet {age(now - heard_at)}" if heard_at is not None else "Quiet", Tone.BUSY)
        case Phase.SIGNED_OUT:
            return Badge("✖", "Signed out", Tone.BAD, f": {why_signed_out(link.code, link.reason)}")
        case Phase.FINAL:
            return Badge("■", "Final", Tone.CALM)
        case Phase.FAILED:
            return Badge("✖", reason, Tone.BAD)
        case Phase.CLOSED:
            return Badge("–", "Closed", Tone.CALM)
        case Phase.BACKOFF if down > OFFLINE_AFTER:
            return Badge("○", f"Offline {outage(down)}", Tone.BAD, f" · next try in {_left(link, now)}", _OFFLINE)
        case Phase.BACKOFF:
            detail = f" try {link.attempt}, next in {_left(link, now)}"
            return Badge("◐", "Reconnecting…", Tone.BUSY, detail, _TRYING)
        case Phase.CONNECTING if down > OFFLINE_AFTER:
            return Badge("○", f"Offline {outage(down)}", Tone.BAD, " · trying now", _OFFLINE)
        case Phase.CONNECTING | Phase.SYNCING if link.attempt or was_live:
            return Badge("◐", "Reconnecting…", Tone.BUSY, f" try {link.attempt}" if link.attempt else "", _TRYING)
        case _:
            return Badge("◌", "Connecting…", Tone.CALM)


def _left(link: LinkState, now: float) -> str:
    # Rounded up: "next in 0 s" would be shown for a whole second in which nothing happens.
    return age(ceil(link.retry_at - now)) if link.retry_at is not None else age(0)


def _fallback(link: LinkState) -> str:
    return "" if link.transport == BEST else f" · {transport(link)}"
