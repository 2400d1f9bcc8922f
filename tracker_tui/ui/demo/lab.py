"""The fault lab without a screen: the catalogue, the fault in hand, the rates of the steady ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.ports import Demo, FaultEntry

RATE_STEP = 0.1
"""By how much a key changes a rate."""

MIN_RATE = 0.01
"""A steady fault that strikes less often is better taken back."""


@dataclass(frozen=True, slots=True)
class FaultPreset:
    """How a fault is injected here, where its defaults are not what shows best.

    Attributes:
        name: Its name in the catalogue.
        parameters: What is set, the rate aside.
        rate: How often it strikes at first; None for the catalogue's rate.
        for_selected_order: Whether it is meant for the order in sight alone.
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
"""The first nine are on the digits."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault as the lab lists it.

    Attributes:
        digit: Its key, if it has one.
        rate: How often it strikes, or would; None where it strikes once.
        is_armed: Whether it is at work.
    """

    entry: FaultEntry
    digit: str
    rate: float | None
    is_armed: bool


class FaultLab:
    """What the keys of the fault lab do.

    Args:
        demo: The server that misbehaves.
        order_id: The order in sight; what strikes one order strikes this one.
    """

    def __init__(self, demo: Demo, order_id: str | None) -> None:
        self._demo = demo
        self._order_id = order_id
        self.cursor = 0
        """The index of the fault in hand."""
        prepared = {each.name: each for each in PRESETS}
        entries = {entry.name: entry for entry in demo.catalogue}
        first = [entries.pop(name) for name in prepared if name in entries]
        self._entries: Sequence[FaultEntry] = (*first, *entries.values())
        self._prepared = {entry.name: prepared.get(entry.name, FaultPreset(entry.name)) for entry in self._entries}
        self._rates = {
            entry.name: entry.rate if (rate := self._prepared[entry.name].rate) is None else rate
            for entry in self._entries
        }

    @property
    def rows(self) -> tuple[FaultRow, ...]:
        """The catalogue as it stands; the digits come first."""
        on = {spec.partition(":")[0] for spec in self._demo.armed}
        digits = {each.name: str(number) for number, each in enumerate(PRESETS[:9], 1)}
        return tuple(
            FaultRow(entry, digits.get(entry.name, ""), self._rates[entry.name], entry.name in on)
            for entry in self._entries
        )

    def move(self, by: int) -> None:
        """Take another fault in hand; the list has ends."""
        self.cursor = max(0, min(len(self._entries) - 1, self.cursor + by))

    def select(self, name: str) -> None:
        """Take the fault of this name in hand."""
        self.cursor = next(index for index, entry in enumerate(self._entries) if entry.name == name)

    def toggle(self) -> str:
        """Inject the fault in hand, or take it back where it is at work; says so in words.

        Raises:
            ValueError: The server doesn't want to; one line says why.
        """
        row = self.rows[self.cursor]
        if row.is_armed:
            self._demo.disarm(row.entry.name)
            return f"Took back: {sanitize(row.entry.name)}"
        self._demo.inject(self._spec(row.entry.name))
        return f"Injected: {sanitize(row.entry.name)}"

    def inject_digit(self, digit: int) -> str:
        """Inject the fault of a digit, whether or not it is at work already.

        Raises:
            ValueError: As above.
        """
        self.select(PRESETS[digit - 1].name)
        self._demo.inject(self._spec(PRESETS[digit - 1].name))
        return f"Injected: {PRESETS[digit - 1].name}"

    def change_rate(self, steps: int) -> None:
        """Have the fault in hand strike more or less often by so many steps, at once if it is at work.

        Raises:
            ValueError: As above, or it has no rate.
        """
        self.set_rate(round(max(RATE_STEP, min(1.0, self.rate + RATE_STEP * steps)), 2))

    @property
    def rate(self) -> float:
        """How often the fault in hand strikes, or would, from 0 to 1.

        Raises:
            ValueError: It has no rate; one line says why.
        """
        row = self.rows[self.cursor]
        if row.rate is None:
            raise ValueError(f"{row.entry.name} strikes once, when it is injected: it has no rate")
        return row.rate

    def set_rate(self, rate: float) -> None:
        """Have the fault in hand strike so often, at once if it is at work.

        Raises:
            ValueError: As above.
        """
        row = self.rows[self.cursor]
        self._rates[row.entry.name] = rate
        if row.is_armed:
            self._demo.disarm(row.entry.name)
            self._demo.inject(self._spec(row.entry.name))

    def _spec(self, name: str) -> str:
        prepared, rate = self._prepared[name], self._rates[name]
        parts = [prepared.parameters, "" if rate is None else f"probability={rate:g}"]
        parts.append(f"order={self._order_id}" if prepared.for_selected_order and self._order_id is not None else "")
        written = ",".join(filter(None, parts))
        return f"{name}:{written}" if written else name
