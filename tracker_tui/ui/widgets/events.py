"""The last lines of the event log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from tracker_tui.ui.cells.measure import Part, lines, pad
from tracker_tui.ui.model.event_log import LogLine
from tracker_tui.ui.model.scene import BoardScene, OrderScene
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, GOOD, MUTED
from tracker_tui.wording.times import Instant, stamp

TOPIC_STYLES = {
    "order": GOOD,
    "link": ACCENT,
    "gap": CAUTION,
    "epoch": CAUTION,
    "fault": BAD,
    "refusal": BAD,
    "oddity": BAD,
    "command": ACCENT,
}
"""Style of each topic."""


def render_events(value: OrderScene | BoardScene, width: int, height: int) -> Content:
    """Return as many of the last lines as fit."""
    if not value.tail:
        return lines([[("No events yet", MUTED)]], width)
    names = isinstance(value, BoardScene)
    tail = value.tail[-height:]
    time_width = stamp_width(tail, value.instant)
    return lines([log_line_parts(line, value.instant, names=names, width=time_width) for line in tail], width)


def stamp_width(log_lines: Iterable[LogLine], instant: Instant) -> int:
    """Return the cells of the longest time among lines, to align the text after it."""
    return max((len(stamp(line.at, instant)) for line in log_lines), default=0)


def log_line_parts(line: LogLine, instant: Instant, *, names: bool = False, width: int = 0) -> Sequence[Part]:
    """Return one line of the log: time, topic, order id, text.

    Args:
        line: The line.
        instant: The present time.
        names: Whether to include the order id.
        width: Cells of the time.
    """
    order = f"{line.order_id}  " if names and line.order_id else ""
    return [
        (f"{stamp(line.at, instant):<{width}}  ", MUTED),
        (pad(line.topic, 7), TOPIC_STYLES.get(line.topic, "")),
        (f"  {order}{line.text}", ""),
    ]
