"""Which sessions still run: each one holds an exclusive lock on a file of its own for as long as its process lives.

The kernel releases a lock with the last process that has it, also after a kill or a crash. A process id would say less:
another process has it after a reboot or in another container.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from uuid import uuid4

LOCK_PATTERN = "session-*.lock"
"""The lock files in a folder."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class SessionState(Enum):
    """What a lock says about its session."""

    RUNNING = auto()
    ENDED = auto()
    UNKNOWN = auto()
    """The file system has no locks, or this user may not open the file."""


class SessionLock:
    """The lock of this session, from `acquire` to `release`.

    Args:
        folder: Where the lock file is.

    Attributes:
        session_id: A UUID.
    """

    def __init__(self, folder: Path) -> None:
        self.session_id = str(uuid4())
        self._path = lock_path(folder, self.session_id)
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Make the lock file and lock it, once; where there are no locks, the file alone is made.

        Raises:
            OSError: The file can't be made.
        """
        if self._descriptor is not None:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Locked before it has its name: another session can't find it unlocked.
        fresh = self._path.with_name(f".{self._path.name}.new")
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fresh.rename(self._path)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Remove the lock file, and unlock it."""
        if self._descriptor is not None:
            with suppress(OSError):
                self._path.unlink()
            os.close(self._descriptor)
            self._descriptor = None


def is_session_id(text: str) -> bool:
    """Whether `text` as a whole is the id of a session."""
    return _ID.fullmatch(text) is not None


def lock_path(folder: Path, session_id: str) -> Path:
    """The lock file of a session in `folder`."""
    return folder / f"session-{session_id}.lock"


def session_state(path: Path) -> SessionState:
    """Whether the session whose lock file this is still runs; a missing file is that of an ended one."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return SessionState.ENDED
    except OSError:
        return SessionState.UNKNOWN
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return SessionState.RUNNING
    except OSError:
        return SessionState.UNKNOWN
    else:
        return SessionState.ENDED
    finally:
        os.close(descriptor)
