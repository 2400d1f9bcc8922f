"""The guided tour of a demo: ten failures, one after another, each with an explanation."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.demo.tour_checks import (
    EVENTS_RECOVERED,
    GAPS_REPAIRED,
    LEFT_LIVE,
    NO_LINE_TWICE,
    RECOVERED,
    TRIED_AGAIN,
    VISIBLE_SECONDS,
    Check,
    Checklist,
    StepRecord,
    counter_check,
    fault_check,
)
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.state import AppState


@dataclass(frozen=True, slots=True)
class TourStop:
    """One failure of the tour.

    Attributes:
        title: The failure in a few words.
        text: What to watch.
        faults: The faults to inject, written ``NAME[:key=value,…]``; the first one gives the advice.
        checks: What is to happen then, in this order.
    """

    title: str
    text: str
    faults: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


START = TourStop(
    "Ten failures, one after another",
    "Space removes the last failure and causes the next one. Watch the badge at the top right. The list here is "
    "measured.",
    checks=(RECOVERED,),
)

STOPS = (
    TourStop(
        "The connection is cut",
        "Without a close frame, and for 4 seconds the server refuses new connections. The badge says Reconnecting and "
        "the data is dimmed and shows its age.",
        ("disconnect", "refuse:for=4"),
        (LEFT_LIVE, TRIED_AGAIN, EVENTS_RECOVERED, NO_LINE_TWICE, RECOVERED),
    ),
    TourStop(
        "The last events before a silence are lost",
        "For 6 seconds nothing arrives, and no later event reveals the gap. The next heartbeat names the newest "
        "version, and the client requests what is missing.",
        ("lose-tail:count=all,for=6",),
        (fault_check("the server lost {} events", "lose-tail", 2), GAPS_REPAIRED, RECOVERED),
    ),
    TourStop(
        "Half of all events are lost",
        "The client finds each gap by the event numbers and repairs it. The badge is Live only while nothing is "
        "missing.",
        ("drop:probability=0.5",),
        (fault_check("the server lost {} events", "drop", 2), GAPS_REPAIRED, RECOVERED),
    ),
    TourStop(
        "Every event comes twice",
        "An event with a known version changes nothing.",
        ("duplicate:probability=1",),
        (counter_check("{} duplicates arrived", lambda counters: counters.duplicates, 2), NO_LINE_TWICE, RECOVERED),
    ),
    TourStop(
        "Events overtake each other",
        "The newest state is shown at once. The client waits a second for older events before it requests them.",
        ("reorder:window=2,seconds=3,probability=0.7",),
        (
            fault_check("{} events overtaken", "reorder", 2),
            counter_check("gaps closed: {}", lambda counters: counters.repaired),
            NO_LINE_TWICE,
            RECOVERED,
        ),
    ),
    TourStop(
        "Corrupt messages",
        "Half a message, wrong types, junk: the client counts and skips it, and repairs the gap that it leaves.",
        ("corrupt:probability=0.5",),
        (
            counter_check("{} corrupt messages skipped", lambda counters: counters.violations, 2),
            GAPS_REPAIRED,
            RECOVERED,
        ),
    ),
    TourStop(
        "The connection is open, and silent",
        "After one missed heartbeat the badge says Quiet. After two the client closes the connection and reconnects.",
        ("freeze:seconds=60",),
        (
            Check("the badge said Quiet for {} s", lambda record: record.seconds_quiet, VISIBLE_SECONDS),
            counter_check("a new connection opened", lambda counters: counters.openings),
            EVENTS_RECOVERED,
            RECOVERED,
        ),
    ),
    TourStop(
        "The server has lost its history",
        "It restarts, begins a new epoch and numbers its events from 1. Its snapshot replaces the old data.",
        ("new-epoch:drop_connections=true", "refuse:for=4"),
        (
            LEFT_LIVE,
            Check("a snapshot of the new epoch", lambda record: record.epoch_changed),
            NO_LINE_TWICE,
            RECOVERED,
        ),
    ),
    TourStop(
        "The network blocks WebSocket",
        "The badge names the transport used instead. WebSocket is tried again every few minutes.",
        ("block-websocket", "disconnect"),
        (
            Check("Live over another transport", lambda record: record.transport),
            Check("… for {} s", lambda record: record.seconds_fallback, VISIBLE_SECONDS, is_last=True),
            RECOVERED,
        ),
    ),
    TourStop(
        "The server does not answer",
        "The client retries with growing pauses and never stops trying; r retries at once.",
        ("outage:seconds=8",),
        (LEFT_LIVE, TRIED_AGAIN, EVENTS_RECOVERED, NO_LINE_TWICE, RECOVERED),
    ),
)

END = TourStop(
    "That was the tour",
    "All faults are removed. Open the fault lab (f) to cause failures yourself.",
    checks=(RECOVERED,),
)


class Tour:
    """The progress of the tour.

    Attributes:
        position: Number of the present stop, from 1; 0 before the first one, one more than the last number at the end.
        checklist: The checklist of the present stop; None before the app's state is known.
    """

    def __init__(self, demo: Demo, order_id: str) -> None:
        """Prepare the tour.

        Args:
            demo: The server whose faults are injected.
            order_id: The order on the screen; faults of messages affect its messages alone, so that they are visible.
        """
        self._demo = demo
        self._order_id = order_id
        self._advice = {entry.name: entry.advice for entry in demo.catalogue}
        self._message_faults = {entry.name for entry in demo.catalogue if entry.level == "message"}
        self.position = 0
        self.checklist: Checklist | None = None
        self._observed: tuple[AppState, float] | None = None

    @property
    def stop(self) -> TourStop:
        """The present stop."""
        return (START, *STOPS, END)[self.position]

    @property
    def is_over(self) -> bool:
        """Whether all stops have been shown."""
        return self.position > len(STOPS)

    @property
    def advice(self) -> str:
        """Advice for a client about the failure; empty at the start and the end."""
        names = [fault.partition(":")[0] for fault in self.stop.faults]
        return sanitize(self._advice.get(names[0], "")) if names else ""

    def advance(self) -> None:
        """Disarm all faults and inject those of the next stop; do nothing at the end.

        Raises:
            ValueError: The server has no such fault; the message is one line.
        """
        if self.is_over:
            return
        self._demo.heal()
        self.position += 1
        self.checklist = self._begin_checklist()
        for fault in self.stop.faults:
            is_about_messages = fault.partition(":")[0] in self._message_faults
            self._demo.inject(f"{fault},order={self._order_id}" if is_about_messages else fault)

    def observe(self, state: AppState, time: float) -> None:
        """Take the app's state at `time` into account."""
        self._observed = state, time
        if self.checklist is None:
            self.checklist = self._begin_checklist()
        else:
            self.checklist.observe(state, time)

    def _begin_checklist(self) -> Checklist | None:
        if self._observed is None:
            return None
        state, time = self._observed
        return Checklist(self.stop.checks, StepRecord(state, self._order_id, time))

    def leave(self) -> None:
        """Disarm all faults."""
        self._demo.heal()
