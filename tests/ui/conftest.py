"""An app over a feed that tests speak for, at a time that tests set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest

from tests.support.clocks import SetClock
from tests.ui.app_harness import AppHarness


@pytest.fixture
def clock() -> SetClock:
    """The clock of app and feed: 14:00:00 UTC until it is set."""
    return SetClock()


@pytest.fixture
def harness(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppHarness]:
    """Make a rig: an app over a spoken feed, for the given orders, that repaints without waiting for a frame."""
    monkeypatch.setattr("tracker_tui.ui.terminal.frame_limiter.MAX_INTERVAL", 0.0)
    # Time is what a test says it is: on a busy machine a tick of the real clock would come in between.
    monkeypatch.setattr("tracker_tui.ui.app.TICK", 3_600.0)
    # A capable terminal, whatever the one is before which the tests are run.
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def make(*order_ids: str, demo: bool = False, everything: bool = False, **words: Any) -> AppHarness:
        ids = order_ids or (() if everything else ("A1",))
        return AppHarness(clock, ids, demo=demo, zone=UTC, everything=everything, **words)

    return make
