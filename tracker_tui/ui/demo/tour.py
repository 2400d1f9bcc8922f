"""The guided tour of a demo: ten failures, one after another, with a sentence on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.ports import Demo


@dataclass(frozen=True, slots=True)
class TourStop:
    """One failure of the tour.

    Attributes:
        title: What happens, in a few words.
        text: A sentence on what to watch.
        faults: What is injected, written ``NAME[:key=value,…]``; the first one gives the advice.
    """

    title: str
    text: str
    faults: tuple[str, ...] = ()


START = TourStop(
    "Ten failures, one after another",
    "The order below is live. Each press of the space bar heals what was broken and breaks something else; watch the "
    "badge at the top and the events.",
)

STOPS = (
    TourStop(
        "The connection is cut",
        "No close frame, no goodbye: the badge says Reconnecting, what is shown is dimmed, and in well under a second "
        "it is live again with nothing missed.",
        ("disconnect",),
    ),
    TourStop(
        "The last events before a silence are lost",
        "Nothing comes after them that could give the hole away; the next heartbeat names the newest version, and what "
        "is missing is asked for.",
        ("lose-tail:count=3",),
    ),
    TourStop(
        "Half of all events are lost",
        "Every hole is seen by its number and mended; the order counts as live only while nothing is missing.",
        ("drop:probability=0.5",),
    ),
    TourStop(
        "Every event comes twice",
        "A version that is held already changes nothing: no line of the log is written twice.",
        ("duplicate:probability=1",),
    ),
    TourStop(
        "Events overtake each other",
        "The newest state is shown at once, whatever came before it, and history is put in order as it arrives.",
        ("reorder:window=6,probability=0.7",),
    ),
    TourStop(
        "What arrives is no message",
        "Half a message, wrong types, junk: it is counted, skipped, and the hole that it leaves is mended.",
        ("corrupt:probability=0.5",),
    ),
    TourStop(
        "The socket is open, and nobody is there",
        "After a heartbeat of silence the badge says Quiet; after two the connection is given up, whatever TCP says.",
        ("freeze:seconds=20",),
    ),
    TourStop(
        "The server has lost its memory",
        "It starts a new epoch and numbers its history afresh; its snapshot replaces what was known, and no line is "
        "told twice.",
        ("new-epoch",),
    ),
    TourStop(
        "The network lets no WebSocket through",
        "The badge names the road that is taken instead; the better one is tried again every few minutes.",
        ("block-websocket", "disconnect"),
    ),
    TourStop(
        "Nobody answers at all",
        "An outage is waited for, with longer and longer pauses, and never given up; r tries at once.",
        ("outage:seconds=8",),
    ),
)

END = TourStop(
    "That was the tour",
    "Everything is healed, and what you see is what the server has. In the fault lab (f) you can break things "
    "yourself.",
)


class Tour:
    """Where the tour is.

    Attributes:
        position: Number of the stop, from 1; 0 before the first one, one more than there are after the last.
    """

    def __init__(self, demo: Demo, order_id: str) -> None:
        """Prepare for it.

        Args:
            demo: What is broken and healed.
            order_id: The order in sight: what strikes messages strikes those about it alone, so that it is seen.
        """
        self._demo = demo
        self._order_id = order_id
        self._advice = {entry.name: entry.advice for entry in demo.catalogue}
        self._aimed = {entry.name for entry in demo.catalogue if entry.level == "message"}
        self.position = 0

    @property
    def stop(self) -> TourStop:
        """The stop that it is at."""
        return (START, *STOPS, END)[self.position]

    @property
    def is_over(self) -> bool:
        """Whether the last stop is behind."""
        return self.position > len(STOPS)

    @property
    def advice(self) -> str:
        """What a client should do about it; empty where nothing is broken."""
        names: Sequence[str] = [fault.partition(":")[0] for fault in self.stop.faults]
        return sanitize(self._advice.get(names[0], "")) if names else ""

    def advance(self) -> None:
        """Heal what is broken, and break the next thing; over is over.

        Raises:
            ValueError: The server has no such fault; one line says which.
        """
        if self.is_over:
            return
        self._demo.heal()
        self.position += 1
        for fault in self.stop.faults:
            self._demo.inject(f"{fault},order={self._order_id}" if fault.partition(":")[0] in self._aimed else fault)

    def leave(self) -> None:
        """Leave nothing broken behind."""
        self._demo.heal()
