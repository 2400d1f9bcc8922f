"""Partial updates send all changes and little more."""

from __future__ import annotations

import io

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from tracker_tui.ui.terminal.diff_compositor import DiffUpdate, changed_regions

WIDTH = 24

STYLES = {"": Style(), "red": Style(color="#ff0000"), "bold": Style(bold=True)}

lines = st.lists(
    st.tuples(st.text("ab 1味", min_size=1, max_size=5), st.sampled_from(list(STYLES))), min_size=1, max_size=4
)


def strip(parts: list[tuple[str, str]]) -> Strip:
    """Return the parts as a line of the full width."""
    return Strip([Segment(text, STYLES[style]) for text, style in parts]).adjust_cell_length(WIDTH, Style())


def sent(line: Strip, spans: list[tuple[int, int]]) -> str:
    """Return the output of an update of some cells of the third line."""
    console = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True)
    update = DiffUpdate([{}, {}, {0: line}], [(2, left, right) for left, right in spans], [[], [], [WIDTH]])
    return update.render_segments(console)


def look(screen: pyte.Screen) -> list[object]:
    """Return the cells of the third line with their styles."""
    return [screen.buffer[2][x] for x in range(WIDTH)]


@given(lines, lines)
def test_a_partial_update_gives_the_same_screen_as_a_full_one(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    partial_screen, full_screen = pyte.Screen(WIDTH, 4), pyte.Screen(WIDTH, 4)
    regions = list(changed_regions(Content.assemble(*before), Content.assemble(*after), 2, WIDTH))
    pyte.Stream(partial_screen).feed(sent(strip(before), [(0, WIDTH)]))
    if regions:
        pyte.Stream(partial_screen).feed(sent(strip(after), [(each.x, each.right) for each in regions]))
    pyte.Stream(full_screen).feed(sent(strip(after), [(0, WIDTH)]))
    assert look(partial_screen) == look(full_screen)


def test_an_update_sends_only_its_span() -> None:
    left, middle, right = (strip([(text, "")]) for text in ("left ", "mid  ", "right"))
    update = DiffUpdate([{0: left, 5: middle, 10: right}], [(0, 5, 8)], [[5, 10, 15]])
    assert update.render_segments(Console()) == "\x1b[1;6Hmid"


def test_one_changed_digit_is_one_region() -> None:
    [region] = changed_regions(Content("heard 2 s ago"), Content("heard 3 s ago"), 0, WIDTH)
    assert (region.x, region.width) == (6, 1)


def test_two_distant_changes_are_two_regions_with_one_style() -> None:
    before, after = Content("1 and far away 1"), Content("2 and far away 2")
    regions = list(changed_regions(before, after, 2, WIDTH))
    assert [(each.x, each.width) for each in regions] == [(0, 1), (15, 1)]
    output = sent(strip([(after.plain, "red")]), [(each.x, each.right) for each in regions])
    assert output == "\x1b[3;1H\x1b[38;2;255;0;0m2\x1b[3;16H2\x1b[0m"


def test_a_changed_colour_is_a_change() -> None:
    assert list(changed_regions(Content.styled("late", "red"), Content.styled("late", "bold"), 0, WIDTH))
