"""A demo that records its calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tracker_tui.ui.model.ports import FaultEntry

CATALOGUE = (
    FaultEntry("drop", "message", "Loses events.", "notice the gap, and subscribe again from the last version", 0.3),
    FaultEntry("duplicate", "message", "Sends events twice.", "ignore a known version", 0.3),
    FaultEntry("reorder", "message", "Lets later events pass.", "apply the highest version at once", 0.3),
    FaultEntry("lose-tail", "message", "Loses the next events.", "find the gap by the next heartbeat", 1.0),
    FaultEntry("corrupt", "message", "Sends a corrupt message.", "count it and go on", 0.3),
    FaultEntry("evil-text", "message", "Adds a hostile note.", "show it as text"),
    FaultEntry(
        "disconnect",
        "connection",
        "Cuts connections without a close frame.",
        "reconnect after a short random wait and resume from the cursor",
    ),
    FaultEntry("freeze", "connection", "Sends nothing over an open connection.", "give up after the silence limit"),
    FaultEntry("new-epoch", "server", "Opens a new epoch.", "replace its data by the snapshot"),
    FaultEntry("outage", "server", "Refuses all requests for a time.", "back off, and be back within a second or so"),
    FaultEntry("terminal-while-watching", "server", "Ends an order.", "show how it ended, and close"),
)


class RecordingDemo:
    """A demo that refuses outages and records all other calls."""

    url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.catalogue: Sequence[FaultEntry] = CATALOGUE
        self.armed: list[str] = []
        self.sent = 0
        self.calls: list[str] = []
        self.record: Callable[[datetime, str], None] = lambda at, text: None

    def inject(self, spec: str) -> None:
        """Record the fault; refuse an outage."""
        name = spec.partition(":")[0]
        if name == "outage":
            raise ValueError("no outage today")
        self.calls.append(spec)
        if any(entry.name == name and entry.rate is not None for entry in self.catalogue):
            self.armed.append(spec)

    def disarm(self, name: str) -> None:
        """Record the call."""
        self.calls.append(f"disarm {name}")
        self.armed = [spec for spec in self.armed if spec.partition(":")[0] != name]

    def heal(self) -> None:
        """Record the call."""
        self.calls.append("heal")
        self.armed = []

    def on_record(self, tell: Callable[[datetime, str], None]) -> None:
        """Keep the callback for the fault record."""
        self.record = tell
