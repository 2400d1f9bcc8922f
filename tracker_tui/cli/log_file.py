"""The log of ``--log-file``: one sanitized line per entry, in a file that only the user can read."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker_tui.cli.options import UsageError
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.storage.files import open_private


@contextmanager
def logging_to(path: Path | None) -> Iterator[None]:
    """Append the package's log to a file until the context exits.

    The level is INFO, and DEBUG for the link, whose trace has a line for each event and action of the session.

    Args:
        path: The file; None to log nothing.

    Raises:
        UsageError: The file can't be written.
    """
    logger = logging.getLogger("tracker_tui")
    # Without any handler, Python prints warnings to stderr, across the screen.
    handler: logging.Handler = logging.NullHandler() if path is None else _open_handler(path)
    handler.setFormatter(_SanitizingFormatter())
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


class _SanitizingFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        at = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z"
        lines = [f"{at} {record.levelname.lower()} {sanitize(record.getMessage())}"]
        if record.exc_info:
            lines += [f"    {sanitize(line)}" for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)


class _SilentHandler(logging.StreamHandler):  # type: ignore[type-arg]
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Ignore a failed write, as on a full disk: the program goes on without a log."""

    def close(self) -> None:
        super().close()
        with suppress(OSError):
            self.stream.close()


def _open_handler(path: Path) -> logging.Handler:
    try:
        descriptor = open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    except OSError as error:
        raise UsageError(
            f"the log file {sanitize(str(path))} cannot be written: {error.strerror or error}; name another one"
        ) from error
    return _SilentHandler(open(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
