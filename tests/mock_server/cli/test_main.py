"""The `mock-server` command as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.mock_servers import TIMEOUT
from tests.support.processes import MOCK_SERVER

Run = Callable[..., Coroutine[Any, Any, tuple[int, str, str]]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}


async def start(environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        "-m",
        "mock_server",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a command to its end; return exit code, stdout and stderr."""

    async def to_the_end(*arguments: str) -> tuple[int, str, str]:
        process = await start(environment, *arguments)
        async with asyncio.timeout(TIMEOUT):
            out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    return to_the_end


@pytest.fixture
async def running(environment: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A server on a free port, and its first line of output."""
    process = await start(environment, "--port", "0", "--scenario", "quick", "--seed", "1")
    assert process.stdout is not None
    async with asyncio.timeout(TIMEOUT):
        line = await process.stdout.readline()
    yield process, line.decode()
    if process.returncode is None:
        process.kill()
        await process.communicate()


def url_of(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http"))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--port", "70000"], 2, "--port: '70000' is not a whole number from 0 to 65535"),
        (["--port", "１"], 2, "--port: '１' is not a whole number"),
        (["--speed", "fast"], 2, "--speed: 'fast' is not a number from 0.01 to 1000"),
        (["--speed", "nan"], 2, "--speed: 'nan' is not a number"),
        (["--heartbeat", "0.5"], 2, "--heartbeat: '0.5' is not a number from 1 to 30"),
        (["--orders", "0"], 2, "--orders: '0' is not a whole number from 1 to 100000"),
        (["--host", "0.0.0.0"], 2, "--auth off"),
        (["--host", "shop.example"], 2, "--auth off"),
        (["--fault", "explode"], 2, "there is no fault 'explode'; `mock-server faults` lists them"),
        (["--fault", "drop:x=1"], 2, "drop has no parameter 'x'"),
        (["--scenario", "no-such-scenario"], 2, "no-such-scenario"),
        (["--scenario", "/nonexistent/x.toml"], 2, "/nonexistent/x.toml"),
        (["--port", "0", "--fault", "evil-text:order=NOBODY"], 2, "there is no order NOBODY"),
        (["dance"], 2, "dance"),
        (["--bogus"], 2, "--bogus"),
        (["inject"], 2, "NAME"),
        (["inject", "drop", "--port", "1"], 1, "no mock-server of yours runs on port 1; start one"),
        (["heal", "--port", "1"], 1, "no mock-server of yours runs on port 1; start one"),
    ],
)
async def test_wrong_usage_prints_one_line_and_exits_with_a_code(
    run: Run, arguments: list[str], code: int, message: str
) -> None:
    exit_code, out, err = await run(*arguments)
    assert (exit_code, out) == (code, "")
    assert err.count("\n") == 1
    assert err.startswith("mock-server: ")
    assert message in err


async def test_a_port_in_use_prints_one_line_with_the_remedy(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = await run("--port", str(port))
    assert code == 1
    assert err.count("\n") == 1
    assert f"port {port}" in err
    assert "--port" in err


async def test_it_prints_its_address_and_how_to_watch_an_order(
    running: tuple[asyncio.subprocess.Process, str],
) -> None:
    _, line = running
    assert line.endswith(f"watch one with: tracker-tui A1 --server {url_of(line)}\n")
    async with httpx.AsyncClient(base_url=url_of(line), trust_env=False) as web:
        assert (await web.get("/v1/orders/A1")).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_stops_it_gracefully(
    running: tuple[asyncio.subprocess.Process, str], tmp_path: Path, number: signal.Signals
) -> None:
    process, _ = running
    process.send_signal(number)
    async with asyncio.timeout(TIMEOUT):
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")
    assert list((tmp_path / "mock-server").iterdir()) == []


async def test_faults_are_injected_into_a_running_server_and_healed(
    running: tuple[asyncio.subprocess.Process, str], run: Run
) -> None:
    url = url_of(running[1])
    port = url.rpartition(":")[2]
    code, out, err = await run("inject", "refuse", "status=429", "--port", port)
    assert (code, err) == (0, "")
    assert out.endswith("injected: refuse:status=429\n")
    async with httpx.AsyncClient(base_url=url, trust_env=False) as web:
        assert (await web.get("/v1/orders/A1")).status_code == 429
        code, out, _ = await run("heal", "--port", port)
        assert (code, out.split("  ")[1]) == (0, "healed: refuse:status=429\n")
        assert (await web.get("/v1/orders/A1")).status_code == 200
    code, _, err = await run("inject", "refuse:status=42", "--port", port)
    assert (code, err.count("\n")) == (1, 1)
    assert "status is a whole number from 400 to 599" in err


async def test_the_endpoint_file_of_a_killed_server_is_recognized_as_stale(
    running: tuple[asyncio.subprocess.Process, str], run: Run
) -> None:
    process, line = running
    process.kill()
    await process.communicate()
    code, _, err = await run("heal", "--port", url_of(line).rpartition(":")[2])
    assert (code, err.count("\n")) == (1, 1)
    assert "doesn't answer; start one" in err


async def test_the_catalogue_is_listed(run: Run) -> None:
    code, out, err = await run("faults")
    assert (code, err) == (0, "")
    assert "drop  [message]  Drops events." in out
    assert "The client should " in out


def test_a_closed_pipe_ends_the_list_with_exit_code_141(environ: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([MOCK_SERVER, "faults"], env=environ, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (128 + signal.SIGPIPE, b"")


async def test_it_prints_its_version(run: Run) -> None:
    code, out, _ = await run("--version")
    assert code == 0
    assert out.startswith("mock-server ")


def test_a_server_for_other_machines_says_that_it_needs_allow_host(environ: dict[str, str]) -> None:
    for names, warned in (([], True), (["--allow-host", "orders.example.com"], False)):
        process = subprocess.Popen(
            [MOCK_SERVER, "--port", "0", "--auth", "jwt", "--host", "0.0.0.0", *names],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        _, errors = process.communicate(timeout=10)
        assert ("--allow-host" in errors) is warned
