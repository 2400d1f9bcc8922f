"""Cached views on disk: for whom, for how long, and when they are ignored."""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.orders import at, order, snapshot
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView
from tracker_tui.storage.identity import ANONYMOUS
from tracker_tui.storage.view_cache import CacheLimits, ViewCache

NOW = at(60)


def view(order_id: str = "A1", status: str = "ready", as_of: datetime = NOW) -> CachedView:
    return CachedView(OrderView(order_id).join(snapshot(3, status, order_id=order_id)), as_of)


def cache(
    folder: Path, server: str = "http://x", identity: str = ANONYMOUS, limits: CacheLimits | None = None
) -> ViewCache:
    return ViewCache(folder / "orders", server, identity, limits or CacheLimits())


def only_file(folder: Path) -> Path:
    [file] = (folder / "orders").iterdir()
    return file


def test_a_stored_view_is_loaded_at_the_next_start(tmp_path: Path) -> None:
    cache(tmp_path).store([view(), view("A2", "placed")])
    found = cache(tmp_path).load(["A1", "A3"], NOW)
    assert list(found) == ["A1"]
    assert found["A1"].as_of == NOW
    assert found["A1"].view.state is not None
    assert found["A1"].view.state.value.status == "ready"
    assert found["A1"].view.facts is not None


def test_all_open_orders_of_this_identity_are_loaded_without_their_ids(tmp_path: Path) -> None:
    ended = CachedView(OrderView("A4").join(snapshot(3, "delivered", order_id="A4", outcome=Outcome.DELIVERED)), NOW)
    cache(tmp_path).store([view("A2"), view("A1"), view("A3", as_of=NOW - timedelta(days=8)), ended])
    cache(tmp_path, "http://y").store([view("B1")])
    cache(tmp_path, identity="another").store([view("C1")])
    assert list(cache(tmp_path).load_open(NOW)) == ["A1", "A2"]
    assert list(cache(tmp_path).load(["A4"], NOW)) == ["A4"]
    assert cache(tmp_path).order_ids(NOW) == {"A1", "A2", "A4"}
    # A file with the name of another order is ignored.
    for file in (tmp_path / "orders").iterdir():
        if '"orderId":"A1"' in file.read_text():
            file.rename(file.with_name(file.name.replace(".order", "0.order")))
    assert list(cache(tmp_path).load_open(NOW)) == ["A2"]
    assert cache(tmp_path / "none").load_open(NOW) == {}


def test_only_the_user_can_read_the_cache(tmp_path: Path) -> None:
    cache(tmp_path).store([view()])
    assert stat.S_IMODE((tmp_path / "orders").stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(tmp_path).stat().st_mode) == 0o600
    assert "A1" not in only_file(tmp_path).name


@pytest.mark.parametrize(("server", "identity"), [("http://y", ANONYMOUS), ("http://x", "another")])
def test_the_view_of_another_server_or_identity_is_never_loaded(tmp_path: Path, server: str, identity: str) -> None:
    cache(tmp_path).store([view()])
    other = cache(tmp_path, server, identity)
    assert other.load(["A1"], NOW) == {}
    other.store([view(status="placed")])
    mine = cache(tmp_path).load(["A1"], NOW)["A1"].view
    assert mine.state is not None
    assert mine.state.value.status == "ready"
    # Not even if the file is renamed.
    names = {file.name for file in (tmp_path / "orders").iterdir()}
    only = next(file for file in (tmp_path / "orders").iterdir() if '"status":"ready"' in file.read_text())
    for name in names:
        if name != only.name:
            (tmp_path / "orders" / name).write_text(only.read_text())
    assert other.load(["A1"], NOW) == {}


def test_a_refused_order_is_removed(tmp_path: Path) -> None:
    cache(tmp_path).store([view()])
    cache(tmp_path).remove(["A1", "A2"])
    assert cache(tmp_path).load(["A1"], NOW) == {}
    assert list((tmp_path / "orders").iterdir()) == []


