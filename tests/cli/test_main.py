"""The whole command line: a mistake is one line and an exit code."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.processes import TRACKER_TUI, Result, ServerProcess, run

UNUSED = "http://127.0.0.1:9"
"""A port on which nothing listens."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The URL of a web server that is not an order server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<h1>Welcome to the hotel Wi-Fi</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The https URL of a server without orders, and the certificate of its authority."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"code": "order_not_found", "title": "no such order"}'
            self.send_response(404)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    authority = trustme.CA()
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(trust)
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = trust.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_address[1]}", file
        server.shutdown()
        thread.join()


def error_line(result: Result) -> str:
    """Return the only line on stderr."""
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("tracker-tui: ")
    assert result.stderr.removesuffix("\n").isprintable()
    return result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], 'Try "tracker-tui A1042" or "tracker-tui --all", or "tracker-tui --demo"'),
        (["A/1"], '"A/1" is not an order id'),
        (["\x1b[2J"], '"␛[2J" is not an order id'),
        (["A1", "--nonsense"], "unrecognized arguments: --nonsense; see tracker-tui --help"),
        (["A1", "--all"], 'leave out either "--all" or the ids'),
        (["A1", "--token", "secret"], "there is no --token, because every user of this machine could read it; "),
        (["A1", "--token=secret"], "use --token-file or --token-command, or set TRACKER_TOKEN"),
        (["A1", "--token-file", "x", "--token-command", "y"], "both give the token"),
        (["A1", "--token-command", "secret '"], "--token-command: the command's quotes do not match"),
        (["A1", "--ca-file", "/nowhere.pem"], "--ca-file: /nowhere.pem cannot be read: No such file"),
        (["A1", "--serv", UNUSED], "unrecognized arguments: --serv"),
        (["A1", "--server"], "argument --server: expected one argument"),
        (["A1", "--server", "ftp://x"], "--server: a server is a URL such as http://127.0.0.1:8765"),
        (["A1", "--format", "html"], '--format: "html" is not one of tui, plain, ndjson, table, json, csv'),
        (["A1", "--format", "csv"], "--format: csv shows the present state only, and needs --once"),
        (["A1", "--format", "tui"], '--format tui needs a terminal; use "--format plain" here'),
        (["A1", "--transport", "pigeon"], '"pigeon" is not one of auto, websocket, sse, longpoll, polling'),
        (["A1", "--timeout", "soon"], '--timeout: "soon" is not a number of seconds above 0'),
        (["A1", "--once", "--until", "ended"], "--once does not wait"),
        (["A1", "--config", "/nowhere.toml"], "/nowhere.toml cannot be read: No such file or directory"),
        (["A1", "--log-file", "/nowhere/log"], "the log file /nowhere/log cannot be written: No such file"),
        (["--demo", "nonsense"], "no scenario is called 'nonsense'; there are"),
        (["--demo", "/nowhere.toml"], "/nowhere.toml"),
        (["--demo", "tour"], "--demo tour is a tour of the screens, and needs a terminal"),
        (["--demo", "--server", UNUSED], "--demo starts its own server"),
    ],
)
def test_bad_usage_is_one_line_and_2(environ: dict[str, str], words: list[str], said: str) -> None:
    result = run([TRACKER_TUI, *words], environ)
    assert said in error_line(result)
    assert "secret" not in result.stderr
    assert result.returncode == 2


