"""Repaints that send only the cells that changed, and a style only where it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor  # there is no public way to change the output of a repaint
from textual.content import Content
from textual.geometry import Region

MERGE_GAP = 6
"""Unchanged cells that are sent again rather than skipped; moving the cursor takes as many bytes."""

_RESET = "\x1b[0m"
_SEQUENCE = re.compile(r"(\x1b\[[0-9;]*[mH])")


def changed_regions(before: Content, after: Content, row: int, width: int) -> Iterator[Region]:
    """Yield the regions of a line that look different now.

    Args:
        before: The line before.
        after: The line now.
        row: The line's row.
        width: Cells of the row.
    """
    old, new = _cells(before), _cells(after)
    first: int | None = None
    last = x = 0
    for old_cell, new_cell in zip(old, new, strict=False):
        room = cell_len(new_cell[0])
        if cell_len(old_cell[0]) != room:
            break
        if old_cell != new_cell:
            if first is not None and x - last > MERGE_GAP:
                yield Region(first, row, last - first, 1)
                first = None
            first = x if first is None else first
            last = x + room
        x += room
    else:
        if len(old) == len(new):
            if first is not None:
                yield Region(first, row, last - first, 1)
            return
    # From here on, the cells are at other places, or one line has ended.
    if first is not None and x - last > MERGE_GAP:
        yield Region(first, row, last - first, 1)
        first = None
    first = x if first is None else first
    end = min(width, max(before.cell_length, after.cell_length))
    if end > first:
        yield Region(first, row, end - first, 1)


def _cells(line: Content) -> list[tuple[str, tuple[object, ...]]]:
    styles: list[tuple[object, ...]] = [()] * len(line.plain)
    for span in line.spans:
        for place in range(max(0, span.start), min(span.end, len(styles))):
            styles[place] = (*styles[place], span.style)
    return list(zip(line.plain, styles, strict=True))


class DiffCompositor(Compositor):
    """A screen's compositor with shorter partial updates."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return the update to send; None if nothing changed."""
        update = super().render_partial_update()
        return None if update is None else DiffUpdate(update.chops, update.spans, update.chop_ends)


class DiffUpdate(ChopsUpdate):
    """An update that sends only its spans; Textual's own begins each at its widget's left edge."""

    def render_segments(self, console: Console) -> str:
        """Return the text and the escape sequences to send."""
        pieces: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, left), min(end, right)
                if strip is None or first >= last:
                    continue
                part = strip.crop(first - x, last - x)
                pieces += (Control.move_to(first, y).segment.text, part.render(console))
        return "".join(_styled_once(_SEQUENCE.split("".join(pieces))))


def _styled_once(tokens: Sequence[str]) -> Iterator[str]:
    """Yield the tokens without changes from a style to the same style."""
    style, wanted = _RESET, _RESET
    for place, token in enumerate(tokens):
        if place % 2 and token.endswith("m"):
            wanted = token
        elif place % 2:
            yield token
        elif token:
            if wanted != style:
                if _RESET not in {style, wanted}:
                    yield _RESET
                yield wanted
                style = wanted
            yield token
    if style != _RESET:
        yield _RESET
