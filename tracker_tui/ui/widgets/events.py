"""The event log's tail: the last lines, painted as one text."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tracker_tui.ui.cells import Part, lines, pad
from tracker_tui.ui.journal import Line
from tracker_tui.ui.scene import BoardScene, Scene
from tracker_tui.ui.words import ACCENT, BAD, CAUTION, GOOD, MUTED
from tracker_tui.wording.times import Instant, stamp

TOPICS = {
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


def draw(value: Scene | BoardScene, width: int, height: int) -> Content:
    """As many of the last lines as there is room for."""
    if not value.tail:
        return lines([[("nothing has happened yet", MUTED)]], width)
    names = isinstance(value, BoardScene)
    return lines([parts(line, value.instant, names=names) for line in value.tail[-height:]], width)


def parts(line: Line, instant: Instant, *, names: bool = False) -> Sequence[Part]:
    """One line of the log: time, topic, with `names` the order, text."""
    order = f"{line.order_id}  " if names and line.order_id else ""
    return [
        (f"{stamp(line.at, instant)}  ", MUTED),
        (pad(line.topic, 7), TOPICS.get(line.topic, "")),
        (f"  {order}{line.text}", ""),
    ]
