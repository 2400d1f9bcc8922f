"""Pictures of the screens; UPDATE_SNAPSHOTS=1 takes new ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.color import Color

from tests.ui.app_harness import AppHarness, keep_notices
from tests.ui.contrast import faint_text
from tests.ui.gallery.states import STATES, State

MakeHarness = Callable[..., AppHarness]

PICTURES = Path(__file__).parent / "snapshots"
TAKEN_WITH = PICTURES / "TEXTUAL_VERSION"
RETAKE = "UPDATE_SNAPSHOTS" in os.environ

MEDIA_FOLDER = Path(__file__).parents[2] / ".media"
MEDIA = {
    "board.svg": "board-busy-100x30.svg",
    "order-live.svg": "order-live-100x30.svg",
    "order-parcel.svg": "order-parcel-100x30.svg",
    "order-pending-commands.svg": "order-asked-80x24.svg",
    "order-reconnecting.svg": "order-reconnecting-100x30.svg",
}
"""The pictures of the READMEs, and the pictures of screens that they are."""

PLAIN = {None, Color.default()}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_every_screen_matches_its_picture_has_enough_contrast_and_needs_no_colour(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    if not RETAKE and TAKEN_WITH.read_text().strip() != version("textual"):
        pytest.skip(f"the pictures were taken with textual {TAKEN_WITH.read_text().strip()}; install that version")
    keep_notices(monkeypatch)
    taken, texts = {}, {}
    async with state.on(harness, state.sizes[0]) as ui:
        for width, height in state.sizes:
            await ui.resize(width, height)
            name = f"{state.name}-{width}x{height}.svg"
            taken[name], texts[name] = ui.picture(), ui.rows()
        await ui.resize(100, 40)
        assert await faint_text(ui) == []
        await ui.remove_colours()
        for (width, height), (name, rows) in zip(state.sizes, texts.items(), strict=True):
            await ui.resize(width, height)
            assert ui.rows() == rows, f"{name} has another text without colours"
            assert {segment.style.color for strip in ui.strips() for segment in strip if segment.style} <= PLAIN
    if RETAKE:
        for name, picture in taken.items():
            (PICTURES / name).write_text(picture)
        TAKEN_WITH.write_text(f"{version('textual')}\n")
    differing = [name for name, picture in taken.items() if picture != (PICTURES / name).read_text()]
    assert not differing, "the screens look different; UPDATE_SNAPSHOTS=1 takes new pictures"


@pytest.mark.parametrize(("picture", "source"), MEDIA.items())
def test_the_pictures_of_the_readmes_are_up_to_date(picture: str, source: str) -> None:
    content = (PICTURES / source).read_text()
    if RETAKE:
        MEDIA_FOLDER.mkdir(exist_ok=True)
        (MEDIA_FOLDER / picture).write_text(content)
    assert (MEDIA_FOLDER / picture).read_text() == content


def test_there_are_no_other_pictures() -> None:
    expected = {f"{state.name}-{width}x{height}.svg" for state in STATES for width, height in state.sizes}
    assert {path.name for path in PICTURES.glob("*.svg")} == expected
    assert {path.name for path in MEDIA_FOLDER.glob("*.svg")} == MEDIA.keys()
