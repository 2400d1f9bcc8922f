"""Files that people keep: in the user's own state directory, readable by nobody else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path


def state_directory(environ: Mapping[str, str]) -> Path:
    """Where this program keeps such files (XDG base directories; a relative path there counts as none)."""
    named = Path(environ.get("XDG_STATE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".local" / "state") / "tracker-tui"


def write_new(directory: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a new file, under another name where there is one already; back with its path.

    Raises:
        OSError: It can't be written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in count(1):
        path = directory / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return path
    raise AssertionError("counting has no end")


def replace(directory: Path, name: str, text: str) -> Path:
    """Write a file in place of the one of that name, whole or not at all; back with its path.

    Raises:
        OSError: It can't be written.
    """
    fresh = write_new(directory, f".{name}-{os.getpid()}", ".new", text)
    return fresh.rename(directory / name)


def display_path(path: Path) -> str:
    """The path as people write it: ``~/.local/…``."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
