"""Run the installed tracker-tui with `--all`: it watches every open order."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess, run

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def test_ndjson_contains_every_open_order(serve: Serve, environ: Environ) -> None:
    server = serve()
    result = run([TRACKER_TUI, "--all", "--server", server.url, "--format", "ndjson", "--timeout", "3"], environ)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    orders = {line["orderId"] for line in lines if line["type"] == "order"}
    assert result.returncode == 3  # only --timeout ends the run
    assert len(orders) > 5
    assert all(line["state"]["outcome"] is None for line in lines if line["type"] == "order")


def test_the_list_is_read_over_http_before_an_sse_stream_is_opened(serve: Serve, environ: Environ) -> None:
    server = serve()
    options = ["--all", "--server", server.url, "--format", "ndjson", "--transport", "sse", "--timeout", "3"]
    result = run([TRACKER_TUI, *options], environ)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len({line["orderId"] for line in lines if line["type"] == "order"}) > 5
    assert [line["phase"] for line in lines if line["type"] == "link"] == ["connecting", "syncing", "live"]
    assert (result.returncode, "gave up after 3 s" in result.stderr) == (3, True)


def test_once_prints_the_current_state_of_every_open_order(serve: Serve, environ: Environ) -> None:
    server = serve()
    result = run([TRACKER_TUI, "--all", "--once", "--server", server.url], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) > 5


def test_options_that_conflict_with_all_are_usage_errors(environ: Environ) -> None:
    for conflict in (["A1"], ["--until", "ended"]):
        result = run([TRACKER_TUI, "--all", *conflict], environ)
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1
        assert "--all" in result.stderr


def test_an_unreachable_server_exits_with_3(environ: Environ) -> None:
    result = run([TRACKER_TUI, "--all", "--once", "--server", "http://127.0.0.1:9"], environ)
    assert result.returncode == 3
    assert "no order server" in result.stderr
