"""What all tests share: which of them are slow, how many programs they start, and an environment for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.processes import ServerProcess

SLOW = (
    "benchmarks",
    "chaos",
    "cli/test_completion.py",
    "cli/test_main.py",
    "e2e",
    "link/http/test_through_proxies.py",
    "link/orders/test_week_of_orders.py",
    "link/transports/test_behind_nginx.py",
    "mock_server/cli/test_main.py",
    "mock_server/cli/test_proxy.py",
    "mock_server/cli/test_token.py",
    "mock_server/proxy/test_with_client.py",
    "test_packaging.py",
    "ui/test_hostile_everywhere.py",
    "ui/test_mouse.py",
)
"""Folders and files whose tests are slow: whole programs and terminals, real proxies, long tables."""

MOST_PROGRAM_STARTS = 60
"""Programs that the default tests may start in all: each start costs a fraction of a second."""

STARTS = pytest.StashKey[list[str]]()

settings.register_profile("default", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure(config: pytest.Config) -> None:
    """Count the programs that this process starts."""
    starts = config.stash[STARTS] = []

    def count(event: str, arguments: tuple[object, ...]) -> None:
        if event == "subprocess.Popen":
            starts.append(str(arguments[0]))

    sys.addaudithook(count)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests."""
    root = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(root).as_posix()
        if any(place == slow or place.startswith(f"{slow}/") for slow in SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Report the number of started programs; too many in the default tests fail the run."""
    starts, output = len(session.config.stash[STARTS]), getattr(session.config, "workeroutput", None)
    if output is not None:
        output["starts"] = starts
    elif session.config.option.markexpr == "not slow" and starts > MOST_PROGRAM_STARTS:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Collect the numbers of started programs."""
    config, output = getattr(node, "config"), getattr(node, "workeroutput", {})  # noqa: B009
    config.stash[STARTS] += ["a program"] * int(output.get("starts", 0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how many programs were started."""
    limit = f"; the default tests may start at most {MOST_PROGRAM_STARTS}"
    terminalreporter.write_line(f"programs started: {len(config.stash[STARTS])}{limit}")


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment for programs: an empty home, UTC, a capable terminal, no setting of the person who tests."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    # This process, too, looks there for the control token of a server.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "NO_PROXY": "*",
    }


@pytest.fixture
def serve(environ: dict[str, str]) -> Iterator[Callable[..., ServerProcess]]:
    """Start mock servers with the options given; they end with the test."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(ServerProcess(list(options), environ))
