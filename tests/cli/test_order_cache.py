"""The orders that a mistyped id may mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.orders import at, snapshot
from tracker_tui.cli.order_cache import known_ids, open_cache
from tracker_tui.cli.settings import Settings
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.view import OrderView

NOW = at(60)
SETTINGS = Settings(lists={"vip": ("A1", "A2"), "late": ("A2", "A3")})


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the caches, which does not exist yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def store(settings: Settings, order_id: str) -> None:
    cache = open_cache(settings)
    assert cache is not None
    cache.store([CachedView(OrderView(order_id).join(snapshot(1, order_id=order_id)), NOW)])


def test_the_orders_of_all_lists_are_known_and_nothing_is_written(cache_home: Path) -> None:
    settings = replace(SETTINGS, token_command="cat secret")
    assert known_ids(settings, NOW) == {"A1", "A2", "A3"}
    assert not cache_home.exists()


def test_the_cached_orders_of_this_server_and_identity_are_known() -> None:
    store(SETTINGS, "B1")
    store(replace(SETTINGS, server="https://another.example"), "C1")
    store(replace(SETTINGS, token_file=Path("/run/token")), "D1")
    assert known_ids(SETTINGS, NOW) == {"A1", "A2", "A3", "B1"}
    assert known_ids(replace(SETTINGS, token_file=Path("/run/token")), NOW) == {"A1", "A2", "A3", "D1"}
    assert known_ids(replace(SETTINGS, no_cache=True), NOW) == {"A1", "A2", "A3"}
    assert known_ids(replace(SETTINGS, demo=""), NOW) == {"A1", "A2", "A3"}
