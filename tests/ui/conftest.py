"""Fixtures: an app over a fake feed, with a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest

from tests.support.clocks import SetClock
from tests.ui.app_harness import AppHarness


@pytest.fixture
def clock() -> SetClock:
    """Return the clock of app and feed; it stands at 14:00:00 UTC until a test sets it."""
    return SetClock()


@pytest.fixture
def harness(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppHarness]:
    """Return a factory for apps over a fake feed; they repaint without the frame limiter's pauses."""
    monkeypatch.setattr("tracker_tui.ui.terminal.frame_limiter.MAX_INTERVAL", 0.0)
    # Tests set the time; on a slow machine a tick of the real clock would come in between.
    monkeypatch.setattr("tracker_tui.ui.app.TICK", 3_600.0)
    # The same terminal wherever the tests run.
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def make(*order_ids: str, demo: bool = False, everything: bool = False, **words: Any) -> AppHarness:
        ids = order_ids or (() if everything else ("A1",))
        return AppHarness(clock, ids, demo=demo, zone=UTC, everything=everything, **words)

    return make
