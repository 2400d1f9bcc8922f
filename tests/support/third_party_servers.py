"""Third-party programs between client and server: two proxies, and nginx."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

WITHIN = 20.0
"""Seconds within which such a program must start."""

HERE = "0.0.0.0"
"""An address of this machine that is not a loopback address, so that a proxy is used for it."""


@contextmanager
def proxy_py(folder: Path, *options: str) -> Iterator[str]:
    """Run proxy.py on a free port, an HTTP proxy that forwards and tunnels; yield HOST:PORT."""
    port = free_port()
    argv = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", str(port), "--timeout", "60"]
    argv += ["--num-workers", "1", "--num-acceptors", "1", *options]
    with _running(argv, port, folder):
        yield f"127.0.0.1:{port}"


@contextmanager
def tinyproxy(folder: Path, *lines: str) -> Iterator[str]:
    """Run tinyproxy on a free port; yield HOST:PORT."""
    program = _installed("tinyproxy")
    port = free_port()
    config = folder / "tinyproxy.conf"
    config.write_text("\n".join([f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 60", *lines, ""]))
    with _running([program, "-d", "-c", str(config)], port, folder):
        yield f"127.0.0.1:{port}"


@contextmanager
def nginx(folder: Path, upstream: int, location: str = "") -> Iterator[int]:
    """Run nginx in front of a local port, with its defaults and `location`; yield its port."""
    program = _installed("nginx")
    port = free_port()
    paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    config = folder / "nginx.conf"
    config.write_text(f"""
        daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            {" ".join(f"{path}_temp_path {folder}/{path};" for path in paths)}
            server {{
                listen 127.0.0.1:{port};
                location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_set_header Host $http_host; {location} }}
            }}
        }}
    """)
    with _running([program, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(config)], port, folder):
        yield port


def free_port() -> int:
    """Return a port without a listener."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def refusing_port() -> Iterator[int]:
    """Yield a port that refuses connections: it is bound, but not listening."""
    with socket.socket() as taken:
        taken.bind(("", 0))
        yield taken.getsockname()[1]


def _installed(program: str) -> str:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed: apt-get install {program}")
    return path


@contextmanager
def _running(argv: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    """Run a program until the block ends; wait until it listens."""
    environ = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder)}
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, env=environ
        )
    try:
        deadline = time.monotonic() + WITHIN
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{argv[0]} did not start: {(folder / 'output.txt').read_text()[-2_000:]}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        finally:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
