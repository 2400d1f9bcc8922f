"""The timeline pane: the order's past, present and coming stages, and what each of them brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.estimates import with_estimates
from tracker_tui.domain.order import Precision
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Checkpoint, Mark, Row, exceeded_by, time_limit, timeline
from tracker_tui.ui.cells.measure import Part, hanging_lines, line, pad
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, MUTED, STRONG, STUCK
from tracker_tui.ui.widgets import pending_commands
from tracker_tui.ui.widgets.events import log_line_parts, stamp_width
from tracker_tui.wording.arrival import at_destination, place_of_zone
from tracker_tui.wording.names import counted
from tracker_tui.wording.sentences import checkpoint_text
from tracker_tui.wording.times import Instant, age, day, span, stamp

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

_COARSE_FROM = timedelta(hours=6)
"""Time limit of a stage from which the seconds of an order mean nothing."""

_MIN_DURATION = timedelta(minutes=1)
"""Shorter durations of a finished stage are not shown."""

_ZONE_FROM = 56
"""Cells from which a day to come has its time zone."""

MAX_LOG_ROWS = 3
"""Rows for lines of the log below the timeline."""

_SHOWN_TOPICS = {"order"}
"""Topics of the log whose lines the timeline shows in another way."""


def timeline_title(scene: OrderScene) -> str:
    """Return the pane's title, with a remark while the history is from a superseded epoch."""
    return "Timeline, from before the server's new log" if scene.view.superseded_epoch else "Timeline"


