"""The badge: a glyph and a few words for the connection and how current the screen is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Coverage, LinkState, Phase, Standing
from tracker_tui.link.labels import BEST, transport_label, why_signed_out
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.ui.model.styles import refusal_text
from tracker_tui.wording.times import age, outage_length

OFFLINE_AFTER = 120.0
"""Seconds without a connection after which the badge says Offline instead of Reconnecting."""


_RECONNECTING_WIDTH = len("◐ Reconnecting… down 59 s, try 99")
_OFFLINE_WIDTH = len("○ Offline 59m59s · next try in 30 s")
"""Cells of a badge whose numbers change each second, at their longest."""


class Tone(StrEnum):
    """A badge's colour, as a theme's style; the glyph and the words say the same."""

    GOOD = "$text-success"
    BUSY = "$text-warning"
    BAD = "$text-error"
    CALM = "$text-primary"


@dataclass(frozen=True, slots=True)
class Badge:
    """A glyph, words that are never cut, and details shown where they fit.

    Attributes:
        max_width: Cells of the badge with its numbers at their longest; 0 for a badge without numbers.
    """

    glyph: str
    words: str
    tone: Tone
    detail: str = ""
    max_width: int = 0

    @property
    def text(self) -> str:
        """The whole badge."""
        return f"{self.short}{self.detail}"

    @property
    def short(self) -> str:
        """The badge without its details."""
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
    """Return the badge of an order's screen: Live only if the link is live and the order is in sync.

    Args:
        link: The connection.
        standing: The standing of the order's view.
        now: Seconds on the clock of `link`.
        heard_at: When the last byte arrived, on that clock.
        was_live: Whether the link has been live before.
        problem: Why the server refused the order, if it did.
    """
    if standing is Standing.REFUSED:
        return Badge("✖", refusal_text(problem), Tone.BAD)
    if link.phase is Phase.LIVE and standing is Standing.FINAL:
        return Badge("■", "Final", Tone.CALM)
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
    coverage: Coverage | None = None,
) -> Badge:
    """Return the badge of the board, with the number of orders in sync.

    If not all orders are watched, the badge says so in its words, which are never cut.

    Args:
        link: The connection.
        in_sync: Number of orders in sync.
        total: Number of watched orders that the server didn't refuse.
        now: Seconds on the clock of `link`.
        heard_at: When the last byte arrived, on that clock.
        was_live: Whether the link has been live before.
        coverage: How many orders are watched, of how many; None if unknown.
    """
    if link.phase is Phase.LIVE and coverage is not None and not coverage.is_whole:
        words = f"Live · watching {coverage.watched:,} of {coverage.words}"
        rest = f" · {in_sync}/{total}" if in_sync != total else ""
        return Badge("●", words, Tone.BUSY, f"{_fallback(link)}{rest}")
    if link.phase is Phase.LIVE and link.list_every is None:
        tone = Tone.GOOD if in_sync == total else Tone.BUSY
        return Badge("●", "Live", tone, f"{_fallback(link)} · {in_sync}/{total}")
    return _link_badge(link, now, heard_at, was_live=was_live)


def paused_badge(new: int) -> Badge:
    """Return the badge of a paused screen; `new` counts the changes since the pause."""
    return Badge("‖", "Paused", Tone.CALM, f" · {new} new")


def replay_badge(recorded: Badge, speed: float, *, finished: bool, paused_at: str | None = None) -> Badge:
    """Return the badge of a replayed recording.

    Args:
        recorded: The badge at the time of the recording.
        speed: The speed as a factor.
        finished: Whether the recording is at its end.
        paused_at: The time of the recording at which the replay is paused; None while it runs.
    """
    if paused_at is not None and not finished:
        return Badge("‖", f"Replay ×{speed:g} at {paused_at}", Tone.CALM, f" · {recorded.text}")
    words, detail = ("Replay finished", " · was ") if finished else (f"Replay ×{speed:g}", " · ")
    width = recorded.max_width and 2 + len(words) + len(detail) + recorded.max_width
    return Badge("▷", words, Tone.CALM, f"{detail}{recorded.text}", width)


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
            detail = f" · next try in {_left(link, now)}"
            return Badge("○", f"Offline {outage_length(down)}", Tone.BAD, detail, _OFFLINE_WIDTH)
        case Phase.BACKOFF:
            return Badge("◐", "Reconnecting…", Tone.BUSY, _down(link, down), _RECONNECTING_WIDTH)
        case Phase.CONNECTING if down > OFFLINE_AFTER:
            return Badge("○", f"Offline {outage_length(down)}", Tone.BAD, " · trying now", _OFFLINE_WIDTH)
        case Phase.CONNECTING | Phase.SYNCING if link.attempt or was_live:
            return Badge("◐", "Reconnecting…", Tone.BUSY, _down(link, down), _RECONNECTING_WIDTH)
        case _:
            return Badge("◌", "Connecting…", Tone.CALM)


def _down(link: LinkState, seconds: float) -> str:
    """Return for how long the link has been down, then the number of tries: many tries soon after a loss alarm."""
    facts = [f"down {age(seconds)}"] if seconds >= 1 else []
    facts += [f"try {link.attempt}"] if link.attempt else []
    return f" {', '.join(facts)}" if facts else ""


def _left(link: LinkState, now: float) -> str:
    # Rounded up, so that "next in 0 s" isn't shown for a whole second.
    return age(ceil(link.retry_at - now)) if link.retry_at is not None else age(0)


def _fallback(link: LinkState) -> str:
    return "" if link.transport == BEST and link.list_every is None else f" · {transport_label(link)}"
