"""Contrast of the text on a screen (WCAG 2.2): AA asks for 4.5 to 1."""

from __future__ import annotations

from collections.abc import Iterator

from rich.color import ColorSystem
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from textual.strip import Strip

from tests.ui.app_harness import AppHarness

FRAMES = set("╭╮╰╯─│━╌◆▃▁▔▂▄▅▆▇█▌▰▱ \n")
"""Characters that are not text."""


AA = 4.5


def luminance(colour: ColorTriplet) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(segment: Segment, colours: ColorSystem) -> float:
    """Return the contrast of a segment, on a terminal that shows `colours`."""
    assert segment.style is not None
    assert segment.style.color is not None
    assert segment.style.bgcolor is not None
    one, other = (
        luminance(colour.downgrade(colours).get_truecolor()) for colour in (segment.style.color, segment.style.bgcolor)
    )
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def to_be_read(ui: AppHarness) -> Iterator[Segment]:
    """Yield the segments to read; behind a dialog, only those of the dialog."""
    screen = ui.app.screen
    boxes = [*screen.query("#help, #question, #confirm, #--container")] or [screen]
    for y, row in enumerate(ui.strips()):
        for box in boxes:
            if box.region.y <= y < box.region.bottom:
                yield from Strip(row).crop(box.region.x, box.region.right)


async def faint_text(ui: AppHarness) -> list[tuple[str, str, str, float]]:
    """Return the text with less contrast than AA, in both themes and with 256 and 16 million colours."""
    faint = []
    for theme in ("tracker-dark", "tracker-light"):
        ui.app.theme = theme
        await ui.settle()
        faint += [
            (theme, depth.name, segment.text, round(contrast(segment, depth), 2))
            for segment in to_be_read(ui)
            for depth in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT)
            if not set(segment.text) <= FRAMES and contrast(segment, depth) < AA
        ]
    return faint
