"""Locks of running sessions: each session holds an exclusive lock on a file of its own.

The kernel releases the lock when the process ends, also after a kill or a crash. A process id would not be reliable:
another process can get the same id after a reboot or in another container.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from uuid import uuid4

from tracker_tui.storage.files import make_private_directory, open_private

LOCK_PATTERN = "session-*.lock"
"""The lock files in a folder."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class SessionState(Enum):
    """State of a session, as far as its lock shows it."""

    RUNNING = auto()
    ENDED = auto()
    UNKNOWN = auto()
    """The file system has no locks, or the user may not open the file."""


class SessionLock:
    """The lock of this session, from `acquire` to `release`.

    Args:
        folder: The folder of the lock file.

    Attributes:
        session_id: A UUID.
    """

    def __init__(self, folder: Path) -> None:
        self.session_id = str(uuid4())
        self._path = lock_path(folder, self.session_id)
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Create and lock the file, once; without locks in the file system, only create it.

        Raises:
            OSError: The file can't be created.
        """
        if self._descriptor is not None:
            return
        make_private_directory(self._path.parent)
        # Lock the file before it has its name, so that no other session can find it unlocked.
        draft = self._path.with_name(f".{self._path.name}.new")
        descriptor = open_private(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.rename(self._path)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Remove and unlock the file."""
        if self._descriptor is not None:
            with suppress(OSError):
                self._path.unlink()
            os.close(self._descriptor)
            self._descriptor = None


def is_session_id(text: str) -> bool:
    """Return whether the whole text is a session's id."""
    return _ID.fullmatch(text) is not None


def lock_path(folder: Path, session_id: str) -> Path:
    """Return the path of a session's lock file."""
    return folder / f"session-{session_id}.lock"


def session_state(path: Path) -> SessionState:
    """Return the state of the session with this lock file; a missing file means that it has ended."""
    try:
        descriptor = open_private(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)
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
