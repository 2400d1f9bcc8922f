"""Fixtures: an app over a fake feed, with a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.support.clocks import SetClock
from tests.ui.app_harness import AppHarness, fix_surroundings, make_harness


@pytest.fixture
def clock() -> SetClock:
    """Return the clock of app and feed; it stands at 14:00:00 UTC until a test sets it."""
    return SetClock()


@pytest.fixture
def harness(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppHarness]:
    """Return a factory for apps over a fake feed; they repaint without the frame limiter's pauses."""
    fix_surroundings(monkeypatch)
    return partial(make_harness, clock)
