"""Pictures of the screens; UPDATE_SNAPSHOTS=1 takes new ones."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.ui.app_harness import AppHarness
from tests.ui.gallery.states import STATES, State

MakeHarness = Callable[..., AppHarness]

PICTURES = Path(__file__).parent / "snapshots"
TAKEN_WITH = PICTURES / "TEXTUAL_VERSION"
RETAKE = "UPDATE_SNAPSHOTS" in os.environ


def normalised(svg: str) -> str:
    """Return a picture without the random ids of its styles."""
    return re.sub(r"terminal-\d+", "terminal", svg)


@pytest.mark.parametrize("suffix", ["", "-no-color"], ids=["colour", "no-color"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_every_screen_matches_its_picture(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, state: State, suffix: str
) -> None:
    if not RETAKE and TAKEN_WITH.read_text().strip() != version("textual"):
        pytest.skip(f"the pictures were taken with textual {TAKEN_WITH.read_text().strip()}")
    if suffix:
        monkeypatch.setenv("NO_COLOR", "1")
    # On a slow machine, a toast would disappear before its picture is taken.
    monkeypatch.setattr("tracker_tui.ui.action_handlers.TOAST_SECONDS", 3_600.0)
    taken = {}
    async with state.on(harness, state.sizes[0]) as (ui, pilot):
        for width, height in state.sizes:
            await pilot.resize_terminal(width, height)
            await ui.settle()
            taken[f"{state.name}-{width}x{height}{suffix}.svg"] = normalised(
                ui.app.export_screenshot(title="tracker-tui")
            )
    if RETAKE:
        for name, picture in taken.items():
            (PICTURES / name).write_text(picture)
        TAKEN_WITH.write_text(f"{version('textual')}\n")
    differing = [name for name, picture in taken.items() if picture != (PICTURES / name).read_text()]
    assert not differing, "the screens look different; UPDATE_SNAPSHOTS=1 takes new pictures"
