"""Where the key of `--auth jwt` is kept: a file that only its user can read, made when it is first needed."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from mock_server.auth.tokens import Key
from tracker_tui.domain.sanitize import sanitize

DEFAULT_PLACE = "$XDG_STATE_HOME/mock-server/key, or ~/.local/state/mock-server/key"
"""For people."""

_LARGEST = 4096


class NoKey(Exception):
    """There is no key, or none that may be used; one line for people."""


def load(path: Path | None = None, *, make: bool = True) -> Key:
    """Read the key, after making it if it isn't there yet.

    Args:
        path: The file; None for this user's own.
        make: Whether a missing file is made.

    Raises:
        NoKey: It can't be read or made, or others can read it, or what is in it is no key.
    """
    path = path or default_path()
    where = sanitize(str(path))
    try:
        try:
            return _read(path, where)
        except FileNotFoundError:
            if not make:
                raise
            _make(path)
            return _read(path, where)
    except OSError as error:
        raise NoKey(
            f"cannot read or make the key file {where} ({error.strerror}); name one with --auth-key-file"
        ) from error


def default_path() -> Path:
    """This user's own key file (XDG base directories: a relative path there is none).

    Raises:
        NoKey: This user has no home.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise NoKey("there is no home directory for the key; name a file with --auth-key-file") from error
    return base / "mock-server" / "key"


def _read(path: Path, where: str) -> Key:
    # A named pipe would keep us waiting.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise NoKey(f"{where} is not a file; name another one with --auth-key-file")
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise NoKey(f"others may read the key in {where}; chmod 600 it, or remove it to have a new one made")
        secret = file.read(_LARGEST + 1).strip()
    if len(secret) > _LARGEST:
        raise NoKey(f"{where} is too large for a key")
    try:
        return Key(secret)
    except ValueError as error:
        raise NoKey(f"{where} holds no key: {error}") from error


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(48)}\n")
        # Whoever was faster has made the key that both use.
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