@pytest.mark.parametrize("age", [timedelta(days=7, seconds=1), timedelta(minutes=-2)])
def test_a_view_that_is_too_old_or_from_the_future_is_not_loaded(tmp_path: Path, age: timedelta) -> None:
    cache(tmp_path).store([view()])
    assert cache(tmp_path).load(["A1"], NOW + age) == {}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: "null",
        lambda text: text.replace('"version":1', '"version":2'),
        lambda text: text.replace('"orderId":"A1"', '"orderId":"A2"').replace('"id":"A1"', '"id":"A2"'),
        lambda text: text.replace('"status":"ready"', '"status":7', 1),
        lambda text: text.replace("asOf", "asof"),
        lambda text: text.replace('"asOf":"2026', '"asOf":"0001'),
        lambda text: json.dumps({**json.loads(text), "snapshot": {"type": "hello"}}),
        lambda text: text.replace("Two pizzas", "\udcff"),
    ],
)
def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path, damage: object) -> None:
    cache(tmp_path).store([view()])
    file = only_file(tmp_path)
    assert callable(damage)
    file.write_bytes(damage(file.read_text()).encode(errors="surrogateescape"))
    assert cache(tmp_path).load(["A1"], NOW) == {}
    cache(tmp_path).store([view()])
    assert list(cache(tmp_path).load(["A1"], NOW)) == ["A1"]


def test_number_size_and_age_of_the_files_are_limited(tmp_path: Path) -> None:
    for number in range(9):
        cache(tmp_path).store([view(f"A{number}")])
        newest = max((tmp_path / "orders").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        seconds = (NOW - timedelta(days=number)).timestamp()
        os.utime(newest, (seconds, seconds))
    kept = [f"A{number}" for number in range(9)]
    cache(tmp_path).prune(NOW)
    assert list(cache(tmp_path).load(kept, NOW)) == kept[:8]
    cache(tmp_path, limits=CacheLimits(files=5)).prune(NOW)
    assert list(cache(tmp_path).load(kept, NOW)) == kept[:5]
    size = only_size(tmp_path)
    cache(tmp_path, limits=CacheLimits(size=size * 2)).prune(NOW)
    assert list(cache(tmp_path).load(kept, NOW)) == kept[:2]


def only_size(folder: Path) -> int:
    [size] = {file.stat().st_size for file in (folder / "orders").iterdir()}
    return size


def test_a_folder_that_cannot_be_written_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("a file, where a folder should be")
    cache(tmp_path).store([view()])
    cache(tmp_path).remove(["A1"])
    cache(tmp_path).prune(NOW)
    assert cache(tmp_path).load(["A1"], NOW) == {}


def test_an_empty_view_is_not_stored(tmp_path: Path) -> None:
    cache(tmp_path).store([CachedView(OrderView("A1"), NOW)])
    assert list((tmp_path / "orders").iterdir()) == []


def test_hostile_text_is_loaded_unchanged(tmp_path: Path) -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(title="\x1b[2J[/b]\u202e\U0001f355")))
    cache(tmp_path).store([CachedView(view, NOW)])
    again = cache(tmp_path).load(["A1"], NOW)["A1"].view
    assert again.facts is not None
    assert again.facts.value.title == "\x1b[2J[/b]\u202e\U0001f355"
    assert only_file(tmp_path).name.endswith(".order.json")


def test_a_view_from_a_clock_slightly_ahead_is_loaded(tmp_path: Path) -> None:
    cache(tmp_path).store([view()])
    assert list(cache(tmp_path).load(["A1"], NOW - timedelta(seconds=59))) == ["A1"]


def test_the_draft_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    cache(tmp_path).store([view()])
    half = tmp_path / "orders" / "x.new"
    half.touch()
    long_ago = (NOW - timedelta(days=8)).timestamp()
    os.utime(half, (long_ago, long_ago))
    cache(tmp_path).prune(NOW)
    assert not half.exists()


def test_server_and_identity_are_not_concatenated(tmp_path: Path) -> None:
    cache(tmp_path, "http://x", "ab").store([view()])
    assert cache(tmp_path, "http://xa", "b").load(["A1"], NOW) == {}
