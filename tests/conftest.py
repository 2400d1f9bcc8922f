"""What tests of whole programs share: a home of their own and servers on free ports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.processes import ServerProcess


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment for programs: an empty home, UTC, a capable terminal, no setting of the person who tests."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    # The control token of a server is looked for there by this process, too.
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
