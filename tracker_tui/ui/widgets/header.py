"""The header: the watched order or orders, the badge, and the age of the data."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.ui.cells.measure import Part, fit, line
from tracker_tui.ui.cells.pending_command import summarize_pending
from tracker_tui.ui.model.headline import HeaderChip, Headline
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, MUTED, STRONG
from tracker_tui.ui.widgets.pane import action_style

NAME = "tracker-tui"

_SEPARATOR = Content.styled(" · ", MUTED)

_HEARD_WIDTH = len("heard 59 s ago  ")
"""Cells reserved for the time since the last byte; it rarely gets longer."""


def render_header(value: Headline, width: int, height: int) -> Content:
    """Return the header: two lines, or three if the height allows, the order and the badge each on its own."""
    about = _second_line(value, width)
    if height == 1 and value.notice.newest is not None:
        return _bar(_notice(value, width - cell_len(value.badge.short) - 2), _right(value, width), width)
    if height >= 3:
        top = [_subject(value, width), _bar([], _right(value, width), width), about]
    else:
        top = [next(_bars(value, width)), about]
    return Content("\n").join(top[:height])


def _second_line(value: Headline, width: int) -> Content:
    """Return the facts, and at the right the newest notice; the notice alone if there is no room for both."""
    notice = _notice(value, width)
    if not notice:
        return _about(value, width).truncate(width, ellipsis=True)
    room = width - _length(notice) - 2
    about = _about(value, room)
    if about.cell_length > room:
        return line(notice, width)
    return about.truncate(width - _length(notice), pad=True) + line(notice, width)


def _about(value: Headline, width: int) -> Content:
    """Return the beginning, the chips and the end of the second line, in short if that fits better."""
    parts = [Content.styled(value.about, value.about_style)] if value.about else []
    end = [Content.styled(value.after, CAUTION)] if value.after else []
    whole = _SEPARATOR.join([*parts, *map(_chip, value.chips), *end])
    if whole.cell_length <= width or end or (value.about and not value.short_about):
        return whole
    brief = [Content.styled(value.short_about, value.about_style)] if value.short_about else []
    return _SEPARATOR.join([*brief, Content(" ").join(map(_chip, value.chips))])


def _chip(chip: HeaderChip) -> Content:
    text = Content.styled(chip.text, chip.style)
    return text.stylize(action_style(chip.action)) if chip.action else text


def _notice(value: Headline, width: int) -> list[Part]:
    notice = value.notice.newest
    if notice is None:
        return []
    return [(fit(value.notice.text, width), f"{STRONG} {CAUTION if notice.is_warning else ACCENT}")]


def _bars(value: Headline, width: int) -> Iterator[Content]:
    """Yield the layouts of the first line that fit, the fullest first.

    Dropped are the server, the clock, "heard", the lateness and the stage, in this order. The badge and "heard" are
    measured at their longest, and "heard" stands before the badge, so that no other part moves or appears every second.
    """
    growth = max(0, value.badge.max_width - cell_len(value.badge.text))
    name = _place(value)
    order: list[Part] = [(value.subject, STRONG)]
    stage: list[Part] = [(" ▸ ", MUTED), (value.stage, value.stage_style)] if value.stage else []
    late: list[Part] = [(f"  {value.lateness}", f"{STRONG} {BAD}")] if value.lateness else []
    late += _position(value)
    pending: list[Part] = _pending(value)
    badge: list[Part] = [(value.badge.text, f"{STRONG} {value.badge.tone}")]
    heard: list[Part] = [(f"{value.heard}  ", MUTED)] if value.heard else []
    time: list[Part] = [(f"   {value.clock}", MUTED)]
    # A name that the user gave tells two windows apart: only the badge and the order are more important.
    kept = name if value.is_place_named else []
    for left, right, reserved in (
        (name + order + stage + late + pending, heard + badge + time, _HEARD_WIDTH),
        (kept + order + stage + late + pending, heard + badge + time, _HEARD_WIDTH),
        (kept + order + stage + late + pending, heard + badge, _HEARD_WIDTH),
        (kept + order + stage + late + pending, badge, 0),
        (kept + order + stage + pending, badge, 0),
        (kept + order + stage, badge, 0),
        (kept + order, badge, 0),
        (order, badge, 0),
    ):
        used = _length(left) + 2 + _length(right) + growth
        if used + (max(0, reserved - _length(heard)) if value.keeps_room else 0) <= width:
            yield _bar(left, right, width)
    yield _bar(order, _right(value, width), width)


def _subject(value: Headline, width: int) -> Content:
    place = _place(value) if value.is_place_named else []
    stage = [(" ▸ ", MUTED), (value.stage, value.stage_style), *_pending(value)] if value.stage else []
    return line([*place, (value.subject, STRONG), *stage, *_position(value)], width)


def _place(value: Headline) -> list[Part]:
    return [(f"{value.place or NAME}  ", value.place_style)]


def _position(value: Headline) -> list[Part]:
    return [(f"  {value.position}", MUTED)] if value.position else []


def _pending(value: Headline) -> list[Part]:
    summary = summarize_pending(value.pending_commands)
    return [(f"  {summary}", CAUTION)] if summary else []


def _right(value: Headline, width: int) -> list[Part]:
    text = value.badge.text if cell_len(value.badge.text) <= width else fit(value.badge.short, width)
    return [(text, f"{STRONG} {value.badge.tone}")]


def _bar(left: list[Part], right: list[Part], width: int) -> Content:
    room = max(0, width - _length(right))
    if not left:
        return line(right, width)
    return line(left, max(0, room - 1)).truncate(room, pad=True) + line(right, width)


def _length(parts: list[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)
