"""The moving picture of the README can be filmed again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.media.terminal_pictures import FONTS
from tests.support.processes import run

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not any(path.exists() for path in FONTS), reason="needs the font DejaVu Sans Mono")
def test_the_moving_picture_can_be_filmed(tmp_path: Path, environ: dict[str, str]) -> None:
    path = tmp_path / "short.gif"
    result = run(
        [sys.executable, "-m", "tests.media.moving_picture", "--short", str(path)],
        {**environ, "PYTHONPATH": str(ROOT)},
        within=120,
    )
    assert result.returncode == 0, result.stderr
    with Image.open(path) as picture:
        assert getattr(picture, "n_frames", 1) > 3
