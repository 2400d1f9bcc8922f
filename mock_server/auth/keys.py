"""Where the key of `--auth jwt` is kept: a file that only its user can read, made when it is first needed."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from mock_server.auth.tokens import Key
from tracker_tui.domain.sanitize import sanitize

DEFAULT_KEY_PATH = "$XDG_STATE_HOME/mock-server/key, or ~/.local/state/mock-server/key"
"""For people."""

_MAX_FILE_BYTES = 4096


class KeyFileError(Exception):
    """There is no key, or none that may be used; one line for people."""


def load_key(path: Path | None = None, *, make: bool = True) -> Key:
    """Read the key, after making it if it isn't there yet.

    Args:
        path: The file; None for this user's own.
        make: Whether a missing file is made.

    Raises:
        NoKey: It can't be read or made, or others can read it, or what is in it is no key.
    """
    path = path or default_key_path()
    shown_path = visible(str(path))
    try:
        try:
            return _read(path, shown_path)
        except FileNotFoundError:
            if not make:
                raise
            _create(path)
            return _read(path, shown_path)
    except OSError as error:
        raise KeyFileError(
            f"cannot read or make the key file {shown_path} ({error.strerror}); name one with --auth-key-file"
        ) from error


def default_key_path() -> Path:
    """This user's own key file (XDG base directories: a relative path there is none).

    Raises:
        NoKey: This user has no home.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise KeyFileError("there is no home directory for the key; name a file with --auth-key-file") from error
    return base / "mock-server" / "key"


def _read(path: Path, shown_path: str) -> Key:
    # A named pipe would keep us waiting.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(f"{shown_path} is not a file; name another one with --auth-key-file")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyFileError(
                f"others may read the key in {shown_path}; chmod 600 it, or remove it to have a new one made"
            )
        secret = file.read(_MAX_FILE_BYTES + 1).strip()
    if len(secret) > _MAX_FILE_BYTES:
        raise KeyFileError(f"{shown_path} is too large for a key")
    try:
        return Key(secret)
    except ValueError as error:
        raise KeyFileError(f"{shown_path} holds no key: {error}") from error


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(48)}\n")
        # Whoever was faster has made the key that both use.
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
