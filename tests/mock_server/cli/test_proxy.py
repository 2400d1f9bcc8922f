"""`mock-server proxy` as a process, with `inject` and `heal`."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mock_server.control import endpoint_file
from tests.support.certificates import Authority
from tests.support.processes import MOCK_SERVER, ServerProcess, run
from tests.support.third_party_servers import refusing_port

Serve = Callable[..., ServerProcess]


@pytest.fixture
def server(serve: Serve) -> ServerProcess:
    return serve("--scenario", "quick", "--seed", "1")


@pytest.fixture
def proxy(serve: Serve, server: ServerProcess) -> ServerProcess:
    return serve("proxy", "--listen", "0", "--upstream", server.url, "--seed", "1")


@contextmanager
def started(environ: dict[str, str], *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A proxy process and its port; killed at the end if it still runs."""
    with subprocess.Popen(
        [MOCK_SERVER, "proxy", "--listen", "0", *words],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline().split()[1].rpartition(":")[2])
        finally:
            process.kill()


def get(server: ServerProcess) -> bytes:
    """Return the whole response to a GET, however it ends."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(b"GET /v1/orders/A1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer


def test_it_prints_its_address_and_the_next_command(server: ServerProcess, proxy: ServerProcess) -> None:
    assert proxy.greeting == (
        f"mock-server: {proxy.url} forwards to {server.url}; watch through it with: tracker-tui A1042 --server"
        f" {proxy.url}; break it with: mock-server inject latency seconds=1 --port {proxy.port}\n"
    )
    assert get(proxy).startswith(b"HTTP/1.1 200 OK\r\n")


def test_faults_are_injected_while_it_runs_and_healed(proxy: ServerProcess) -> None:
    proxy.inject("cut", "at=17", "how=fin", "count=none")
    assert get(proxy) == b"HTTP/1.1 200 OK\r\n"
    assert proxy.control("stats")["armed"] == ["cut:count=none,at=17,how=fin"]
    proxy.heal()
    assert len(get(proxy)) > 1000
    told = [(record["fault"], record["effect"]) for record in proxy.control("log")["records"]]
    assert told == [("cut", "injected"), ("cut", "cut"), ("heal", "healed")]
    proxy.inject("refuse")
    with pytest.raises(ConnectionResetError):
        get(proxy)


def test_the_counters_and_its_own_catalogue_can_be_read(server: ServerProcess, proxy: ServerProcess) -> None:
    size = len(get(proxy))
    stats = proxy.wait_for(lambda stats: stats["connections"] == 0)
    assert (stats["upstream"], stats["connectionsTotal"], stats["bytesDown"]) == (server.url, 1, size)
    assert stats["bytesUp"] > 0
    assert {fault["level"] for fault in proxy.control("faults")["faults"]} == {"tcp"}


def test_an_outage_ends_with_up(proxy: ServerProcess) -> None:
    proxy.inject("down")
    with pytest.raises(ConnectionRefusedError):
        get(proxy)
    proxy.inject("up")
    proxy.wait_for(lambda stats: bool(stats["listening"]))
    assert get(proxy)


def test_rules_are_read_from_a_file(serve: Serve, server: ServerProcess, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([{"match": "/v1/orders", "action": "cut:at=8,how=fin", "times": 1}]))
    proxy = serve("proxy", "--listen", "0", "--upstream", server.url, "--rules", str(rules))
    assert get(proxy) == b"HTTP/1.1"
    assert len(get(proxy)) > 1000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_its_connections_and_deletes_its_endpoint_file(
    environ: dict[str, str], server: ServerProcess, number: signal.Signals
) -> None:
    words = ("--upstream", server.url, "--fault", "half-open:match=/v1/orders")
    with started(environ, *words) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"GET /v1/orders/A1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            process.send_signal(number)
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0
    with pytest.raises(endpoint_file.ControlUnavailable):
        endpoint_file.read_endpoint(port)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--upstream", "http://x"], 2, "--listen"),
        (["--listen", "0"], 2, "--upstream"),
        (["--listen", "70000", "--upstream", "http://x"], 2, "'70000' is not a whole number from 0 to 65535"),
        (["--listen", "0", "--upstream", "x"], 2, "'x' is not http(s)://HOST[:PORT] or tcp://HOST:PORT"),
        (["--listen", "0", "--upstream", "http://x", "--host", "0.0.0.0"], 2, "invalid choice: '0.0.0.0'"),
        (["--listen", "0", "--upstream", "http://x", "--fault", "drop"], 2, "drop is a fault of the server"),
        (["--listen", "0", "--upstream", "http://x", "--fault", "cut:at=x"], 2, "cut: at is a whole number"),
        (["--listen", "0", "--upstream", "http://x", "--rules", "/none"], 2, "No such file or directory"),
        (["--listen", "0", "--upstream", "http://x", "--seed", "-1"], 2, "--seed"),
    ],
)
def test_wrong_usage_prints_one_line_and_exits_with_a_code(
    environ: dict[str, str], arguments: list[str], code: int, message: str
) -> None:
    result = run([MOCK_SERVER, "proxy", *arguments], environ)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert (result.stderr.count("\n"), result.stderr.startswith("mock-server: ")) == (1, True)


def test_a_port_in_use_prints_one_line_with_the_remedy(environ: dict[str, str], server: ServerProcess) -> None:
    result = run([MOCK_SERVER, "proxy", "--listen", str(server.port), "--upstream", "tcp://127.0.0.1:1"], environ)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "choose another one with --listen" in result.stderr


def test_server_and_proxy_recognize_each_others_faults(
    environ: dict[str, str], server: ServerProcess, proxy: ServerProcess
) -> None:
    for name, port in (("latency", server.port), ("drop", proxy.port)):
        result = run([MOCK_SERVER, "inject", name, "--port", str(port)], environ)
        assert (result.returncode, result.stderr.count("\n")) == (1, 1)
        assert f"{name} is a fault of" in result.stderr


def test_its_faults_are_listed_after_those_of_the_server(environ: dict[str, str]) -> None:
    listed = run([MOCK_SERVER, "faults"], environ).stdout
    own = listed.partition("In front of any server, with `mock-server proxy --listen PORT --upstream URL`:")[2]
    assert "latency  [tcp]  " in own
    assert "[message]" not in own


def test_an_upstream_error_is_printed_once_on_stderr(environ: dict[str, str]) -> None:
    with refusing_port() as closed:
        nobody = f"http://127.0.0.1:{closed}"
        with started(environ, "--upstream", nobody) as (process, port):
            for _ in range(3):
                with (
                    suppress(ConnectionResetError),
                    socket.create_connection(("127.0.0.1", port), timeout=20) as client,
                ):
                    client.recv(1)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
    assert said.count("\n") == 1
    assert said.startswith(f"mock-server: upstream unreachable: {nobody}: ")


def test_an_untrusted_certificate_is_reported_with_the_remedy(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor() as pool:
        trust = Authority().server("localhost")

        def answer() -> None:
            plain, _ = listening.accept()
            with plain, suppress(OSError):
                trust.wrap_socket(plain, server_side=True).close()

        pool.submit(answer)
        upstream = f"https://localhost:{listening.getsockname()[1]}"
        with started(environ, "--upstream", upstream) as (process, port):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client, suppress(ConnectionResetError):
                client.recv(1)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
    assert said.count("\n") == 1
    assert "certificate verify failed" in said
    assert said.endswith("; SSL_CERT_FILE=FILE names an authority to trust\n")
