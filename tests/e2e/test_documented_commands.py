"""Every command of the documents, run as it is written, against a server on a free port."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.documentation import ROOT, DocumentedCommand, commands
from tests.support.processes import MOCK_SERVER, TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

_PROGRAMS = {"tracker-tui": TRACKER_TUI, "mock-server": MOCK_SERVER}
_PRINTING = {"--help", "--version", "--man", "--completion", "--print-config", "--once"}
_SUBCOMMANDS = {"faults", "token", "inject", "heal"}

SCENARIO = """
[[orders]]
id = "A1"
[[orders]]
id = "A2"
"""

RULES = """
[[rules]]
match = "websocket"
action = "latency:seconds=0.1"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the documents name."""
    shutil.copy(ROOT / "tests" / "fixtures" / "recording.jsonl", tmp_path / "lunch.ndjson")
    (tmp_path / "two-orders.toml").write_text(SCENARIO)
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "token").write_text("a.b.c\n")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "lists.toml").write_text('[lists]\nvip = ["A1042", "A1001"]\n')
    (tmp_path / "ids").write_text("A1042\nA1001\n")
    return tmp_path


@pytest.fixture
def proxy(serve: Serve, environ: Environ) -> Iterator[tuple[ServerProcess, int]]:
    """A server, and the port of a proxy in front of it."""
    server = serve("--scenario", "default")
    listener = subprocess.Popen(
        [MOCK_SERVER, "proxy", "--listen", "0", "--upstream", server.url],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert listener.stdout is not None
    address = next(word for word in listener.stdout.readline().split() if word.startswith("http://127.0.0.1:"))
    try:
        yield server, int(address.rpartition(":")[2])
    finally:
        listener.terminate()
        listener.wait(10)
        listener.stdout.close()


def ends_by_itself(words: Sequence[str]) -> bool:
    """Return whether a command ends without being stopped."""
    return bool(_PRINTING & set(words)) or bool(_SUBCOMMANDS & set(words[1:2]))


def adapted(command: DocumentedCommand, server: ServerProcess, proxy_port: int, folder: Path) -> list[str]:
    """Return the command with the ports of this test, and with files that it may write."""
    addresses = {
        "http://127.0.0.1:8765": server.url,
        "https://orders.example.com": server.url,
        "http://127.0.0.1:9000": f"http://127.0.0.1:{proxy_port}",
        "0.0.0.0": "127.0.0.1",
    }
    page = "https://orders.example.com/"
    program, *words = (addresses.get(word, word.replace(page, f"{server.url}/")) for word in command.argv)
    if program == "mock-server":
        if "proxy" in words:
            words = ["0" if word == "9000" else word for word in words]
        elif {"inject", "heal"} & set(words):
            words = [str(proxy_port) if word == "9000" else word for word in words]
            words += [] if "--port" in words else ["--port", str(server.port)]
        elif not ends_by_itself(command.argv) and "--port" not in words:
            words += ["--port", "0"]
    if "--record" in words:
        (folder / "lunch.ndjson").unlink()
    return [_PROGRAMS[program], *words]


@pytest.mark.parametrize("command", commands(), ids=str)
def test_a_documented_command_works_as_described(
    command: DocumentedCommand, proxy: tuple[ServerProcess, int], folder: Path, environ: Environ
) -> None:
    server, proxy_port = proxy
    argv = adapted(command, server, proxy_port, folder)
    more = {name: value for name, value in command.environ if value != "SUBSTITUTED"}
    if argv[0] == TRACKER_TUI and not {"--server", "--demo", "--replay"} & set(argv):
        more.setdefault("TRACKER_SERVER", server.url)
    if "--list" in argv:
        more["TRACKER_CONFIG"] = str(folder / "lists.toml")
    if argv == [TRACKER_TUI]:
        # Without ids it needs a terminal.
        with Terminal(argv, environ | more) as terminal:
            terminal.wait_for("● Live")
        return
    if ends_by_itself(argv):
        done = subprocess.run(
            argv, env=environ | more, cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr
        return
    with (
        (folder / "ids").open() as ids,
        subprocess.Popen(argv, env=environ | more, cwd=folder, stdin=ids, stdout=subprocess.PIPE, text=True) as program,
    ):
        assert program.stdout is not None
        try:
            assert program.stdout.readline()
        finally:
            program.terminate()
        program.communicate(timeout=30)
        assert program.returncode in {0, 4, 5, 143, -15}
