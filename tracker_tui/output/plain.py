"""The report for people, in sentences: coloured on a terminal, plain text in a pipe."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import tzinfo
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, Noted, OrderChanged, OrderForgotten, Phase
from tracker_tui.output.assessments import Assessments
from tracker_tui.output.exit_codes import has_ended
from tracker_tui.wording.names import LATENESS, sentence
from tracker_tui.wording.sentences import AT_RISK, milestone_sentence, phrases
from tracker_tui.wording.summary import summary
from tracker_tui.wording.times import Instant, stamp

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock


_MIN_REPORTED_WAIT = 1.0
"""Shortest wait for a retry that is reported, in seconds."""


class PlainReport:
    """Turns changes into lines, and reports only what is new.

    Args:
        clock: The clock.
        file: The output; only its ability to show colours is used.
        zone: The zone of times; None for the machine's own.
        assessments: Knows up to when each order is known; shared with a filter. None for assessments of its own.
    """

    def __init__(
        self, clock: Clock, file: IO[str], zone: tzinfo | None = None, assessments: Assessments | None = None
    ) -> None:
        self._clock = clock
        self._assessments = assessments or Assessments(clock)
        self._zone = zone
        # The caller writes the lines. Rich gets a buffer, because it writes even nothing, which fails on a full disk.
        terminal = file.isatty() or None
        self._console = Console(
            file=io.StringIO(), force_terminal=terminal, markup=False, highlight=False, emoji=False, soft_wrap=True
        )
        self._views: dict[str, OrderView] = {}
        self._reported: dict[str, dict[str, str]] = {}
        self._ended: set[str] = set()
        self._phase: Phase | None = None

    def lines(self, change: Change) -> Iterator[str]:
        """Yield the lines of a change."""
        self._assessments.observe(change)
        match change:
            case OrderChanged():
                yield from self._order(change)
            case OrderForgotten(order_id=order_id):
                self._views.pop(order_id, None)
                self._reported.pop(order_id, None)
                self._ended.discard(order_id)
            case LinkChanged(link=link):
                yield from self._link(link)
            case Noted(text=text, order_id=order_id):
                yield self._line(order_id or "Link", sentence(sanitize(text)), "dim")

    def tick(self) -> Iterator[str]:
        """Yield the lines of changes by time alone: an order that is late now."""
        for view in self._views.values():
            if view.state is not None and view.state.value.outcome is None:
                yield from self._news(view, milestone_statuses=set())

    def forget(self, order_id: str) -> None:
        """Report no change by time alone of an order until its next change."""
        self._views.pop(order_id, None)

    def _order(self, change: OrderChanged) -> Iterator[str]:
        view = change.view
        self._views[view.order_id] = view
        instant = self._instant()
        for entry in change.arrived:
            yield self._line(view.order_id, milestone_sentence(view, entry.milestone, instant), "bold")
        if view.state is not None:
            yield from self._news(view, {entry.milestone.status for entry in change.arrived})
        if view.order_id not in self._ended and has_ended(view):
            self._ended.add(view.order_id)
            yield self._line("Ended", summary(view, instant.now, self._zone), "bold green")

    def _news(self, view: OrderView, milestone_statuses: set[str]) -> Iterator[str]:
        """Yield a line with the phrases that changed, without the statuses of milestones that were just reported."""
        instant = self._instant()
        current = phrases(view, instant, self._assessments.known_until(view.order_id))
        previous = self._reported.get(view.order_id)
        if previous is None:
            # Wait for the facts: without them statuses have no names and there is no promised time.
            if view.facts is not None:
                self._reported[view.order_id] = current
                yield self._line("Now", summary(view, instant.now, self._zone), "")
            return
        self._reported[view.order_id] = current
        # When the view is complete, the line "Ended" reports the outcome.
        skipped = "outcome" if has_ended(view) else None
        news = [
            phrase for topic, phrase in current.items() if phrase and phrase != previous[topic] and topic != skipped
        ]
        if view.state is not None and view.state.value.status in milestone_statuses and current["status"] in news:
            news.remove(current["status"])
        if previous["flags"] and not current["flags"]:
            news.append(f"no longer {previous['flags']}")
        if previous["outcome"] and not current["outcome"]:
            news.append("open again")
        if news:
            late = current["lateness"] in {LATENESS[Lateness.LATE], AT_RISK}
            yield self._line(view.order_id, " ".join(map(sentence, news)), "yellow" if late else "")

    def _link(self, link: LinkState) -> Iterator[str]:
        """Yield a line for changes of the link that come without a note."""
        previous, self._phase = self._phase, link.phase
        match link.phase:
            case Phase.CONNECTING if previous is None:
                yield self._line("Link", "Connecting.", "dim")
            case Phase.QUIET:
                yield self._line("Link", "Quiet: no data for longer than a heartbeat.", "yellow")
            case Phase.BACKOFF:
                wait = max(0.0, (link.retry_at or 0.0) - self._clock.time())
                if wait >= _MIN_REPORTED_WAIT:
                    yield self._line("Link", f"Next try in {wait:.1f} seconds.", "dim")

    def _line(self, about: str, text: str, style: str) -> str:
        instant = self._instant()
        with self._console.capture() as captured:
            self._console.print(
                Text.assemble((stamp(instant.now, instant), "dim"), "  ", about, ": ", (text, style)), end=""
            )
        return captured.get()

    def _instant(self) -> Instant:
        return Instant(self._clock.time(), self._clock.wall(), self._zone)
