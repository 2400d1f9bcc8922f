"""The timeline pane: the order's past, present and coming stages, with their checkpoints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.order import Precision
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Checkpoint, Mark, Row, exceeded_by, timeline
from tracker_tui.ui.cells.measure import Part, hanging_lines, line, pad
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, MUTED, STRONG
from tracker_tui.ui.widgets import pending_commands
from tracker_tui.wording.names import counted
from tracker_tui.wording.sentences import checkpoint_text
from tracker_tui.wording.times import Instant, day, span, stamp

_LABEL = {
    Mark.DONE: "",
    Mark.ACTIVE: f"{STRONG} {ACCENT}",
    Mark.PENDING: MUTED,
    Mark.SKIPPED: MUTED,
    Mark.STRUCK: f"strike {MUTED}",
    Mark.ENDED: f"{STRONG} {BAD}",
    Mark.REOPENED: "",
}

_REACHED = {Mark.DONE, Mark.ACTIVE, Mark.ENDED}


def timeline_title(scene: OrderScene) -> str:
    """Return the pane's title, with a remark while the history is from a superseded epoch."""
    return "Timeline, from before the server's new log" if scene.view.superseded_epoch else "Timeline"


def render_timeline(value: OrderScene, width: int, height: int) -> Content:
    """Return a line a stage, the oldest folded if not all fit; checkpoints between them where there is room."""
    rows = timeline(value.view)
    if not rows:
        return line([("No data for this order yet.", MUTED)], width)
    pending = pending_commands.render_pending_commands(
        value.pending_commands, width, max(height // 3, height - len(rows))
    )
    height -= len(pending)
    shown, earlier = _window(rows, height)
    folded = [line([(f"⋮ {earlier} earlier", MUTED)], width)] if earlier and height > 1 else []
    state = value.view.current
    daily = state is not None and state.eta is not None and state.eta.precision is Precision.DAY
    table = _table(shown, value.instant, width, daily=daily)
    below = _checkpoints(shown, height - len(folded) - len(table), value.instant, width)
    stages = [each for row, checkpoints in zip(table, below, strict=True) for each in (row, *checkpoints)]
    return Content("\n").join([*folded, *stages, *pending])


def _checkpoints(rows: Sequence[Row], room: int, instant: Instant, width: int) -> list[list[Content]]:
    """Return for each row the lines of its checkpoints, the newest of all rows if not all fit into `room` lines."""
    every = [(place, each) for place, row in enumerate(rows) for each in row.checkpoints]
    # The line with the number of omitted ones takes a line, unless there is only one.
    kept = len(every) if len(every) <= room else max(room - 1, min(room, 1))
    shown = every[len(every) - kept :]
    for_time = max((cell_len(stamp(each.at, instant)) for _, each in shown), default=0)
    below: list[list[Content]] = [[] for _ in rows]
    spare = room - len(shown) - (1 if kept < len(every) else 0)
    # A single line shows the newest checkpoint and the number of omitted ones.
    tail: list[Part] = [(f"  ⋮ {len(every) - 1} earlier", MUTED)] if room == 1 and len(every) > 1 else []
    # Spare lines go to the text of the newest checkpoints.
    for number, (place, each) in reversed(list(enumerate(shown, start=1))):
        before, text, style = _checkpoint(each, instant, for_time)
        style = style or ("" if number == len(shown) else MUTED)
        rendered = hanging_lines([before], text, style, width)
        if tail or len(rendered) - 1 > spare:
            rendered = [line([before, (text, style), *tail], width)]
        spare -= len(rendered) - 1
        below[place][:0] = rendered
    if 0 < kept < min(len(every), room):
        omitted = f"  ⋮ {counted(len(every) - kept, 'earlier checkpoint', 'earlier checkpoints')}"
        below[shown[0][0]].insert(0, line([(omitted, MUTED)], width))
    return below


def _checkpoint(each: Checkpoint, instant: Instant, for_time: int) -> tuple[Part, str, str]:
    """Return a checkpoint's sign and time, its text, and the text's style; empty for the default."""
    glyph = STAGE_GLYPHS[Mark.STRUCK][0] if each.superseded else "·"
    when = pad(stamp(each.at, instant), for_time)
    return (f"  {glyph} {when}  ", MUTED), checkpoint_text(each), _LABEL[Mark.STRUCK] if each.superseded else ""


def _window(rows: Sequence[Row], height: int) -> tuple[Sequence[Row], int]:
    """Return the rows that fit, the present stage among them, and the number of rows folded before them."""
    if len(rows) <= height:
        return rows, 0
    here = max((index for index, row in enumerate(rows) if row.mark in _REACHED), default=0)
    if height == 1:
        return rows[here : here + 1], here
    earlier = min(len(rows) - height + 1, here)
    return rows[earlier : earlier + height - (1 if earlier else 0)], earlier


def _table(rows: Sequence[Row], instant: Instant, width: int, *, daily: bool) -> list[Content]:
    times = [_time(row, instant, daily=daily) or _absence(rows, index) for index, row in enumerate(rows)]
    for_time = max((cell_len(time) for row, time in zip(rows, times, strict=True) if row.at), default=0)
    wanted = max(cell_len(sanitize(row.label)) for row in rows)
    remarks = [_remark(row, instant, brief=False) for row in rows]
    excesses = [_excess(row, instant, brief=False) for row in rows]
    # On a narrow pane the remarks are shortened first, then the labels.
    if 2 + wanted + 2 + for_time + 2 + _widest(remarks, excesses) > width:
        remarks = [_remark(row, instant, brief=True) for row in rows]
        excesses = [_excess(row, instant, brief=True) for row in rows]
        if 2 + wanted + 2 + for_time + 2 + _widest(remarks, excesses) > width:
            excesses = ["" for _ in rows]
    for_label = min(wanted, max(8, width - 2 - 2 - for_time - 2 - _widest(remarks, excesses)))
    lines: list[Content] = []
    for row, time, remark, excess in zip(rows, times, remarks, excesses, strict=True):
        glyph, colour = STAGE_GLYPHS[row.mark]
        bright = "" if row.mark in {Mark.ACTIVE, Mark.ENDED} else MUTED
        parts: list[Part] = [(f"{glyph} ", colour), *_label(row, for_label), (f"  {pad(time, for_time)}", bright)]
        if cell_len(time) > for_time:
            parts[-1] = (f"  {time}", MUTED)
        parts += [(f"  {remark}" if remark else "", MUTED), (excess, CAUTION)]
        lines.append(line(parts, width))
    return lines


def _widest(remarks: Sequence[str], excesses: Sequence[str]) -> int:
    return max(cell_len(remark) + cell_len(excess) for remark, excess in zip(remarks, excesses, strict=True))


def _excess(row: Row, instant: Instant, *, brief: bool) -> str:
    """Return by how much the stage took longer than the flow allows; empty if it didn't."""
    excess = exceeded_by(row, instant.now)
    if excess is None:
        return ""
    return " ▲ over" if brief else f"  ▲ {span(excess)} over"


def _label(row: Row, width: int) -> list[Part]:
    text = pad(sanitize(row.label), width)
    bare = text.rstrip()
    return [(bare, _LABEL[row.mark]), (text[len(bare) :], "")]


def _time(row: Row, instant: Instant, *, daily: bool) -> str:
    if row.at is not None:
        return stamp(row.at, instant)
    if row.expected is not None and not daily and row.expected < instant.now:
        return "due any moment"
    if row.expected is not None:
        when = day(row.expected, instant) if daily else stamp(row.expected, instant, seconds=False)
        return f"expected ~{when}"
    return ""


def _absence(rows: Sequence[Row], index: int) -> str:
    if rows[index].mark is not Mark.SKIPPED:
        return ""
    return "not reached" if any(row.mark is Mark.ENDED for row in rows[:index]) else "skipped"


def _remark(row: Row, instant: Instant, *, brief: bool) -> str:
    if row.mark is Mark.ACTIVE and row.at is not None:
        return span(instant.now - row.at, brief=True) if brief else f"{span(instant.now - row.at)} so far"
    if row.mark is Mark.STRUCK and not (row.undone and brief):
        return "corrected, reopened" if row.undone else "corrected"
    if row.undone:
        return "reopened"
    if row.took is None:
        return ""
    return span(row.took, brief=True) if brief else f"took {span(row.took)}"
