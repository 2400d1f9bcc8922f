"""The file through which `mock-server inject` finds a running server: named by its port, readable by its user alone."""

from __future__ import annotations

import json
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from mock_server.private_file import write_private_file


class ControlUnavailable(Exception):
    """No server has written its control endpoint, or its directory is not safe; the text is one line for people."""


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """The address of a control listener, and the token that it requires."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"ControlEndpoint(url={self.url!r}, token=…)"


def write_endpoint(port: int, endpoint: ControlEndpoint) -> Path:
    """Write the control endpoint of the server on `port`; return the path of the file.

    Raises:
        ControlUnavailable: There is no directory for it that only this user can write to.
    """
    path = _endpoint_path(port)
    try:
        write_private_file(path, json.dumps({"url": endpoint.url, "token": endpoint.token}), replace=True)
    except OSError as error:
        raise ControlUnavailable(
            f"cannot write {path} ({error.strerror}); set XDG_RUNTIME_DIR to a directory of yours"
        ) from error
    return path


def read_endpoint(port: int) -> ControlEndpoint:
    """Read the control endpoint of the server on `port`.

    Raises:
        ControlUnavailable: There is no file for that port, or its content is not valid.
    """
    try:
        content = json.loads(_endpoint_path(port).read_text(encoding="utf-8"))
        return ControlEndpoint(str(content["url"]), str(content["token"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ControlUnavailable(
            f"no mock-server of yours runs on port {port}; start one, or name its port with --port"
        ) from error


def _endpoint_path(port: int) -> Path:
    return _private_directory() / f"{port}.json"


def _private_directory() -> Path:
    """Return the user's runtime directory for this program, closed to other users."""
    try:
        with warnings.catch_warnings():
            # Without a usable XDG_RUNTIME_DIR, platformdirs warns and chooses another directory.
            warnings.simplefilter("ignore")
            directory = platformdirs.user_runtime_path("mock-server", ensure_exists=True)
        status = directory.lstat()
    except OSError as error:
        raise ControlUnavailable(
            f"cannot create a runtime directory ({error.strerror or error}); set XDG_RUNTIME_DIR to one of yours"
        ) from error
    # In a directory that all users may write to, another user may have created it first.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise ControlUnavailable(f"{directory} is not a directory of yours; delete it or set XDG_RUNTIME_DIR")
    directory.chmod(0o700)
    return directory
