"""The command line as a whole: bad input is one clear line and a code."""

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

NOBODY = "http://127.0.0.1:9"
"""A port on which nothing listens."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The URL of a web server that is no order server."""

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
    """The https URL of a gateway that knows no order, and the certificate of the authority that vouches for it."""

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


def complaint(result: Result) -> str:
    """The one line on stderr."""
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("tracker-tui: ")
    assert result.stderr.removesuffix("\n").isprintable()
    return result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], 'Try "tracker-tui A1042" or "tracker-tui --all", or "tracker-tui --demo"'),
        (["A 1"], '"A 1" is not an order id'),
        (["\x1b[2J"], '"␛[2J" is not an order id'),
        (["A1", "--nonsense"], "unrecognized arguments: --nonsense; see tracker-tui --help"),
        (["A1", "--all"], 'leave out either "--all" or the ids'),
        (["A1", "--token", "secret"], "there is no --token, because every user of this machine could read it; "),
        (["A1", "--token=secret"], "use --token-file or --token-command, or set TRACKER_TOKEN"),
        (["A1", "--token-file", "x", "--token-command", "y"], "both give the token"),
        (["A1", "--token-command", "secret '"], "--token-command: the command's quotes do not match"),
        (["A1", "--ca-file", "/nowhere.pem"], "--ca-file: /nowhere.pem cannot be read: No such file"),
        (["A1", "--serv", NOBODY], "unrecognized arguments: --serv"),
        (["A1", "--server"], "argument --server: expected one argument"),
        (["A1", "--server", "ftp://x"], "--server: a server is a URL such as http://127.0.0.1:8765"),
        (["A1", "--format", "html"], '--format: "html" is not one of tui, plain, ndjson'),
        (["A1", "--format", "tui"], '--format tui needs a terminal; use "--format plain" here'),
        (["A1", "--transport", "pigeon"], '"pigeon" is not one of auto, websocket, sse, longpoll, polling'),
        (["A1", "--timeout", "soon"], '--timeout: "soon" is not a number of seconds above 0'),
        (["A1", "--once", "--until", "ended"], "--once does not wait"),
        (["A1", "--config", "/nowhere.toml"], "/nowhere.toml cannot be read: No such file or directory"),
        (["A1", "--log-file", "/nowhere/log"], "the log file /nowhere/log cannot be written: No such file"),
        (["--demo", "nonsense"], "no scenario is called 'nonsense'; there are"),
        (["--demo", "/nowhere.toml"], "/nowhere.toml"),
        (["--demo", "tour"], "--demo tour is a tour of the screens, and needs a terminal"),
        (["--demo", "--server", NOBODY], "--demo starts its own server"),
    ],
)
def test_bad_usage_is_one_line_and_2(environ: dict[str, str], words: list[str], said: str) -> None:
    result = run([TRACKER_TUI, *words], environ)
    assert said in complaint(result)
    assert "secret" not in result.stderr
    assert result.returncode == 2


def test_a_mistake_in_the_users_config_file_is_told_with_file_and_line(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / ".config" / "tracker-tui" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('timeout = 5\nserver = "http://x\n')
    result = run([TRACKER_TUI, "A1"], environ)
    line = complaint(result)
    assert str(file) in line
    assert "line 2" in line
    assert result.returncode == 2


@pytest.mark.parametrize("words", [["--once"], ["--format", "plain"]], ids=["once", "watching"])
def test_nobody_listening_is_3_with_a_way_out(environ: dict[str, str], words: list[str]) -> None:
    result = run([TRACKER_TUI, "A1", "--server", NOBODY, *words], environ)
    assert result.stderr == (
        f"tracker-tui: no order server at {NOBODY} (connection refused); "
        "check --server and the network on the way to it\n"
    )
    assert result.returncode == 3


@pytest.mark.parametrize("words", [["--once"], ["--format", "ndjson", "--timeout", "3"]], ids=["once", "watching"])
def test_a_server_that_is_no_gateway_is_3_and_said_so(
    environ: dict[str, str], elsewhere: str, words: list[str]
) -> None:
    result = run([TRACKER_TUI, "A1", "--server", elsewhere, *words], environ)
    assert f"no order server at {elsewhere} (" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.returncode == 3


@pytest.mark.parametrize("words", [["--once"], ["--format", "plain", "--timeout", "3"]], ids=["once", "watching"])
def test_a_ca_file_is_what_it_takes_to_trust_a_private_authority(
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
def test_a_proxy_of_another_kind_is_a_mistake_in_the_settings(environ: dict[str, str], words: list[str]) -> None:
    environ = {**environ, "NO_PROXY": "", "HTTP_PROXY": "socks5://user:secret@127.0.0.1:1080"}
    result = run([TRACKER_TUI, "A1", "--server", "http://nobody.invalid", *words], environ)
    assert complaint(result) == (
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
    assert "the output cannot be written: stdout is closed" in complaint(result)
    assert result.returncode == 1


def test_a_host_that_does_not_exist_is_3(environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "A1", "--once", "--server", "http://nobody.invalid"], environ)
    assert "the host's name nobody.invalid is unknown" in complaint(result)
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


def test_the_printed_config_is_a_config_file_with_the_origin_of_each_value(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ["TRACKER_SERVER"] = NOBODY
    printed = run([TRACKER_TUI, "--print-config", "--timeout", "1"], environ)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert f'# from TRACKER_SERVER\nserver = "{NOBODY}"\n' in printed.stdout
    assert "# from --timeout\ntimeout = 1.0\n" in printed.stdout
    file = tmp_path / "kept.toml"
    file.write_text(printed.stdout)
    del environ["TRACKER_SERVER"]
    again = run([TRACKER_TUI, "--print-config", "--config", str(file)], environ)
    assert f'# from {file}\nserver = "{NOBODY}"\n' in again.stdout


def test_options_may_stand_between_orders(environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "A1", "--server", NOBODY, "A2", "--once", "A1"], environ)
    assert result.returncode == 3


def test_a_variable_that_is_no_setting_is_told_with_the_one_that_was_meant(environ: dict[str, str]) -> None:
    environ |= {"TRACKER_SEVER": NOBODY, "TRACKER_\x1b[2J": "x"}
    result = run([TRACKER_TUI, "A1", "--once", "--server", NOBODY], environ)
    warning, complaint = result.stderr.splitlines()
    assert warning == (
        "tracker-tui: ignored, not a setting: TRACKER_␛[2J, TRACKER_SEVER (did you mean TRACKER_SERVER?)"
    )
    assert "no order server" in complaint
    assert result.returncode == 3
