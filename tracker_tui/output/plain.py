"""The report for people who read a log, or have it read to them: sentences, coloured on a terminal, clean in a pipe."""

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
from tracker_tui.link.changes import Change, LinkChanged, LinkState, Noted, OrderChanged, Phase
from tracker_tui.output.exit_codes import has_ended
from tracker_tui.wording.names import LATENESS, sentence
from tracker_tui.wording.sentences import AT_RISK, milestone_sentence, phrases
from tracker_tui.wording.summary import summary
from tracker_tui.wording.times import Instant, stamp

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock


_WORTH_SAYING = 1.0
"""Seconds: a shorter wait for the next try is over before it is read."""


class PlainReport:
    """Turns changes into lines; remembers what was said of each order, to say only what is new."""

    def __init__(self, clock: Clock, file: IO[str], zone: tzinfo | None = None) -> None:
        self._clock = clock
        self._zone = zone
        # The file is only asked whether it is a terminal; the lines are written by who asks for them. Rich writes
        # even where there is nothing to write, which a full disk takes amiss: not there.
        terminal = file.isatty() or None
        self._console = Console(
            file=io.StringIO(), force_terminal=terminal, markup=False, highlight=False, emoji=False, soft_wrap=True
        )
        self._views: dict[str, OrderView] = {}
        self._said: dict[str, dict[str, str]] = {}
        self._ended: set[str] = set()
        self._phase: Phase | None = None

    def lines(self, change: Change) -> Iterator[str]:
        """Yield what a change has to tell."""
        match change:
            case OrderChanged():
                yield from self._changed(change)
            case LinkChanged(link=link):
                yield from self._link(link)
            case Noted(text=text, order_id=order_id):
                yield self._line(order_id or "Link", sentence(sanitize(text)), "dim")

    def tick(self) -> Iterator[str]:
        """Yield what changed by time alone: an order that became late."""
        for view in self._views.values():
            if view.state is not None and view.state.value.outcome is None:
                yield from self._news(view, heard=set())

    def forget(self, order_id: str) -> None:
        """Tell no more of an order by time alone until its next change."""
        self._views.pop(order_id, None)

    def _changed(self, change: OrderChanged) -> Iterator[str]:
        view = change.view
        self._views[view.order_id] = view
        instant = self._instant()
        for entry in change.arrived:
            yield self._line(view.order_id, milestone_sentence(view, entry.milestone, instant), "bold")
        if view.state is not None:
            heard = {entry.milestone.status for entry in change.arrived}
            yield from self._news(view, heard)
        if view.order_id not in self._ended and has_ended(view):
            self._ended.add(view.order_id)
            yield self._line("Ended", summary(view, instant.now, self._zone), "bold green")

    def _news(self, view: OrderView, heard: set[str]) -> Iterator[str]:
        instant = self._instant()
        said = phrases(view, instant)
        before = self._said.get(view.order_id)
        if before is None:
            # Until the facts are there, statuses have no names and nothing was promised: a summary would mislead.
            if view.facts is not None:
                self._said[view.order_id] = said
                yield self._line("Now", summary(view, instant.now, self._zone), "")
            return
        self._said[view.order_id] = said
        # How it ended is said by the line about its end, as soon as everything is there.
        skipped = "outcome" if has_ended(view) else None
        news = [phrase for topic, phrase in said.items() if phrase and phrase != before[topic] and topic != skipped]
        if view.state is not None and view.state.value.status in heard and said["status"] in news:
            news.remove(said["status"])
        if before["flags"] and not said["flags"]:
            news.append(f"no longer {before['flags']}")
        if before["outcome"] and not said["outcome"]:
            news.append("open again")
        if news:
            late = said["lateness"] in {LATENESS[Lateness.LATE], AT_RISK}
            yield self._line(view.order_id, " ".join(map(sentence, news)), "yellow" if late else "")

    def _link(self, link: LinkState) -> Iterator[str]:
        """Yield what the link's own notes do not say."""
        before, self._phase = self._phase, link.phase
        match link.phase:
            case Phase.CONNECTING if before is None:
                yield self._line("Link", "Connecting.", "dim")
            case Phase.QUIET:
                yield self._line("Link", "Quiet: nothing heard for longer than a heartbeat.", "yellow")
            case Phase.BACKOFF:
                wait = max(0.0, (link.retry_at or 0.0) - self._clock.time())
                if wait >= _WORTH_SAYING:
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
