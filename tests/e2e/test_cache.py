"""Run the installed tracker-tui twice: the second run shows the cached orders of the first, even without a server."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import MOCK_SERVER, TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def watch(server: str, environ: Environ, *options: str) -> Terminal:
    return Terminal([TRACKER_TUI, "A1042", "--server", server, *options], environ)


def cache_files(environ: Environ) -> list[Path]:
    return list(Path(environ["HOME"], ".cache", "tracker-tui", "orders").glob("*"))


def watch_once(server: ServerProcess, environ: Environ, *options: str) -> None:
    with watch(server.url, environ, *options) as terminal:
        terminal.wait_for(lambda text: "● Live" in text and "Timeline" in text and "in sync" not in text)
        terminal.wait_for("✔ Placed")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def test_a_restart_without_a_server_shows_the_cached_order_with_its_age(
    environ: Environ,
) -> None:
    with ServerProcess(["--heartbeat", "1"], environ) as server:
        watch_once(server, environ)
        [file] = cache_files(environ)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with watch(server.url, environ) as terminal:
        terminal.wait_for("from the last session")
        text = terminal.wait_for(lambda text: "Reconnecting…" in text and "✔ Placed" in text)
        assert "as of " in text
        assert "● Live" not in text
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    with watch(server.url, environ, "--no-cache") as terminal:
        text = terminal.wait_for("Reconnecting…")
        assert "session" not in text
        assert "Placed" not in text
        terminal.press("q")
        terminal.wait_for_exit()


def test_the_first_snapshot_replaces_the_cached_order(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    watch_once(server, environ)
    with watch(server.url, environ) as terminal:
        terminal.wait_for(lambda text: "● Live" in text and "from the last session" not in text)
        terminal.press("q")
        terminal.wait_for_exit()


def test_all_cached_orders_are_shown_until_the_order_list_arrives(environ: Environ, tmp_path: Path) -> None:
    both, one = tmp_path / "both.toml", tmp_path / "one.toml"
    both.write_text(SCENARIO.format(id="A1") + SCENARIO.format(id="B2"))
    one.write_text(SCENARIO.format(id="A1"))

    def watch_all(server: ServerProcess, *options: str) -> Terminal:
        return Terminal([TRACKER_TUI, "--all", "--server", server.url, *options], environ)

    with ServerProcess(["--heartbeat", "1", "--scenario", str(both)], environ) as server:
        with watch_all(server) as terminal:
            terminal.wait_for(lambda text: "● Live" in text and "A1" in text and "B2" in text)
            terminal.wait_for("Placed")
            terminal.press("q")
            assert terminal.wait_for_exit() == 0
        assert len(cache_files(environ)) == 2
    with watch_all(server, "--no-cache") as terminal:
        text = terminal.wait_for("Reconnecting…")
        assert "A1" not in text
        assert "session" not in text
        terminal.press("q")
        terminal.wait_for_exit()
    with watch_all(server) as terminal:
        terminal.wait_for("from the last session")
        text = terminal.wait_for(lambda text: "Reconnecting…" in text and "A1" in text and "B2" in text)
        assert "as of " in text
        assert "● Live" not in text
        with ServerProcess(["--heartbeat", "1", "--scenario", str(one), "--port", str(server.port)], environ):
            terminal.wait_for(
                lambda text: "● Live" in text and "A1" in text and "B2" not in text and "session" not in text,
                within=40,
            )
            terminal.press("q")
            assert terminal.wait_for_exit() == 0
            assert terminal.disorder == []


SCENARIO = """
[[orders]]
id = "{id}"
flow = "food"
title = "Soup"
customer = "Mara"
city = "Berlin"
slips = 1
lasts = 900
"""


def test_no_cache_writes_no_file(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    watch_once(server, environ, "--no-cache")
    assert cache_files(environ) == []


def test_each_token_file_has_a_cache_of_its_own(environ: Environ, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    with ServerProcess(["--auth", "jwt", "--heartbeat", "1"], environ) as server:
        mine.write_text(token(environ, "--subject", "mara"))
        theirs.write_text(token(environ, "--subject", "bo"))
        watch_once(server, environ, "--token-file", str(mine))
        assert len(cache_files(environ)) == 1
        assert mine.read_text().strip() not in cache_files(environ)[0].read_text()
        mine.write_text(token(environ, "--subject", "mara"))
    with watch(server.url, environ, "--token-file", str(mine)) as terminal:
        terminal.wait_for("from the last session")
        terminal.press("q")
        terminal.wait_for_exit()
    for options in (("--token-file", str(theirs)), ()):
        with watch(server.url, environ, *options) as terminal:
            assert "session" not in terminal.wait_for("Reconnecting…")
            terminal.press("q")
            terminal.wait_for_exit()


def test_opaque_tokens_of_one_command_share_a_cache(environ: Environ, tmp_path: Path) -> None:
    file = tmp_path / "token"
    command = f"cat '{file}'"
    with ServerProcess(["--heartbeat", "1"], environ) as server:
        file.write_text("opaque-1")
        watch_once(server, environ, "--token-command", command)
        file.write_text("opaque-2")
    with watch(server.url, environ, "--token-command", command) as terminal:
        terminal.wait_for("from the last session")
        terminal.press("q")
        terminal.wait_for_exit()
    with watch(server.url, environ, "--token-command", f"head -1 '{file}'") as terminal:
        assert "session" not in terminal.wait_for("Reconnecting…")
        terminal.press("q")
        terminal.wait_for_exit()


def test_an_order_that_the_server_forbids_is_removed_from_the_cache(environ: Environ, tmp_path: Path) -> None:
    file = tmp_path / "token"
    with ServerProcess(["--auth", "jwt", "--heartbeat", "1"], environ) as server:
        file.write_text(token(environ))
        watch_once(server, environ, "--token-file", str(file))
        file.write_text(token(environ, "--orders", "B*"))
        with watch(server.url, environ, "--token-file", str(file)) as terminal:
            terminal.wait_for("Not allowed at")
            terminal.press("q")
            terminal.wait_for_exit()
    assert cache_files(environ) == []


def token(environ: Environ, *options: str) -> str:
    result = run([MOCK_SERVER, "token", *options], environ)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()
