"""The log that --log-file asks for: one safe line an entry, readable by its owner alone."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker_tui.cli.options import UsageError
from tracker_tui.domain.sanitize import sanitize


@contextmanager
def logging_to(path: Path | None) -> Iterator[None]:
    """Append the package's log to `path` while the context lasts; None logs nowhere.

    The level is INFO, and DEBUG for the link: its trace has a line for every event and action of the session.

    Raises:
        UsageError: The file cannot be written.
    """
    logger = logging.getLogger("tracker_tui")
    # Without a handler of its own, Python would print warnings across the screen.
    handler: logging.Handler = logging.NullHandler() if path is None else _open(path)
    handler.setFormatter(_Safe())
    link = logging.getLogger("tracker_tui.link")
    level, propagate, link_level = logger.level, logger.propagate, link.level
    logger.addHandler(handler)
    logger.setLevel(logging.CRITICAL if path is None else logging.INFO)
    logger.propagate = False
    if path is not None:
        link.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        link.setLevel(link_level)
        logger.propagate = propagate
        handler.close()


class _Safe(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        at = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z"
        lines = [f"{at} {record.levelname.lower()} {sanitize(record.getMessage())}"]
        if record.exc_info:
            lines += [f"    {sanitize(line)}" for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)


class _Quiet(logging.StreamHandler):  # type: ignore[type-arg]
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A log that cannot be written any more is no reason to disturb what it is about."""

    def close(self) -> None:
        super().close()
        with suppress(OSError):
            self.stream.close()


def _open(path: Path) -> logging.Handler:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"the log file {sanitize(str(path))} cannot be written: {error.strerror or error}; name another one"
        ) from error
    return _Quiet(open(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
