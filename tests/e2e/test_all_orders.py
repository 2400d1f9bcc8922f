"""`--all`: every open order, and those that are opened while it is watched."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess, run

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def test_a_pipe_is_told_of_every_open_order(serve: Serve, environ: Environ) -> None:
    server = serve()
    result = run([TRACKER_TUI, "--all", "--server", server.url, "--format", "ndjson", "--timeout", "3"], environ)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    orders = {line["orderId"] for line in told if line["type"] == "order"}
    assert result.returncode == 3  # it has no end but the time that it was given
    assert len(orders) > 5
    assert all(line["state"]["outcome"] is None for line in told if line["type"] == "order")


def test_over_plain_http_the_list_is_read_before_a_stream_is_opened(serve: Serve, environ: Environ) -> None:
    server = serve()
    words = ["--all", "--server", server.url, "--format", "ndjson", "--transport", "sse", "--timeout", "3"]
    result = run([TRACKER_TUI, *words], environ)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert len({line["orderId"] for line in told if line["type"] == "order"}) > 5
    assert [line["phase"] for line in told if line["type"] == "link"] == ["connecting", "syncing", "live"]
    assert (result.returncode, "gave up after 3 s" in result.stderr) == (3, True)


def test_the_present_state_of_every_open_order_is_printed_once(serve: Serve, environ: Environ) -> None:
    server = serve()
    result = run([TRACKER_TUI, "--all", "--once", "--server", server.url], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) > 5


def test_what_makes_no_sense_with_it_is_a_usage_error(environ: Environ) -> None:
    for words in (["A1"], ["--until", "ended"]):
        result = run([TRACKER_TUI, "--all", *words], environ)
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1
        assert "--all" in result.stderr


def test_without_a_gateway_it_is_unreachable(environ: Environ) -> None:
    result = run([TRACKER_TUI, "--all", "--once", "--server", "http://127.0.0.1:9"], environ)
    assert result.returncode == 3
    assert "no order server" in result.stderr
