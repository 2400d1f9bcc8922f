"""An order's arrival as the parts of a line: when it comes, how late that is, and how often it moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len

from tracker_tui.domain.drift import drift_of
from tracker_tui.domain.lateness import Lateness, ended_at, lateness
from tracker_tui.domain.order import Eta, OrderState, Outcome
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.cells.sparkline import profile
from tracker_tui.ui.model.headline import lateness_chip
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, BAD, LATENESS, MUTED, OUTCOMES, STRONG
from tracker_tui.wording.arrival import (
    ArrivalForm,
    ExpectedArrival,
    arrival_of,
    arrival_words,
    at_destination,
    expected_arrival,
    minutes_left,
    moved_words,
    place_of_zone,
    promised_when,
    time_left,
)
from tracker_tui.wording.times import Instant, arrival, stamp

SPARKLINE_FROM = 100
"""Cells of a line from which the moves are drawn, too."""

SPARKLINE_WIDTH = 12

MAX_STEPS = 4
"""Arrivals that are named; of more only the first one and the last two."""


@dataclass(frozen=True, slots=True)
class ArrivalParts:
    """An order's arrival, in parts that can be left out where there is no room.

    Attributes:
        title: The word before the arrival.
        time: The arrival, which is emphasised.
        window: The window, if `time` is its middle.
        place: The time zone, if it isn't the viewer's.
        remaining: The time until the arrival, or since.
    """

    title: Part
    time: Part
    window: str = ""
    place: str = ""
    remaining: str = ""

    def layouts(self) -> Iterator[list[Part]]:
        """Yield the parts, the fullest layout first; the last one has the time alone."""
        place = self.place
        for window, remaining in ((self.window, self.remaining), ("", self.remaining), (self.window, ""), ("", "")):
            parts = [self.title, (" ", ""), self.time]
            parts += [(f" ({window})", MUTED)] if window else []
            parts += [(f" {place} time", "")] if place else []
            parts += [(f"  {remaining}", "")] if remaining else []
            yield parts
        yield [self.time]


def arrival_parts(scene: OrderScene) -> ArrivalParts:
    """Return the arrival of an order, or its end."""
    state, there = scene.view.current, at_destination(scene.view, scene.instant)
    if state is None:
        return ArrivalParts(("ARRIVES", MUTED), ("not known yet", MUTED))
    if state.outcome is not None:
        parts = _ended(scene, state.outcome, there)
    elif (expected := expected_arrival(scene.view, there, scene.judged_at)) is not None:
        parts = _expected(scene, expected, there)
    else:
        parts = ArrivalParts(("ARRIVES", MUTED), (_why_unknown(state), MUTED))
    as_of = scene.said_as_of
    if as_of is None or not (place := place_of_zone(there, scene.instant, as_of)):
        return parts
    # The header has this time in the viewer's zone.
    words = f"as of {stamp(as_of, there, seconds=False)}{'' if parts.place else f' {place} time'}"
    return replace(parts, remaining=" · ".join(filter(None, (parts.remaining, words))))


def promise_layouts(scene: OrderScene, width: int) -> Iterator[list[Part]]:
    """Yield the lateness, the promise, and how often the arrival moved, the fullest layout first.

    Args:
        scene: The order.
        width: Cells of the whole line; a narrow one has no sparkline.
    """
    there = at_destination(scene.view, scene.instant)
    chip, style = lateness_chip(scene)
    promised = promised_when(scene.view, there)
    if not promised:
        yield []
        return
    if scene.view.outcome is None and expected_arrival(scene.view, there, scene.judged_at) is None:
        # No arrival names the zone.
        place = place_of_zone(there, scene.instant, scene.instant.now)
        promised += f" {place} time" if place else ""
    late = lateness(scene.view, scene.judged_at)
    head: list[Part] = [(chip, f"{STRONG} {style}" if late is Lateness.LATE else style)] if chip else []
    gap = " · " if head else ""
    promise: list[Part] = [*head, (f"{gap}promised {promised}", MUTED if chip else "")]
    drift = drift_of(scene.view, scene.expectations)
    if drift is not None:
        moved, path = moved_words(drift.moves), _path(scene, drift.promised is not None, drift.etas, there)
        bars = profile([time.timestamp() for time in drift.times], SPARKLINE_WIDTH)
        if width >= SPARKLINE_FROM and len(bars) > 2:
            bar_style = BAD if late is Lateness.LATE else ACCENT
            yield [*promise, (f" ({moved}: {path} ", MUTED), (bars, bar_style), (")", MUTED)]
        yield [*promise, (f" ({moved}: {path})", MUTED)]
        yield [*promise, (f" ({moved})", MUTED)]
    yield promise
    yield head


def length(parts: list[Part]) -> int:
    """Return the cells of some parts."""
    return sum(cell_len(text) for text, _ in parts)


def _ended(scene: OrderScene, outcome: Outcome, there: Instant) -> ArrivalParts:
    glyph, word, style = OUTCOMES[outcome]
    at = ended_at(scene.view)
    place = place_of_zone(there, scene.instant, at)
    time = stamp(at, there, seconds=False)
    return ArrivalParts(
        (f"{glyph} {word.upper()}", f"{STRONG} {style}"), _block(time, style), "", place, minutes_left(at, there.now)
    )


def _expected(scene: OrderScene, expected: ExpectedArrival, there: Instant) -> ArrivalParts:
    words, said = arrival_words(expected, there), arrival_of(scene.view, there, scene.judged_at)
    is_part = expected.form in {ArrivalForm.BY, ArrivalForm.PASSED}
    remaining = time_left(expected, there)
    title = "EXPECTED" if remaining.endswith("ago") or remaining == "yesterday" else "ARRIVES"
    style = LATENESS[lateness(scene.view, scene.judged_at)][2]
    place = place_of_zone(there, scene.instant, expected.target)
    return ArrivalParts(
        (title, MUTED),
        _block(words if is_part or not said else said, style or ACCENT),
        words if not is_part and said and said != words else "",
        place,
        remaining,
    )


def _block(text: str, style: str) -> Part:
    return f" {text} ", f"{STRONG} reverse {style}"


def _why_unknown(state: OrderState) -> str:
    words = {"available_for_pickup": "waiting to be picked up", "returning": "on its way back"}
    return words.get(state.status, "no arrival time given")


def _path(scene: OrderScene, is_promised: bool, etas: tuple[Eta, ...], there: Instant) -> str:
    steps = [promised_when(scene.view, there)] if is_promised else []
    steps += [arrival(eta, there, there.zone) for eta in etas[:-1]]
    steps.append(arrival_of(scene.view, there, scene.judged_at))
    if len(steps) > MAX_STEPS:
        steps = [steps[0], "…", *steps[-2:]]
    return " → ".join(steps)
