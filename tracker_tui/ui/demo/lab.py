"""The fault lab without a screen: the catalogue, the selected fault, the rates of the steady faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.ports import Demo, FaultEntry

RATE_STEP = 0.1
"""Change of a rate by one key press."""


@dataclass(frozen=True, slots=True)
class FaultPreset:
    """Parameters with which the lab injects a fault, where the server's defaults show too little.

    Attributes:
        name: The fault's name in the catalogue.
        parameters: The parameters, except the rate.
        rate: The initial probability; None for the catalogue's.
        for_selected_order: Whether the fault affects the selected order alone.
    """

    name: str
    parameters: str = ""
    rate: float | None = None
    for_selected_order: bool = False


PRESETS = (
    FaultPreset("disconnect"),
    FaultPreset("lose-tail", "count=3"),
    FaultPreset("reorder", "window=6", 0.5),
    FaultPreset("freeze", "seconds=20"),
    FaultPreset("new-epoch"),
    FaultPreset("outage", "seconds=10"),
    FaultPreset("drop", "", 0.3),
    FaultPreset("corrupt", "", 0.3),
    FaultPreset("terminal-while-watching", for_selected_order=True),
    FaultPreset("evil-text", for_selected_order=True),
)
"""The first nine have a digit as their key."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault as the lab lists it.

    Attributes:
        entry: The fault.
        digit: Its key; empty if it has none.
        rate: Its probability; None for a fault that acts once.
        is_armed: Whether it is armed.
    """

    entry: FaultEntry
    digit: str
    rate: float | None
    is_armed: bool


class FaultLab:
    """The state of the fault lab, and what its keys do.

    Args:
        demo: The server whose faults are injected.
        order_id: The selected order; a fault for one order affects this one.

    Attributes:
        cursor: Index of the selected fault.
    """

    def __init__(self, demo: Demo, order_id: str | None) -> None:
        self._demo = demo
        self._order_id = order_id
        self.cursor = 0
        presets = {each.name: each for each in PRESETS}
        entries = {entry.name: entry for entry in demo.catalogue}
        first = [entries.pop(name) for name in presets if name in entries]
        self._entries: Sequence[FaultEntry] = (*first, *entries.values())
        self._presets = {entry.name: presets.get(entry.name, FaultPreset(entry.name)) for entry in self._entries}
        self._rates = {
            entry.name: entry.rate if (rate := self._presets[entry.name].rate) is None else rate
            for entry in self._entries
        }

    @property
    def rows(self) -> tuple[FaultRow, ...]:
        """All faults, those with a digit first."""
        armed = {spec.partition(":")[0] for spec in self._demo.armed}
        digits = {each.name: str(number) for number, each in enumerate(PRESETS[:9], 1)}
        return tuple(
            FaultRow(entry, digits.get(entry.name, ""), self._rates[entry.name], entry.name in armed)
            for entry in self._entries
        )

    @property
    def rate(self) -> float:
        """The probability of the selected fault, from 0 to 1.

        Raises:
            ValueError: The fault has no rate; the message is one line.
        """
        row = self.rows[self.cursor]
        if row.rate is None:
            raise ValueError(f"{row.entry.name} acts once, when it is injected: it has no rate")
        return row.rate

    def move(self, by: int) -> None:
        """Select another fault, at most the first or the last."""
        self.cursor = max(0, min(len(self._entries) - 1, self.cursor + by))

    def select(self, name: str) -> None:
        """Select the fault of this name."""
        self.cursor = next(index for index, entry in enumerate(self._entries) if entry.name == name)

    def toggle(self) -> str:
        """Inject the selected fault, or disarm it if it is armed; return a message.

        Raises:
            ValueError: The server refused; the message is one line.
        """
        row = self.rows[self.cursor]
        if row.is_armed:
            self._demo.disarm(row.entry.name)
            return f"Removed: {sanitize(row.entry.name)}"
        self._demo.inject(self._spec(row.entry.name))
        return f"Injected: {sanitize(row.entry.name)}"

    def inject_digit(self, digit: int) -> str:
        """Inject the fault of a digit, even if it is armed already; return a message.

        Raises:
            ValueError: The server refused; the message is one line.
        """
        self.select(PRESETS[digit - 1].name)
        self._demo.inject(self._spec(PRESETS[digit - 1].name))
        return f"Injected: {PRESETS[digit - 1].name}"

    def change_rate(self, steps: int) -> None:
        """Change the rate of the selected fault by a number of steps, at once if it is armed.

        Raises:
            ValueError: The fault has no rate, or the server refused; the message is one line.
        """
        rate = round(max(RATE_STEP, min(1.0, self.rate + RATE_STEP * steps)), 2)
        row = self.rows[self.cursor]
        self._rates[row.entry.name] = rate
        if row.is_armed:
            self._demo.disarm(row.entry.name)
            self._demo.inject(self._spec(row.entry.name))

    def _spec(self, name: str) -> str:
        preset, rate = self._presets[name], self._rates[name]
        parts = [preset.parameters, "" if rate is None else f"probability={rate:g}"]
        parts.append(f"order={self._order_id}" if preset.for_selected_order and self._order_id is not None else "")
        parameters = ",".join(filter(None, parts))
        return f"{name}:{parameters}" if parameters else name
