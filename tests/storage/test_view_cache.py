"""What is kept on disk of each order, for whom, for how long, and how little it takes to be nothing."""

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


def past(order_id: str = "A1", status: str = "ready", as_of: datetime = NOW) -> CachedView:
    return CachedView(OrderView(order_id).join(snapshot(3, status, order_id=order_id)), as_of)


def cache(
    folder: Path, server: str = "http://x", identity: str = ANONYMOUS, limits: CacheLimits | None = None
) -> ViewCache:
    return ViewCache(folder / "orders", server, identity, limits or CacheLimits())


def only_file(folder: Path) -> Path:
    [file] = (folder / "orders").iterdir()
    return file


def test_what_was_kept_is_there_at_the_next_start(tmp_path: Path) -> None:
    cache(tmp_path).store([past(), past("A2", "placed")])
    found = cache(tmp_path).load(["A1", "A3"], NOW)
    assert list(found) == ["A1"]
    assert found["A1"].as_of == NOW
    assert found["A1"].view.state is not None
    assert found["A1"].view.state.value.status == "ready"
    assert found["A1"].view.facts is not None


def test_every_order_that_was_open_is_found_without_its_name_and_nobody_elses(tmp_path: Path) -> None:
    ended = CachedView(OrderView("A4").join(snapshot(3, "delivered", order_id="A4", outcome=Outcome.DELIVERED)), NOW)
    cache(tmp_path).store([past("A2"), past("A1"), past("A3", as_of=NOW - timedelta(days=8)), ended])
    cache(tmp_path, "http://y").store([past("B1")])
    cache(tmp_path, identity="another").store([past("C1")])
    assert list(cache(tmp_path).load_open(NOW)) == ["A1", "A2"]
    assert list(cache(tmp_path).load(["A4"], NOW)) == ["A4"]
    # A file under another order's name is nobody's.
    for file in (tmp_path / "orders").iterdir():
        if '"orderId":"A1"' in file.read_text():
            file.rename(file.with_name(file.name.replace(".order", "0.order")))
    assert list(cache(tmp_path).load_open(NOW)) == ["A2"]
    assert cache(tmp_path / "none").load_open(NOW) == {}


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    cache(tmp_path).store([past()])
    assert stat.S_IMODE((tmp_path / "orders").stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(tmp_path).stat().st_mode) == 0o600
    assert "A1" not in only_file(tmp_path).name


@pytest.mark.parametrize(("server", "identity"), [("http://y", ANONYMOUS), ("http://x", "another")])
def test_nobody_elses_view_is_ever_shown(tmp_path: Path, server: str, identity: str) -> None:
    cache(tmp_path).store([past()])
    theirs = cache(tmp_path, server, identity)
    assert theirs.load(["A1"], NOW) == {}
    theirs.store([past(status="placed")])
    mine = cache(tmp_path).load(["A1"], NOW)["A1"].view
    assert mine.state is not None
    assert mine.state.value.status == "ready"
    # Not even where somebody has moved the file.
    names = {file.name for file in (tmp_path / "orders").iterdir()}
    only = next(file for file in (tmp_path / "orders").iterdir() if '"status":"ready"' in file.read_text())
    for name in names:
        if name != only.name:
            (tmp_path / "orders" / name).write_text(only.read_text())
    assert theirs.load(["A1"], NOW) == {}


def test_what_the_gateway_shows_no_more_is_forgotten(tmp_path: Path) -> None:
    cache(tmp_path).store([past()])
    cache(tmp_path).remove(["A1", "A2"])
    assert cache(tmp_path).load(["A1"], NOW) == {}
    assert list((tmp_path / "orders").iterdir()) == []


@pytest.mark.parametrize("age", [timedelta(days=7, seconds=1), timedelta(minutes=-2)])
def test_what_is_too_old_or_from_the_future_is_not_shown(tmp_path: Path, age: timedelta) -> None:
    cache(tmp_path).store([past()])
    assert cache(tmp_path).load(["A1"], NOW + age) == {}


@pytest.mark.parametrize(
    "spoil",
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
def test_a_spoilt_file_counts_as_absent_and_is_written_anew(tmp_path: Path, spoil: object) -> None:
    cache(tmp_path).store([past()])
    file = only_file(tmp_path)
    assert callable(spoil)
    file.write_bytes(spoil(file.read_text()).encode(errors="surrogateescape"))
    assert cache(tmp_path).load(["A1"], NOW) == {}
    cache(tmp_path).store([past()])
    assert list(cache(tmp_path).load(["A1"], NOW)) == ["A1"]


def test_the_number_the_size_and_the_age_of_what_is_kept_are_bounded(tmp_path: Path) -> None:
    for number in range(9):
        cache(tmp_path).store([past(f"A{number}")])
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


def test_a_folder_that_cannot_be_written_keeps_nothing_and_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("a file, where a folder should be")
    cache(tmp_path).store([past()])
    cache(tmp_path).remove(["A1"])
    cache(tmp_path).prune(NOW)
    assert cache(tmp_path).load(["A1"], NOW) == {}


def test_a_view_of_which_nothing_is_known_is_not_kept(tmp_path: Path) -> None:
    cache(tmp_path).store([CachedView(OrderView("A1"), NOW)])
    assert list((tmp_path / "orders").iterdir()) == []


def test_hostile_words_come_back_as_they_are_and_nothing_is_half_written(tmp_path: Path) -> None:
    view = OrderView("A1").join(snapshot(1, facts=order(title="\x1b[2J[/b]\u202e\U0001f355")))
    cache(tmp_path).store([CachedView(view, NOW)])
    again = cache(tmp_path).load(["A1"], NOW)["A1"].view
    assert again.facts is not None
    assert again.facts.value.title == "\x1b[2J[/b]\u202e\U0001f355"
    assert only_file(tmp_path).name.endswith(".order.json")


def test_what_a_clock_a_little_ahead_has_kept_is_shown(tmp_path: Path) -> None:
    cache(tmp_path).store([past()])
    assert list(cache(tmp_path).load(["A1"], NOW - timedelta(seconds=59))) == ["A1"]


def test_what_a_killed_process_left_half_written_is_removed_in_time(tmp_path: Path) -> None:
    cache(tmp_path).store([past()])
    half = tmp_path / "orders" / "x.new"
    half.touch()
    long_ago = (NOW - timedelta(days=8)).timestamp()
    os.utime(half, (long_ago, long_ago))
    cache(tmp_path).prune(NOW)
    assert not half.exists()


def test_server_and_subject_are_not_one_word(tmp_path: Path) -> None:
    cache(tmp_path, "http://x", "ab").store([past()])
    assert cache(tmp_path, "http://xa", "b").load(["A1"], NOW) == {}
