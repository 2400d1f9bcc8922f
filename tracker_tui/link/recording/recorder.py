"""Writes a recording while a feed runs: each line at once, so that a crash loses at most the last one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Change, LinkChanged, Metrics, Noted, OrderChanged, OrderForgotten
from tracker_tui.link.clock import Clock
from tracker_tui.link.recording.format import (
    OrderRecorded,
    Record,
    RecordContent,
    RecordingEnd,
    format_header,
    format_record,
)
from tracker_tui.wire.messages import ServerMessage, Unknown


class Recorder:
    """Records what one feed receives and publishes.

    After a write error the recorder stops and reports the error once; the feed continues.

    Args:
        file: The file; closed at the end.
        server: The server's base URL.

    Attributes:
        error: Why the recorder stopped, for the user; None without an error.
    """

    def __init__(self, file: BinaryIO, server: str) -> None:
        self.error: str | None = None
        self._file = file
        self._server = server
        self._clock: Clock | None = None
        self._start = 0.0
        self._note: Callable[[str], None] = lambda text: None

    def begin(self, orders: Sequence[str], clock: Clock, note: Callable[[str], None]) -> None:
        """Write the header.

        Args:
            orders: The watched orders.
            clock: The clock of the feed; the recording starts now.
            note: Called with the text of a write error.
        """
        self._clock, self._start, self._note = clock, clock.time(), note
        self._write(format_header(self._server, tuple(orders)))

    def record_message(self, message: ServerMessage) -> None:
        """Record a received message."""
        if not isinstance(message, Unknown):
            self._put(message)

    def record_change(self, change: Change) -> None:
        """Record what a change contains beyond the messages that caused it."""
        match change:
            case LinkChanged(link=link):
                self._put(link.shifted(-self._start))
            case Noted() | OrderForgotten():
                self._put(change)
            case OrderChanged(order_id=order_id, standing=standing, pending_commands=pending):
                # A replay finds the version of a command in the history again.
                self._put(OrderRecorded(order_id, standing, tuple(replace(each, version=None) for each in pending)))

    def record_metrics(self, metrics: Metrics) -> None:
        """Record the metrics."""
        heard_at = None if metrics.heard_at is None else metrics.heard_at - self._start
        self._put(Metrics(metrics.counters, heard_at, metrics.rtt))

    def end(self) -> None:
        """Record the end, and close the file."""
        self._put(RecordingEnd())
        self._clock = None
        try:
            self._file.close()
        except OSError as error:
            self._stop(error)

    def _put(self, content: RecordContent) -> None:
        if self._clock is not None and self.error is None:
            self._write(format_record(Record(self._clock.time() - self._start, self._clock.wall(), content)))

    def _write(self, line: str) -> None:
        try:
            # A line that is cut short is the last one; readers skip it.
            data = f"{line}\n".encode(errors="replace")
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._stop(error)

    def _stop(self, error: OSError) -> None:
        if self.error is None:
            self.error = sanitize(error.strerror or str(error))
            self._note(f"the recording stopped: {self.error}")


def create_recorder(path: Path, server: str) -> Recorder:
    """Return a recorder for a new file, which only its owner can read.

    Raises:
        OSError: The file cannot be written, or is not empty: an existing recording is never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    file = open(descriptor, "wb", buffering=0)  # noqa: SIM115 - the recorder closes it
    if os.fstat(descriptor).st_size:
        file.close()
        raise FileExistsError(None, "the file is not empty")
    return Recorder(file, server)
