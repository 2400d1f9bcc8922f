"""Pictures of terminals, and the moving picture of the README."""

from __future__ import annotations

from pathlib import Path

import pyte
import pytest
from PIL import Image, ImageSequence

from tests.media.terminal_pictures import FONTS, MARGIN, Frame, Painter, cells, write_gif

MOVING_PICTURE = Path(__file__).parents[2] / ".media" / "outage.gif"

needs_font = pytest.mark.skipif(not any(path.exists() for path in FONTS), reason="needs the font DejaVu Sans Mono")


def screen_of(text: str) -> pyte.Screen:
    screen = pyte.Screen(4, 2)
    pyte.Stream(screen).feed(text)
    return screen


@needs_font
def test_cells_have_the_colours_of_the_terminal() -> None:
    picture = Painter().paint(cells(screen_of("\x1b[38;2;255;0;0m█\x1b[7m \x1b[0m\x1b[48;2;0;0;255m \x1b[0m⠀")))
    width, height = ((side - 2 * MARGIN) // count for side, count in zip(picture.size, (4, 2), strict=True))
    row = [picture.getpixel((MARGIN + int((x + 0.5) * width), MARGIN + height // 2)) for x in range(4)]
    assert row == [(255, 0, 0), (255, 0, 0), (0, 0, 255), picture.getpixel((0, 0))]


@needs_font
def test_boxes_meet() -> None:
    picture = Painter().paint(cells(screen_of("┌┐\r\n└┘")))
    column = MARGIN + (picture.width - 2 * MARGIN) // 8
    between = range(picture.height // 2 - 5, picture.height // 2 + 5)
    assert all(picture.getpixel((column, y)) != picture.getpixel((0, 0)) for y in between)


@needs_font
def test_a_gif_repeats_and_keeps_the_times_of_its_frames(tmp_path: Path) -> None:
    path = tmp_path / "moving.gif"
    write_gif([Frame(cells(screen_of(text)), seconds) for text, seconds in (("a", 0.5), ("b", 1.25))], path)
    with Image.open(path) as picture:
        assert picture.info["loop"] == 0
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(picture)] == [500, 1250]


def test_the_moving_picture_is_short_and_small() -> None:
    assert MOVING_PICTURE.stat().st_size < 1_000_000
    with Image.open(MOVING_PICTURE) as picture:
        seconds = sum(frame.info["duration"] for frame in ImageSequence.Iterator(picture)) / 1000
        assert picture.info["loop"] == 0
    assert 12 <= seconds <= 20
