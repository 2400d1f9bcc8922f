"""Text measured, cut and padded in terminal cells; a CJK character takes two."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, chop_cells, set_cell_size
from textual.content import Content
from textual.style import Style

Part = tuple[str, str | Style]
"""A text with its style; the text is never parsed as markup."""


def fit(text: str, width: int) -> str:
    """Return `text` cut to at most `width` cells, with an ellipsis if it was cut."""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1)}…" if width > 0 else ""


def pad(text: str, width: int) -> str:
    """Return `text` cut or padded to exactly `width` cells."""
    return set_cell_size(fit(text, width), width)


def line(parts: Iterable[Part], width: int) -> Content:
    """Return one line of at most `width` cells."""
    return Content.assemble(*parts).truncate(max(0, width), ellipsis=True)


def lines(rows: Iterable[Iterable[Part]], width: int) -> Content:
    """Return several lines of at most `width` cells each."""
    return Content("\n").join(line(row, width) for row in rows)


def wrap(text: str, width: int) -> list[str]:
    """Return `text` broken at spaces into lines of at most `width` cells; longer words are broken anywhere."""
    width = max(2, width)
    rows: list[str] = []
    for word in text.split(" "):
        if rows and cell_len(rows[-1]) + 1 + cell_len(word) <= width:
            rows[-1] = f"{rows[-1]} {word}"
        elif word or not rows:
            rows += chop_cells(word, width) or [""]
    return [row.rstrip() for row in rows]


def hanging_lines(before: Iterable[Part], text: str, style: str | Style, width: int) -> list[Content]:
    """Return lines of at most `width` cells: `before`, then `text` with a hanging indent."""
    head = Content.assemble(*before)
    indent = head.cell_length
    first, *more = wrap(text, width - indent)
    rows = [Content.assemble(head, (first, style)), *(Content.assemble(" " * indent, (row, style)) for row in more)]
    return [row.truncate(max(0, width), ellipsis=True) for row in rows]


def wrap_chips(chips: Iterable[str], width: int) -> list[str]:
    """Return short facts joined with ``·`` into lines of at most `width` cells, as many facts a line as fit."""
    rows: list[str] = []
    for chip in chips:
        if rows and cell_len(rows[-1]) + 3 + cell_len(chip) <= width:
            rows[-1] = f"{rows[-1]} · {chip}"
        else:
            rows.append(chip)
    return rows
