"""The timeline pane: where the order was, where it is, what is still to come."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.order import Precision
from tracker_tui.domain.timeline import Mark, Row, timeline
from tracker_tui.domain.visible import visible
from tracker_tui.ui.cells import Part, line, pad
from tracker_tui.ui.scene import Scene
from tracker_tui.ui.times import Instant, day, span, stamp
from tracker_tui.ui.words import ACCENT, BAD, GOOD, MUTED, STRONG

GLYPHS = {
    Mark.DONE: ("✔", GOOD),
    Mark.ACTIVE: ("▶", ACCENT),
    Mark.PENDING: ("○", MUTED),
    Mark.SKIPPED: ("–", MUTED),
    Mark.STRUCK: ("⊘", MUTED),
    Mark.ENDED: ("✖", BAD),
}
"""Per mark: glyph and style."""

_LABEL = {
    Mark.DONE: "",
    Mark.ACTIVE: f"{STRONG} {ACCENT}",
    Mark.PENDING: MUTED,
    Mark.SKIPPED: MUTED,
    Mark.STRUCK: f"strike {MUTED}",
    Mark.ENDED: f"{STRONG} {BAD}",
}


def title(scene: Scene) -> str:
    """The pane's title, which says when the history in it is an older one."""
    return "Timeline, from before the server's new log" if scene.view.superseded_epoch else "Timeline"


def draw(value: Scene, width: int, height: int) -> Content:
    """One line a row; the oldest are folded away where there is no room."""
    rows = timeline(value.view)
    if not rows:
        return line([("Nothing is known of this order yet.", MUTED)], width)
    folded: list[Content] = []
    if (excess := len(rows) - height) > 0:
        rows = rows[excess + 1 :]
        folded = [line([(f"⋮ {excess + 1} earlier", MUTED)], width)]
    daily = bool(value.view.state and (eta := value.view.state.value.eta) and eta.precision is Precision.DAY)
    return Content("\n").join([*folded, *_table(rows, value.instant, width, daily=daily)])


def _table(rows: tuple[Row, ...], instant: Instant, width: int, *, daily: bool) -> list[Content]:
    times = [stamp(row.at, instant) if row.at else "" for row in rows]
    remarks = [_remark(row, instant, after_end=_is_after_end(rows, index)) for index, row in enumerate(rows)]
    for_time = max(map(cell_len, times), default=0)
    for_remark = max(map(cell_len, remarks), default=0)
    wanted = max(cell_len(visible(row.label)) for row in rows)
    # Room that is missing is taken from the labels first, as far as they stay readable, then from the remarks.
    for_label = min(wanted, max(10, width - 2 - 2 - for_time - 2 - for_remark))
    drawn: list[Content] = []
    for row, time, remark in zip(rows, times, remarks, strict=True):
        glyph, colour = GLYPHS[row.mark]
        parts: list[Part] = [(f"{glyph} ", colour), *_label(row, for_label)]
        if row.expected is not None:
            parts.append((f"  expected ~{_expected(row, instant, daily=daily)}", MUTED))
        elif time or remark:
            parts.append((f"  {pad(time, for_time)}", "" if row.mark is Mark.ACTIVE else MUTED))
            parts.append((f"  {remark}" if remark else "", MUTED))
        drawn.append(line(parts, width))
    return drawn


def _label(row: Row, width: int) -> list[Part]:
    text = pad(visible(row.label), width)
    bare = text.rstrip()
    return [(bare, _LABEL[row.mark]), (text[len(bare) :], "")]


def _remark(row: Row, instant: Instant, *, after_end: bool) -> str:
    match row.mark:
        case Mark.ACTIVE if row.at is not None:
            return f"{span(instant.now - row.at)} so far"
        case Mark.STRUCK:
            return "corrected"
        case Mark.SKIPPED:
            return "not reached" if after_end else "skipped"
        case _:
            return f"took {span(row.took)}" if row.took is not None else ""


def _is_after_end(rows: tuple[Row, ...], index: int) -> bool:
    return any(row.mark is Mark.ENDED for row in rows[:index])


def _expected(row: Row, instant: Instant, *, daily: bool) -> str:
    if row.expected is None:
        return ""
    return day(row.expected, instant) if daily else stamp(row.expected, instant, seconds=False)
