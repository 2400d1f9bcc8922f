"""The user's directories, and files in them that only the user can read."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

import platformdirs

_APP = "tracker-tui"


def config_file() -> Path | None:
    """Return the path of the user's config file; None without a home directory."""
    path = platformdirs.user_config_path(_APP) / "config.toml"
    return path if path.is_absolute() else None


def state_directory() -> Path:
    """Return the directory for exports and for commands without an answer."""
    return platformdirs.user_state_path(_APP)


def cache_directory() -> Path:
    """Return the directory for data that can be fetched again."""
    return platformdirs.user_cache_path(_APP)


def make_private_directory(directory: Path) -> None:
    """Create a directory for the user alone, unless it exists.

    Raises:
        OSError: It can't be created.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def open_private(path: Path, flags: int) -> int:
    """Open a file and return its descriptor; a new file can be read by the user alone.

    Args:
        path: The file.
        flags: As of `os.open`, without ``O_CLOEXEC``, which is always set.

    Raises:
        OSError: It can't be opened.
    """
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def write_new(directory: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a new private file, numbered if its name is taken, and return its path.

    Raises:
        OSError: It can't be written.
    """
    make_private_directory(directory)
    for number in count(1):
        path = directory / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"
        try:
            descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            continue
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return path
    raise AssertionError("the numbers are endless")


def write_atomically(path: Path, text: str) -> Path:
    """Create or replace a private file, completely or not at all, and return its path.

    Raises:
        OSError: It can't be written; the previous file stays.
    """
    make_private_directory(path.parent)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".new", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            os.unlink(draft)
        raise
    return path


def display_path(path: Path) -> str:
    """Return the path with ``~`` for the home directory."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
