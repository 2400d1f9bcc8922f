"""Heavy packages are loaded only by the entries that need them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"textual", "rich", "pydantic", "httpx", "websockets", "aiohttp", "asyncio", "jwt", "mock_server"}

PROGRAM = """
import json, sys
sys.argv = ["tracker-tui", *json.loads(sys.argv[1])]
from tracker_tui.cli.main import main
try:
    main()
finally:
    print(json.dumps([name for name in sys.modules if "." not in name]), file=sys.stderr)
"""

ENTRIES = {
    "tracker_tui": set[str](),
    "tracker_tui.domain.view": set[str](),
    "tracker_tui.wording.summary": set[str](),
    "tracker_tui.cli.main": set[str](),
    "tracker_tui.cli.run_stream": {"asyncio"},
    "tracker_tui.cli.run_once": {"asyncio", "pydantic", "httpx", "rich"},
    "tracker_tui.cli.run_tui": {"asyncio", "rich", "textual"},
    "tracker_tui.ui.app": {"asyncio", "rich", "textual"},
}
"""The heavy packages that importing each entry loads, exactly."""


def loaded(words: list[str], environ: dict[str, str]) -> set[str]:
    """Return the heavy packages that a run of the program with these arguments loads."""
    argv = [sys.executable, "-c", PROGRAM, json.dumps(words)]
    result = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)
    return HEAVY & set(json.loads(result.stderr.splitlines()[-1]))


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_loads_exactly_its_heavy_packages(environ: dict[str, str], entry: str) -> None:
    program = f"import sys, json, {entry}; print(json.dumps(list(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert HEAVY & set(json.loads(result.stdout)) == ENTRIES[entry]


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["--print-config"], ["A/1"]])
def test_a_run_without_network_loads_nothing_heavy(environ: dict[str, str], words: list[str]) -> None:
    assert loaded(words, environ) == set()


@pytest.mark.parametrize("filter_", [[], ["--filter", "late"]])
def test_ndjson_loads_the_network_and_no_textual(environ: dict[str, str], filter_: list[str]) -> None:
    words = ["A1", "--format", "ndjson", "--server", "http://127.0.0.1:9", "--timeout", "0.5", *filter_]
    # httpx loads Rich for its own command line.
    assert loaded(words, environ) - {"rich"} == {"asyncio", "pydantic", "httpx", "websockets"}


def test_plain_does_not_load_textual(environ: dict[str, str]) -> None:
    words = ["A1", "--format", "plain", "--server", "http://127.0.0.1:9", "--timeout", "0.5"]
    assert "textual" not in loaded(words, environ)


def test_a_demo_in_a_pipe_does_not_load_textual(environ: dict[str, str]) -> None:
    words = ["--demo", "--format", "ndjson", "--timeout", "0.5"]
    assert loaded(words, environ) >= {"mock_server", "aiohttp"}
    assert "textual" not in loaded(words, environ)


def test_the_library_is_cheap_until_it_is_used(environ: dict[str, str]) -> None:
    program = """
import sys
import tracker_tui
assert not {"tracker_tui.link", "tracker_tui.domain", "asyncio"} & set(sys.modules)
assert {"track", "OrderFeed", "OrderView", "LinkState"} <= set(dir(tracker_tui))
from tracker_tui import LinkState, OrderFeed, OrderView, track
assert isinstance(track("A1"), OrderFeed)
assert not hasattr(tracker_tui, "nonsense")
"""
    subprocess.run([sys.executable, "-c", program], env=environ, timeout=60, check=True)


def test_the_package_can_be_run_as_a_module(environ: dict[str, str]) -> None:
    argv = [sys.executable, "-m", "tracker_tui", "--version"]
    result = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.startswith("tracker-tui 0.")
