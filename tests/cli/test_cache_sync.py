"""The cache of a run is chosen by the server and the origin of the token, not by the token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.orders import at, snapshot
from tracker_tui.cli import cache_sync
from tracker_tui.cli.cache_sync import CacheSync
from tracker_tui.cli.order_cache import open_cache
from tracker_tui.cli.settings import Settings
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.auth.token import Token

VIEW = lift(snapshot(3))


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


class App:
    """The part of the app that the cache sees."""

    def __init__(self, *views: OrderView, refused: tuple[str, ...] = ()) -> None:
        self.now: datetime = at(60)
        self.feed = SimpleNamespace(refused=dict.fromkeys(refused))
        self.shown: dict[str, CachedView] = {}
        self.known: set[str] = set()
        self._views = views

    def current_views(self) -> dict[str, CachedView]:
        return {view.order_id: CachedView(view, at(60)) for view in self._views}

    def show_cached(self, cached: Mapping[str, CachedView]) -> None:
        self.shown.update(cached)

    def know_orders(self, order_ids: Iterable[str]) -> None:
        self.known.update(order_ids)


async def run(settings: Settings, *views: OrderView, refused: tuple[str, ...] = ()) -> list[str]:
    """Start with these settings, see these views, quit; return the ids of the cached orders at the start."""
    app: Any = App(*views, refused=refused)
    sync = CacheSync(settings)
    await sync.load(app, ("A1", "A2"))
    await sync.finish(app)
    return list(app.shown)


async def test_two_tokens_of_one_command_share_a_cache_and_another_command_has_its_own() -> None:
    # The command is not run: only its words count.
    await run(Settings(token_command="pass show orders"), VIEW)
    assert await run(Settings(token_command="pass show  'orders'")) == ["A1"]
    assert await run(Settings(token_command="pass show others")) == []


async def test_every_origin_and_server_has_its_own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    each = [
        Settings(),
        Settings(server="http://other"),
        Settings(token_file=tmp_path / "token"),
        Settings(token_file=tmp_path / "other"),
        Settings(token_file=tmp_path / "token", server="http://other"),
        Settings(token_command="cat token"),
        Settings(token=Token("opaque")),
        Settings(token=Token("another")),
        Settings(cache_identity="mara"),
    ]
    for settings in each:
        assert await run(settings, VIEW) == []
    for settings in each:
        assert await run(settings) == ["A1"]
    assert await run(Settings(token_file=Path("token"))) == ["A1"]


async def test_the_identity_in_the_config_file_overrides_the_origin_of_the_token() -> None:
    await run(Settings(cache_identity="mara", token_command="pass show orders"), VIEW)
    assert await run(Settings(cache_identity="mara", token=Token("opaque"))) == ["A1"]
    assert await run(Settings(token_command="pass show orders")) == []


async def test_the_view_of_an_added_order_is_shown_and_all_cached_orders_may_be_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(token=Token("opaque"))
    await run(settings, VIEW, lift(snapshot(3, order_id="C9")))
    monkeypatch.setattr(cache_sync, "SYNC_INTERVAL", 0.0)
    app: Any = App()
    sync = CacheSync(settings)
    await sync.load_added(app, ("C9",))
    assert app.shown == {}
    await sync.load(app, ("A1",))
    await sync.load_added(app, ("C9", "D2"))
    assert list(app.shown) == ["A1", "C9"]
    writing = asyncio.create_task(sync.run(app))
    async with asyncio.timeout(10):
        while not app.known:
            await asyncio.sleep(0)
    assert app.known == {"A1", "C9"}
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


async def test_an_order_that_the_server_refuses_is_removed_even_if_nothing_else_changed() -> None:
    settings = Settings(token=Token("opaque"))
    await run(settings, VIEW)
    assert await run(settings, refused=("A1",)) == ["A1"]
    assert await run(settings) == []


@pytest.mark.parametrize("settings", [Settings(no_cache=True), Settings(demo=""), Settings(replay=Path("x"))])
def test_a_run_without_a_cache_opens_none(settings: Settings, cache_home: Path) -> None:
    assert open_cache(settings) is None
    assert list(cache_home.iterdir()) == []


async def test_no_token_and_no_command_is_on_the_disk(cache_home: Path) -> None:
    await run(Settings(token=Token("opaque-token")), VIEW)
    await run(Settings(token_command="echo secret-word"), VIEW)
    text = "".join(path.name + path.read_text() for path in cache_home.rglob("*") if path.is_file())
    assert "opaque-token" not in text
    assert "secret-word" not in text
