"""The key file of `--auth jwt`: readable by its user alone, created when it is first needed."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

import platformdirs

from mock_server.auth.tokens import Key
from mock_server.private_file import write_private_file
from tracker_tui.domain.sanitize import sanitize

DEFAULT_KEY_PATH = "$XDG_STATE_HOME/mock-server/key, or ~/.local/state/mock-server/key"
"""The default path, for help texts."""

_MAX_FILE_BYTES = 4096


class KeyFileError(Exception):
    """The key file is missing or cannot be used; the text is one line for people."""


def load_key(path: Path | None = None, *, create: bool = True) -> Key:
    """Read the key; create it first if the file does not exist.

    Args:
        path: The key file; None for the user's default key file.
        create: Whether to create a missing file.

    Raises:
        KeyFileError: The file cannot be read or created, other users can read it, or it contains no key.
    """
    path = path or default_key_path()
    shown_path = sanitize(str(path))
    try:
        try:
            return _read(path, shown_path)
        except FileNotFoundError:
            if not create:
                raise
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # If another process has created the file meanwhile, both use that key.
            write_private_file(path, f"{secrets.token_urlsafe(48)}\n", replace=False)
            return _read(path, shown_path)
    except OSError as error:
        raise KeyFileError(
            f"cannot read or create the key file {shown_path} ({error.strerror}); name one with --auth-key-file"
        ) from error


def default_key_path() -> Path:
    """Return the path of the user's default key file.

    Raises:
        KeyFileError: The user has no home directory.
    """
    try:
        return platformdirs.user_state_path("mock-server") / "key"
    except RuntimeError as error:
        raise KeyFileError("there is no home directory for the key; name a file with --auth-key-file") from error


def _read(path: Path, shown_path: str) -> Key:
    # Without O_NONBLOCK, opening a named pipe would wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(f"{shown_path} is not a file; name another one with --auth-key-file")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyFileError(
                f"other users may read the key in {shown_path}; run chmod 600 on it, or delete it to get a new key"
            )
        secret = file.read(_MAX_FILE_BYTES + 1).strip()
    if len(secret) > _MAX_FILE_BYTES:
        raise KeyFileError(f"{shown_path} is too large for a key; name another file with --auth-key-file")
    try:
        return Key(secret)
    except ValueError as error:
        raise KeyFileError(f"{shown_path} contains no key: {error}") from error
