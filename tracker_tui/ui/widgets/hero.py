"""The first lines of an order: its arrival and lateness, and below them the sentence to say to the customer."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from tracker_tui.ui.cells.arrival import arrival_parts, length, promise_layouts
from tracker_tui.ui.cells.measure import Part, fit, hanging_lines, line, wrap
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG, refusal_text

TWO_ROWS_BELOW = 60
"""Cells under which arrival and lateness have a row each."""

_GAPS = (6, 3)
"""Cells between the arrival and the lateness, the wished ones first."""

_SAY = "SAY  "

_SAY_MARK = "\u00a0" * (len(_SAY) - 1)
"""Stands for the label while the sentence is wrapped."""


def render_hero(value: OrderScene, width: int, height: int) -> Content:
    """Return the arrival in one line, or in two on a narrow screen with enough rows, and the sentence below it."""
    return Content("\n").join(hero_rows(value, width, height))


def hero_rows(scene: OrderScene, width: int, height: int) -> list[Content]:
    """Return the same as lines."""
    rows = list(_arrival_rows(scene, width, 2 if width < TWO_ROWS_BELOW and height >= 4 else 1))
    return [*rows, *render_say(scene.say, width, height - len(rows))][:height]


def render_say(sentence: str, width: int, height: int) -> list[Content]:
    """Return the sentence in at most `height` lines, cut if it is longer; indented where there is room."""
    indent = " " * len(_SAY) if width >= TWO_ROWS_BELOW else ""
    # The label is wrapped with the sentence, and then gets its own style.
    rows = wrap(f"{_SAY_MARK} {sentence}", width) if not indent else wrap(sentence, max(1, width - len(_SAY)))
    if len(rows) > height > 0:
        rows = [*rows[: height - 1], fit(" ".join(rows[height - 1 :]), max(1, width - len(indent)))]
    first, *more = rows
    label: Part = (_SAY, f"{STRONG} {MUTED}")
    head = first if indent else first.removeprefix(_SAY_MARK).removeprefix(" ")
    return [line([label, (head, "")], width), *(line([(indent, ""), (row, "")], width) for row in more)][
        : max(0, height)
    ]


def render_unknown(value: OrderScene, width: int, height: int) -> Content:
    """Return the line that stands for an order that the server doesn't show, and the order that was meant."""
    host = f" at {value.connection.host}" if value.connection.host else ""
    rows = hanging_lines([], f"{refusal_text(value.problem)}{host}: {value.view.order_id}", STRONG, width)
    if value.suggestion is not None:
        rows += hanging_lines([], f"Did you mean {value.suggestion}? Enter opens it.", ACCENT, width)
    return Content("\n").join(rows[:height])


def _arrival_rows(scene: OrderScene, width: int, count: int) -> Iterator[Content]:
    arrival = list(arrival_parts(scene).layouts())
    promise = list(promise_layouts(scene, width))
    if count == 2:
        for layouts in (arrival, promise):
            yield line(next((parts for parts in layouts if length(parts) <= width), layouts[-1]), width)
        return
    # The window and the moves are dropped first, then the promise, then the time until the arrival.
    order = [(left, right) for right in promise for left in arrival[:1]]
    order += [(left, right) for left in arrival for right in promise[-2:]]
    order += [(left, []) for left in arrival]
    for left, right in order:
        for gap in _GAPS if right else (0,):
            if length(left) + gap + length(right) <= width:
                yield line([*left, (" " * gap, ""), *right], width)
                return
    yield line(arrival[-1], width)
