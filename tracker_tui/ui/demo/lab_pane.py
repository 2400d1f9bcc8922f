"""The fault lab: the catalogue, what the fault in hand does, and what becomes of the events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import Part, fit, line, pad
from tracker_tui.ui.demo.event_rates import EventCounts, sparkline
from tracker_tui.ui.demo.lab import FaultRow
from tracker_tui.ui.model.styles import ACCENT, CAUTION, MUTED, STRONG
from tracker_tui.ui.widgets.pane import action_style

_NAME = 24
_LEVEL = 11
_ON = 10
_LEGEND = 16
_TOTAL = 5

_ROOMY = 14
"""Lines from which there are three for the advice."""


@dataclass(frozen=True, slots=True)
class LabScene:
    """What the lab shows.

    Attributes:
        rows: The catalogue.
        cursor: Index of the fault in hand.
        message: What the last key did, with its style.
        series: Per second, by name; all of the same length.
        total: All that was counted.
    """

    rows: tuple[FaultRow, ...]
    cursor: int
    message: Part
    series: dict[str, tuple[int, ...]]
    total: EventCounts


def render_lab(value: LabScene, width: int, height: int) -> Content:
    """The list with the fault in hand in sight, then that fault, then the chart, as far as there is room."""
    about = list(_about(value.rows[value.cursor], width, 3 if height >= _ROOMY else 2))
    figures = render_chart(value.series, value.total, width)
    below = [line([value.message], width), *about, *figures]
    room = max(min(3, height), height - len(below))
    start = max(0, min(value.cursor - room // 2, len(value.rows) - room))
    shown = [
        _row(row, width, chosen=start + index == value.cursor)
        for index, row in enumerate(value.rows[start : start + room])
    ]
    return Content("\n").join([*shown, *below][:height])


def _row(row: FaultRow, width: int, *, chosen: bool) -> Content:
    level = sanitize(row.entry.level) if width >= 3 + _NAME + _LEVEL + _ON else ""
    rate = f"▲ on {row.rate:.0%}" if row.is_armed and row.rate is not None else "▲ on" if row.is_armed else ""
    text = Content.assemble(
        ("▸" if chosen else " ", f"{STRONG} {ACCENT}"),
        (f"{row.digit or ' '} ", f"{STRONG} {ACCENT}"),
        (pad(sanitize(row.entry.name), min(_NAME, max(0, width - 3 - (_ON if rate else 0)))), STRONG if chosen else ""),
        (pad(level, _LEVEL if level else 0), MUTED),
        (pad(rate, _ON), CAUTION),
    )
    return text.stylize(action_style(f"screen.choose({row.entry.name!r})")).truncate(width)


def _about(row: FaultRow, width: int, most: int) -> Iterator[Content]:
    """Yield what it does and how often, in a line, and what a client should do, in `most` lines."""
    rate: list[Content] = []
    if row.rate is not None:
        less = Content.styled(" − ", f"{STRONG} {ACCENT}").stylize(action_style("screen.less"))
        more = Content.styled(" + ", f"{STRONG} {ACCENT}").stylize(action_style("screen.more"))
        rate = [
            Content("rate"),
            less,
            Content.styled(f"{row.rate:.0%}", STRONG).stylize(action_style("screen.rate")),
            more,
            Content(" "),
        ]
    yield Content.assemble(*rate, (sanitize(row.entry.summary.splitlines()[0]), MUTED)).truncate(width, ellipsis=True)
    advice = wrap(f"The client should {sanitize(row.entry.advice)}.", width)
    if len(advice) > most:
        advice[most - 1] = fit(f"{advice[most - 1]} …", width)
    for text in (*advice, *[""] * most)[:most]:
        yield Content(text)


def render_chart(series: dict[str, tuple[int, ...]], total: EventCounts, width: int) -> list[Content]:
    """Three lines: how many events were sent and received, and how many holes mended, second by second."""
    top = max((number for numbers in series.values() for number in numbers), default=1)
    totals = {"sent": total.sent, "received": total.received, "mended": total.repaired}
    return [
        line(
            [
                (pad(f"{'holes' if name == 'mended' else 'events'} {name}", _LEGEND), MUTED),
                (sparkline(numbers, max(0, width - _LEGEND - _TOTAL), top), ACCENT),
                (str(totals[name]).rjust(_TOTAL), STRONG),
            ],
            width,
        )
        for name, numbers in series.items()
    ]
