"""The screen of a terminal as a picture, and pictures as an animated GIF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont
from pyte.screens import Char
from rich.cells import cell_len

FONTS = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"),
    Path("/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf"),
    Path("/usr/share/fonts/TTF/DejaVuSansMono.ttf"),
)
"""DejaVu Sans Mono of Debian, Fedora and Arch: it has the glyphs of the screens, and its boxes meet at whole pixels."""

FONT_SIZE = 20
MARGIN = 12
"""Pixels around the screen."""

FOREGROUND, BACKGROUND = "#d5dbe3", "#14181f"
"""Colours of a cell that names none."""

COLOURS = 128
"""Colours of a GIF, blends of text and background included."""

_HEX_COLOUR = re.compile("[0-9a-f]{6}")

_BRAILLE = range(0x2800, 0x2900)
_BRAILLE_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dot of each bit."""

Rows = tuple[tuple[Char, ...], ...]
"""The cells of a screen."""


@dataclass(frozen=True)
class Frame:
    """What a screen showed, and for how many seconds."""

    rows: Rows
    seconds: float


def cells(screen: pyte.Screen) -> Rows:
    """Return the present cells of a screen."""
    return tuple(tuple(screen.buffer[y][x] for x in range(screen.columns)) for y in range(screen.lines))


class Painter:
    """Paints screens; the same cell is painted once.

    Raises:
        FileNotFoundError: The font is not installed.
    """

    def __init__(self) -> None:
        regular = next((path for path in FONTS if path.exists()), None)
        if regular is None:
            raise FileNotFoundError("install the font DejaVu Sans Mono (Debian: fonts-dejavu-core)")
        bold = regular.with_name("DejaVuSansMono-Bold.ttf")
        self._fonts = {False: ImageFont.truetype(regular, FONT_SIZE), True: ImageFont.truetype(bold, FONT_SIZE)}
        self._ascent, descent = self._fonts[False].getmetrics()
        self._width, self._height = round(self._fonts[False].getlength("M")), self._ascent + descent
        self._tiles: dict[Char, Image.Image] = {}

    def paint(self, rows: Rows) -> Image.Image:
        """Return the picture of a screen."""
        size = (len(rows[0]) * self._width + 2 * MARGIN, len(rows) * self._height + 2 * MARGIN)
        picture = Image.new("RGB", size, BACKGROUND)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                # The second half of a wide character is empty.
                if cell.data:
                    tile = self._tiles.get(cell) or self._tiles.setdefault(cell, self._tile(cell))
                    picture.paste(tile, (MARGIN + x * self._width, MARGIN + y * self._height))
        return picture

    def _tile(self, cell: Char) -> Image.Image:
        foreground, background = _colour(cell.fg, FOREGROUND), _colour(cell.bg, BACKGROUND)
        if cell.reverse:
            foreground, background = background, foreground
        width = max(1, cell_len(cell.data)) * self._width
        tile = Image.new("RGB", (width, self._height), background)
        draw = ImageDraw.Draw(tile)
        if ord(cell.data[0]) in _BRAILLE:
            self._dots(draw, ord(cell.data[0]) - _BRAILLE.start, foreground)
        else:
            draw.text((0, self._ascent), cell.data, foreground, self._fonts[cell.bold], anchor="ls")
        for is_drawn, y in ((cell.underscore, self._ascent + 2), (cell.strikethrough, self._height // 2)):
            if is_drawn:
                draw.line((0, y, width, y), foreground)
        return tile

    def _dots(self, draw: ImageDraw.ImageDraw, bits: int, colour: str) -> None:
        radius = self._width / 9
        for bit, (column, row) in enumerate(_BRAILLE_DOTS):
            if bits >> bit & 1:
                centre = ((column + 0.5) * self._width / 2, (row + 0.5) * self._height / 4)
                draw.circle(centre, radius, colour)


def write_gif(frames: Sequence[Frame], path: Path) -> None:
    """Write frames as a GIF that repeats for ever, with one palette."""
    painter = Painter()
    pictures = [painter.paint(frame.rows) for frame in frames]
    sheet = Image.new("RGB", (pictures[0].width, sum(picture.height for picture in pictures)))
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (0, number * picture.height))
    palette = sheet.quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    first, *more = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures)
    durations = [round(frame.seconds * 100) * 10 for frame in frames]
    first.save(path, save_all=True, append_images=more, duration=durations, loop=0, optimize=True)


def _colour(name: str, default: str) -> str:
    return default if name == "default" else f"#{name}" if _HEX_COLOUR.fullmatch(name) else name