def render_timeline(value: OrderScene, width: int, height: int, *, has_log: bool = True) -> Content:
    """Return a line a stage, the oldest folded if not all fit.

    Where there is room, the checkpoints of each stage stand under it, and the last lines of the log that are about no
    stage at the bottom, unless the screen shows them in another pane (`has_log`).
    """
    rows = with_estimates(timeline(value.view), value.view, value.judged_at)
    if not rows:
        return line([("No data for this order yet.", MUTED)], width)
    pending = pending_commands.render_pending_commands(
        value.pending_commands, width, max(height // 3, height - len(rows))
    )
    room = height - len(pending)
    shown, earlier = _window(rows, room)
    folded = [line([(f"⋮ {earlier} earlier", MUTED)], width)] if earlier and room > 1 else []
    scale = _Scale.of(value, width)
    table = _table(shown, scale, width)
    below = _checkpoints(shown, room - len(folded) - len(table), scale, width)
    stages = [each for row, checkpoints in zip(table, below, strict=True) for each in (row, *checkpoints)]
    used = [*folded, *stages, *pending]
    log = _log_lines(value, height - len(used) - 1, width) if has_log else []
    gap = [Content("")] * (height - len(used) - len(log)) if log else []
    return Content("\n").join([*used, *gap, *log])


@dataclass(frozen=True, slots=True)
class _Scale:
    """How the times of an order are shown.

    Attributes:
        instant: The present, with the zone of the times.
        there: The present at the destination.
        judged_at: The wall time up to which the order is known.
        is_daily: Whether the stages to come are expected on days, at the destination.
        is_coarse: Whether no seconds are shown, as for a parcel.
        names_zone: Whether there is room for the name of the destination's time zone.
    """

    instant: Instant
    there: Instant
    judged_at: datetime
    is_daily: bool
    is_coarse: bool
    names_zone: bool

    @classmethod
    def of(cls, scene: OrderScene, width: int) -> _Scale:
        """Return the scale of an order in a pane of `width` cells."""
        eta = scene.view.current.eta if scene.view.current else None
        limits = [limit for stage in scene.view.stages if (limit := time_limit(stage)) is not None]
        is_coarse = (eta is not None and eta.precision is not Precision.MINUTE) or max(
            limits, default=timedelta()
        ) >= _COARSE_FROM
        return cls(
            scene.instant,
            at_destination(scene.view, scene.instant),
            scene.judged_at,
            eta is not None and eta.precision is Precision.DAY,
            is_coarse,
            width >= _ZONE_FROM,
        )

    def time(self, at: datetime) -> str:
        """Return a time in the past."""
        return stamp(at, self.instant, seconds=not self.is_coarse)

    def expected(self, at: datetime) -> str:
        """Return the time or the day of a stage to come."""
        if not self.is_daily:
            return f"expected ~{stamp(at, self.instant, seconds=False)}"
        # The line of the arrival above names it in any case.
        place = place_of_zone(self.there, self.instant, at) if self.names_zone else ""
        return f"expected ~{day(at, self.there)}{f', {place} time' if place else ''}"

    def duration(self, length: timedelta, *, brief: bool = False) -> str:
        """Return a duration."""
        seconds = length.total_seconds()
        return age(seconds) if self.is_coarse and 60 <= seconds < 3600 else span(length, brief=brief)


def _log_lines(scene: OrderScene, room: int, width: int) -> list[Content]:
    """Return the last lines of the log that the timeline doesn't show in another way, wrapped, in a few rows."""
    # A pending command has a line of its own.
    shown = _SHOWN_TOPICS | ({"command"} if scene.pending_commands else set())
    room = max(0, min(room, MAX_LOG_ROWS))
    chosen = [each for each in scene.tail if each.topic not in shown]
    chosen = chosen[max(0, len(chosen) - room) :]
    time_width, spare = stamp_width(chosen, scene.instant), room - len(chosen)
    rows: list[Content] = []
    # Spare rows go to the text of the newest lines.
    for each in reversed(chosen):
        *before, (text, style) = log_line_parts(each, scene.instant, width=time_width)
        wrapped = hanging_lines([*before, ("  ", "")], text.strip(), style, width)
        if len(wrapped) - 1 > spare:
            wrapped = [line([*before, (text, style)], width)]
        spare -= len(wrapped) - 1
        rows = [*wrapped, *rows]
    return rows


def _checkpoints(rows: Sequence[Row], room: int, scale: _Scale, width: int) -> list[list[Content]]:
    """Return for each row the lines of its checkpoints, the newest of all rows if not all fit into `room` lines."""
    every = [(place, each) for place, row in enumerate(rows) for each in row.checkpoints]
    # The line with the number of omitted ones takes a line, unless there is only one.
    kept = len(every) if len(every) <= room else max(room - 1, min(room, 1))
    shown = every[len(every) - kept :]
    for_time = max((cell_len(scale.time(each.at)) for _, each in shown), default=0)
    below: list[list[Content]] = [[] for _ in rows]
    spare = room - len(shown) - (1 if kept < len(every) else 0)
    # A single line shows the newest checkpoint and the number of omitted ones.
    tail: list[Part] = [(f"  ⋮ {len(every) - 1} earlier", MUTED)] if room == 1 and len(every) > 1 else []
    # Spare lines go to the text of the newest checkpoints.
    for number, (place, each) in reversed(list(enumerate(shown, start=1))):
        before, text, style = _checkpoint(each, scale, for_time)
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


def _checkpoint(each: Checkpoint, scale: _Scale, for_time: int) -> tuple[Part, str, str]:
    """Return a checkpoint's sign and time, its text, and the text's style; empty for the default."""
    glyph = STAGE_GLYPHS[Mark.STRUCK][0] if each.superseded else "·"
    when = pad(scale.time(each.at), for_time)
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


def _table(rows: Sequence[Row], scale: _Scale, width: int) -> list[Content]:
    times = [_time(row, scale) or _absence(rows, index) for index, row in enumerate(rows)]
    for_time = max((cell_len(time) for row, time in zip(rows, times, strict=True) if row.at), default=0)
    wanted = max(cell_len(sanitize(row.label)) for row in rows)
    remarks = [_remark(row, scale, brief=False) for row in rows]
    excesses = [_excess(row, scale, brief=False) for row in rows]
    # On a narrow pane the remarks are shortened first, then the labels.
    if 2 + wanted + 2 + for_time + 2 + _widest(remarks, excesses) > width:
        remarks = [_remark(row, scale, brief=True) for row in rows]
        excesses = [_excess(row, scale, brief=True) for row in rows]
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


def _excess(row: Row, scale: _Scale, *, brief: bool) -> str:
    """Return by how much the stage took longer than the flow allows; empty if it didn't."""
    excess = exceeded_by(row, scale.judged_at)
    if excess is None:
        return ""
    return f" {STUCK[0]} over" if brief else f"  {STUCK[0]} {scale.duration(excess)} over"


def _label(row: Row, width: int) -> list[Part]:
    text = pad(sanitize(row.label), width)
    bare = text.rstrip()
    return [(bare, _LABEL[row.mark]), (text[len(bare) :], "")]


def _time(row: Row, scale: _Scale) -> str:
    if row.at is not None:
        return scale.time(row.at)
    return scale.expected(row.expected) if row.expected is not None else ""


def _absence(rows: Sequence[Row], index: int) -> str:
    if rows[index].mark is not Mark.SKIPPED:
        return ""
    return "not reached" if any(row.mark is Mark.ENDED for row in rows[:index]) else "skipped"


def _remark(row: Row, scale: _Scale, *, brief: bool) -> str:
    if row.mark is Mark.ACTIVE and row.at is not None:
        lasting = scale.duration(scale.judged_at - row.at, brief=brief)
        return lasting if brief else f"{lasting} so far"
    if row.mark is Mark.STRUCK and not (row.undone and brief):
        return "corrected, reopened" if row.undone else "corrected"
    if row.undone:
        return "reopened"
    if row.took is None or row.took < _MIN_DURATION:
        return ""
    lasted = scale.duration(row.took, brief=brief)
    return lasted if brief else f"took {lasted}"
