"""The event log's tail: the last lines, painted as one text."""

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
    """As many of the last lines as there is room for."""
    if not value.tail:
        return lines([[("nothing to tell yet", MUTED)]], width)
    names = isinstance(value, BoardScene)
    tail = value.tail[-height:]
    room = stamp_width(tail, value.instant)
    return lines([log_line_parts(line, value.instant, names=names, room=room) for line in tail], width)


def stamp_width(of: Iterable[LogLine], instant: Instant) -> int:
    """Cells of the longest time among lines, so that what follows stands one under the other."""
    return max((len(stamp(line.at, instant)) for line in of), default=0)


def log_line_parts(line: LogLine, instant: Instant, *, names: bool = False, room: int = 0) -> Sequence[Part]:
    """One line of the log: time, in so many cells at least, topic, with `names` the order, text."""
    order = f"{line.order_id}  " if names and line.order_id else ""
    return [
        (f"{stamp(line.at, instant):<{room}}  ", MUTED),
        (pad(line.topic, 7), TOPIC_STYLES.get(line.topic, "")),
        (f"  {order}{line.text}", ""),
    ]
