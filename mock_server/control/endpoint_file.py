"""Where `mock-server inject` finds a running server: a file named by port that only its user can read."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path


class ControlUnavailable(Exception):
    """No server has left word, or the place for it is not safe; one line for people."""


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """How to reach a server's control listener."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Control(url={self.url!r}, token=…)"


def write_endpoint(port: int, endpoint: ControlEndpoint) -> Path:
    """Leave word of the control listener of the gateway on `port`.

    Raises:
        NoRendezvous: There is no directory for it that only this user can write.
    """
    path = _path(port)
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"url": endpoint.url, "token": endpoint.token}, file)
        temporary.replace(path)
    except OSError as error:
        raise ControlUnavailable(
            f"cannot write {path} ({error.strerror}); set XDG_RUNTIME_DIR to a directory"
        ) from error
    return path


def read_endpoint(port: int) -> ControlEndpoint:
    """Read what the server on `port` has left.

    Raises:
        NoRendezvous: Nothing is there, or nothing that makes sense.
    """
    try:
        status = json.loads(_path(port).read_text(encoding="utf-8"))
        return ControlEndpoint(str(status["url"]), str(status["token"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ControlUnavailable(
            f"no mock-server of yours runs on port {port}; start one, or name its port with --port"
        ) from error


def _path(port: int) -> Path:
    return _directory() / f"{port}.json"


def _directory() -> Path:
    """A directory of this user's, closed to everyone else."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = runtime and os.access(runtime, os.W_OK | os.X_OK)
    directory = Path(runtime, "mock-server") if usable else Path(tempfile.gettempdir(), f"mock-server-{os.getuid()}")
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        status = directory.lstat()
    except OSError as error:
        raise ControlUnavailable(
            f"cannot make {directory} ({error.strerror}); set XDG_RUNTIME_DIR to a directory"
        ) from error
    # Someone else may have made it first, in a directory that all may write to.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise ControlUnavailable(f"{directory} is not a directory of yours; remove it or set XDG_RUNTIME_DIR")
    directory.chmod(0o700)
    return directory
