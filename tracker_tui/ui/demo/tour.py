"""The guided tour of a demo: ten failures, one after another, each with an explanation."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.ports import Demo


@dataclass(frozen=True, slots=True)
class TourStop:
    """One failure of the tour.

    Attributes:
        title: The failure in a few words.
        text: What to watch.
        faults: The faults to inject, written ``NAME[:key=value,…]``; the first one gives the advice.
    """

    title: str
    text: str
    faults: tuple[str, ...] = ()


START = TourStop(
    "Ten failures, one after another",
    "The order below is live. Each press of the space bar repairs the last failure and causes the next one. Watch the "
    "badge at the top and the events.",
)

STOPS = (
    TourStop(
        "The connection is cut",
        "Without a close frame. The badge says Reconnecting and the data is dimmed. In less than a second the order is "
        "live again, and nothing is missing.",
        ("disconnect",),
    ),
    TourStop(
        "The last events before a silence are lost",
        "No later event reveals the gap. The next heartbeat names the newest version, and the client requests the "
        "missing events.",
        ("lose-tail:count=3",),
    ),
    TourStop(
        "Half of all events are lost",
        "The client finds each gap by the event numbers and repairs it. The order is live only while nothing is "
        "missing.",
        ("drop:probability=0.5",),
    ),
    TourStop(
        "Every event comes twice",
        "An event with a known version changes nothing: no line of the log appears twice.",
        ("duplicate:probability=1",),
    ),
    TourStop(
        "Events overtake each other",
        "The newest state is shown at once. Older events are sorted into the history when they arrive.",
        ("reorder:window=6,probability=0.7",),
    ),
    TourStop(
        "Corrupt messages",
        "Half a message, wrong types, junk: the client counts and skips it, and repairs the gap that it leaves.",
        ("corrupt:probability=0.5",),
    ),
    TourStop(
        "The connection is open, and silent",
        "After one missed heartbeat the badge says Quiet. After two the client closes the connection and reconnects.",
        ("freeze:seconds=20",),
    ),
    TourStop(
        "The server has lost its history",
        "It starts a new epoch and numbers its events from 1. Its snapshot replaces the old data, and no line of the "
        "log appears twice.",
        ("new-epoch",),
    ),
    TourStop(
        "The network blocks WebSocket",
        "The badge names the transport used instead. WebSocket is tried again every few minutes.",
        ("block-websocket", "disconnect"),
    ),
    TourStop(
        "The server does not answer",
        "The client retries with growing pauses and never stops trying; r retries at once.",
        ("outage:seconds=8",),
    ),
)

END = TourStop(
    "That was the tour",
    "All faults are removed, and the screen is up to date. Open the fault lab (f) to cause failures yourself.",
)


class Tour:
    """The progress of the tour.

    Attributes:
        position: Number of the present stop, from 1; 0 before the first one, one more than the last number at the end.
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
        for fault in self.stop.faults:
            is_about_messages = fault.partition(":")[0] in self._message_faults
            self._demo.inject(f"{fault},order={self._order_id}" if is_about_messages else fault)

    def leave(self) -> None:
        """Disarm all faults."""
        self._demo.heal()