def test_a_mistake_in_the_config_file_is_reported_with_file_and_line(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / ".config" / "tracker-tui" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('timeout = 5\nserver = "http://x\n')
    result = run([TRACKER_TUI, "A1"], environ)
    line = error_line(result)
    assert str(file) in line
    assert "line 2" in line
    assert result.returncode == 2


@pytest.mark.parametrize("words", [["--once"], ["--format", "plain"]], ids=["once", "watching"])
def test_a_closed_port_is_3_with_advice(environ: dict[str, str], words: list[str]) -> None:
    result = run([TRACKER_TUI, "A1", "--server", UNUSED, *words], environ)
    assert result.stderr == (
        f"tracker-tui: no order server at {UNUSED} (connection refused); "
        "check --server and the network on the way to it\n"
    )
    assert result.returncode == 3


@pytest.mark.parametrize("words", [["--once"], ["--format", "ndjson", "--timeout", "3"]], ids=["once", "watching"])
def test_a_server_that_is_not_an_order_server_is_3(environ: dict[str, str], elsewhere: str, words: list[str]) -> None:
    result = run([TRACKER_TUI, "A1", "--server", elsewhere, *words], environ)
    assert f"no order server at {elsewhere} (" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.returncode == 3


@pytest.mark.parametrize("words", [["--once"], ["--format", "plain", "--timeout", "3"]], ids=["once", "watching"])
def test_a_private_authority_is_trusted_with_a_ca_file_only(
    environ: dict[str, str], secured: tuple[str, Path], words: list[str]
) -> None:
    url, file = secured
    trusted = run([TRACKER_TUI, "A1", "--server", url, "--ca-file", str(file), *words], environ)
    assert trusted.stderr == f"tracker-tui: order A1: unknown order at the server {url}; check the id\n"
    assert trusted.returncode == 4
    doubted = run([TRACKER_TUI, "A1", "--server", url, *words], environ)
    assert "certificate" in doubted.stderr
    assert doubted.returncode == 3


@pytest.mark.parametrize("words", [["--once"], ["--format", "ndjson"]], ids=["once", "watching"])
def test_a_proxy_of_an_unsupported_kind_is_a_usage_error(environ: dict[str, str], words: list[str]) -> None:
    environ = {**environ, "NO_PROXY": "", "HTTP_PROXY": "socks5://user:secret@127.0.0.1:1080"}
    result = run([TRACKER_TUI, "A1", "--server", "http://unknown.invalid", *words], environ)
    assert error_line(result) == (
        "tracker-tui: HTTP_PROXY is not an HTTP proxy: only http:// and https:// are understood; "
        "correct it, or name the server in NO_PROXY\n"
    )
    assert result.returncode == 2


@pytest.mark.parametrize("words", [["A1042"], ["A1042", "--format", "ndjson"], ["A1042", "--once"], ["--help"]])
def test_an_output_that_cannot_be_written_is_one_line_and_1(
    environ: dict[str, str], serve: Callable[..., ServerProcess], words: list[str]
) -> None:
    server = ["--server", serve().url] if "A1042" in words else []
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [TRACKER_TUI, *words, *server], env=environ, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert result.stderr == (
        b"tracker-tui: the output cannot be written: No space left on device; make room, or write it elsewhere\n"
    )
    assert result.returncode == 1


def test_a_stdout_that_is_closed_is_one_line_and_1(environ: dict[str, str]) -> None:
    result = run(["sh", "-c", f"'{TRACKER_TUI}' --help >&-"], environ)
    assert "the output cannot be written: stdout is closed" in error_line(result)
    assert result.returncode == 1


def test_a_host_that_does_not_exist_is_3(environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "A1", "--once", "--server", "http://unknown.invalid"], environ)
    assert "the host name unknown.invalid is unknown" in error_line(result)
    assert result.returncode == 3


def test_help_and_version_go_to_stdout(environ: dict[str, str]) -> None:
    text = run([TRACKER_TUI, "--help"], environ)
    assert (text.returncode, text.stderr) == (0, "")
    for word in (
        "--all",
        "--demo",
        "--until",
        "--print-config",
        "Exit codes",
        "longpoll",
        "--token-command",
        "TRACKER_TOKEN",
    ):
        assert word in text.stdout
    assert "--token " not in text.stdout
    version = run([TRACKER_TUI, "--version"], environ)
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith("tracker-tui 0.")


def test_the_printed_config_is_a_config_file_with_the_source_of_each_value(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ["TRACKER_SERVER"] = UNUSED
    printed = run([TRACKER_TUI, "--print-config", "--timeout", "1"], environ)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert f'# from TRACKER_SERVER\nserver = "{UNUSED}"\n' in printed.stdout
    assert "# from --timeout\ntimeout = 1.0\n" in printed.stdout
    file = tmp_path / "kept.toml"
    file.write_text(printed.stdout)
    del environ["TRACKER_SERVER"]
    again = run([TRACKER_TUI, "--print-config", "--config", str(file)], environ)
    assert f'# from {file}\nserver = "{UNUSED}"\n' in again.stdout


def test_options_may_stand_between_orders(environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "A1", "--server", UNUSED, "A2", "--once", "A1"], environ)
    assert result.returncode == 3


def test_an_unknown_variable_is_reported_with_the_nearest_known_one(environ: dict[str, str]) -> None:
    environ |= {"TRACKER_SEVER": UNUSED, "TRACKER_\x1b[2J": "x"}
    result = run([TRACKER_TUI, "A1", "--once", "--server", UNUSED], environ)
    warning, error = result.stderr.splitlines()
    assert warning == (
        "tracker-tui: ignored, not a setting: TRACKER_␛[2J, TRACKER_SEVER (did you mean TRACKER_SERVER?)"
    )
    assert "no order server" in error
    assert result.returncode == 3
