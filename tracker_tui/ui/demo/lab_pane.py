"""The content of the fault lab: the catalogue, the selected fault, and the chart of the events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import Part, fit, line, pad
from tracker_tui.ui.cells.sparkline import sparkline
from tracker_tui.ui.demo.event_rates import EventCounts
from tracker_tui.ui.demo.lab import FaultRow
from tracker_tui.ui.model.styles import ACCENT, CAUTION, MUTED, STRONG
from tracker_tui.ui.widgets.pane import action_style

_NAME_WIDTH = 24
_LEVEL_WIDTH = 11
_ARMED_WIDTH = 10
_LABEL_WIDTH = 16
_TOTAL_WIDTH = 5

_TALL = 14
"""Lines from which the advice has three lines instead of two."""

_CHART_LABELS = {"sent": "events sent", "received": "events received", "repaired": "gaps repaired"}


@dataclass(frozen=True, slots=True)
class LabScene:
    """The content of the panel.

    Attributes:
        rows: The catalogue.
        cursor: Index of the selected fault.
        message: The result of the last key, with its style.
        series: Numbers per second, by the name of the count; all of the same length.
        total: Totals since the start.
    """

    rows: tuple[FaultRow, ...]
    cursor: int
    message: Part
    series: dict[str, tuple[int, ...]]
    total: EventCounts


def render_lab(value: LabScene, width: int, height: int) -> Content:
    """Return the list around the selected fault, its description, and the chart where there is room."""
    about = list(_about(value.rows[value.cursor], width, 3 if height >= _TALL else 2))
    below = [line([value.message], width), *about, *render_chart(value.series, value.total, width)]
    room = max(min(3, height), height - len(below))
    start = max(0, min(value.cursor - room // 2, len(value.rows) - room))
    shown = [
        _row(row, width, is_selected=start + index == value.cursor)
        for index, row in enumerate(value.rows[start : start + room])
    ]
    return Content("\n").join([*shown, *below][:height])


def render_chart(series: dict[str, tuple[int, ...]], total: EventCounts, width: int) -> list[Content]:
    """Return a line a count: its label, its numbers per second as bars, its total."""
    top = max((number for numbers in series.values() for number in numbers), default=1)
    totals = {"sent": total.sent, "received": total.received, "repaired": total.repaired}
    return [
        line(
            [
                (pad(_CHART_LABELS[name], _LABEL_WIDTH), MUTED),
                (sparkline(numbers, max(0, width - _LABEL_WIDTH - _TOTAL_WIDTH), top), ACCENT),
                (str(totals[name]).rjust(_TOTAL_WIDTH), STRONG),
            ],
            width,
        )
        for name, numbers in series.items()
    ]


def _row(row: FaultRow, width: int, *, is_selected: bool) -> Content:
    level = sanitize(row.entry.level) if width >= 3 + _NAME_WIDTH + _LEVEL_WIDTH + _ARMED_WIDTH else ""
    armed = f"on {row.rate:.0%}" if row.is_armed and row.rate is not None else "on" if row.is_armed else ""
    name_width = min(_NAME_WIDTH, max(0, width - 3 - (_ARMED_WIDTH if armed else 0)))
    text = Content.assemble(
        ("▸" if is_selected else " ", f"{STRONG} {ACCENT}"),
        (f"{row.digit or ' '} ", f"{STRONG} {ACCENT}"),
        (pad(sanitize(row.entry.name), name_width), STRONG if is_selected else ""),
        (pad(level, _LEVEL_WIDTH if level else 0), MUTED),
        (pad(armed, _ARMED_WIDTH), CAUTION),
    )
    return text.stylize(action_style(f"screen.choose({row.entry.name!r})")).truncate(width)


def _about(row: FaultRow, width: int, advice_lines: int) -> Iterator[Content]:
    """Yield a line with the rate and the effect, and the lines with the advice for a client."""
    rate: list[Content] = []
    if row.rate is not None:
        less = Content.styled(" − ", f"{STRONG} {ACCENT}").stylize(action_style("screen.less"))
        more = Content.styled(" + ", f"{STRONG} {ACCENT}").stylize(action_style("screen.more"))
        rate = [Content("rate"), less, Content.styled(f"{row.rate:.0%}", STRONG), more, Content(" ")]
    yield Content.assemble(*rate, (sanitize(row.entry.summary.splitlines()[0]), MUTED)).truncate(width, ellipsis=True)
    advice = wrap(f"The client should {sanitize(row.entry.advice)}.", width)
    if len(advice) > advice_lines:
        advice[advice_lines - 1] = fit(f"{advice[advice_lines - 1]} …", width)
    for text in (*advice, *[""] * advice_lines)[:advice_lines]:
        yield Content(text)
