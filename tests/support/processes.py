"""Runs the installed programs as processes, and talks to the control listener of a mock server."""

from __future__ import annotations

import json
import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

from mock_server.cli.control_client import post_control
from mock_server.control.endpoint_file import read_endpoint

TRACKER_TUI = str(Path(sysconfig.get_path("scripts"), "tracker-tui"))
MOCK_SERVER = str(Path(sysconfig.get_path("scripts"), "mock-server"))

Result = subprocess.CompletedProcess[str]


def run(argv: list[str], environ: Mapping[str, str], *, within: float = 60.0, stdin: str = "") -> Result:
    """Run a program to completion."""
    return subprocess.run(
        argv, env=environ, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=within, check=False
    )


def is_stopped(pid: int) -> bool:
    """Return whether a process is stopped by a signal."""
    # After the name, which is in parentheses and may contain parentheses.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


class ServerProcess:
    """A ``mock-server`` on a free port.

    Attributes:
        url: Its URL.
        port: Its port.
    """

    def __init__(self, options: list[str], environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._process = subprocess.Popen(
            [MOCK_SERVER, "--port", "0", *options], env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self._process.stdout is not None
        self.greeting = self._process.stdout.readline()
        self.url = self.greeting.split()[1]
        self.port = int(self.url.rpartition(":")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        finally:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def inject(self, name: str, *parameters: str) -> None:
        """Inject a fault over the control listener, as ``mock-server inject`` does."""
        post_control(self.port, "/control/inject", {"fault": ":".join(filter(None, [name, ",".join(parameters)]))})

    def heal(self) -> None:
        """Heal every fault."""
        post_control(self.port, "/control/heal", {})

    def control(self, path: str) -> Any:
        """Return a resource of the control listener."""
        control = read_endpoint(self.port)
        request = Request(f"{control.url}/control/{path}", headers={"Authorization": f"Bearer {control.token}"})
        with build_opener(ProxyHandler({})).open(request, timeout=5) as answer:
            return json.load(answer)

    def wait_for(self, holds: Callable[[dict[str, Any]], bool], *, within: float = 10.0) -> dict[str, Any]:
        """Poll the stats until a condition holds; return them.

        Raises:
            AssertionError: It did not hold in time.
        """
        deadline = time.monotonic() + within
        while not holds(stats := self.control("stats")):
            assert time.monotonic() < deadline, f"not within {within} s: {stats}"
        stats_then: dict[str, Any] = stats
        return stats_then
