"""What writes a recording while a feed runs: each line at once, so that a crash leaves all but the last one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Change, LinkChanged, Metrics, Noted, OrderChanged
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
    """Writes down what one feed takes in and tells.

    A tape that can't be written any more is torn: it stops, says so once, and what it is about goes on.

    Args:
        file: Where to write; closed at the end.
        server: The gateway's base URL.

    Attributes:
        error: Why nothing is written any more, in words for people; None while all is well.
    """

    def __init__(self, file: BinaryIO, server: str) -> None:
        self.error: str | None = None
        self._file = file
        self._server = server
        self._clock: Clock | None = None
        self._start = 0.0
        self._complain: Callable[[str], None] = lambda text: None

    def begin(self, orders: Sequence[str], clock: Clock, complain: Callable[[str], None]) -> None:
        """Start: time counts from now; `complain` is told if the tape tears."""
        self._clock, self._start, self._complain = clock, clock.time(), complain
        self._write(format_header(self._server, tuple(orders)))

    def record_message(self, message: ServerMessage) -> None:
        """Write down a message that was taken in."""
        if not isinstance(message, Unknown):
            self._put(message)

    def record_change(self, change: Change) -> None:
        """Write down what a change says beyond the messages behind it."""
        match change:
            case LinkChanged(link=link):
                self._put(link.shifted(-self._start))
            case Noted():
                self._put(change)
            case OrderChanged(order_id=order_id, standing=standing, pending_commands=pending):
                # Where a wish was found in the history is found there again.
                self._put(OrderRecorded(order_id, standing, tuple(replace(each, version=None) for each in pending)))

    def record_metrics(self, measured: Metrics) -> None:
        """Write down what is measured all the time."""
        heard_at = None if measured.heard_at is None else measured.heard_at - self._start
        self._put(Metrics(measured.counters, heard_at, measured.rtt))

    def end(self) -> None:
        """Write down that this was all."""
        self._put(RecordingEnd())
        self._clock = None
        try:
            self._file.close()
        except OSError as error:
            self._tear(error)

    def _put(self, what: RecordContent) -> None:
        if self._clock is not None and self.error is None:
            self._write(format_record(Record(self._clock.time() - self._start, self._clock.wall(), what)))

    def _write(self, line: str) -> None:
        try:
            # A line that was cut short is the last one, and is skipped by whoever reads it.
            data = f"{line}\n".encode(errors="replace")
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._tear(error)

    def _tear(self, error: OSError) -> None:
        if self.error is None:
            self.error = sanitize(error.strerror or str(error))
            self._complain(f"the recording stopped: {self.error}")


def create_recorder(path: Path, server: str) -> Recorder:
    """A tape that is written into a new file, readable by its owner alone.

    Raises:
        OSError: It cannot be written; a file that holds something already is not overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    file = open(descriptor, "wb", buffering=0)  # noqa: SIM115 - the tape closes it
    if os.fstat(descriptor).st_size:
        file.close()
        raise FileExistsError(None, "there is something in it already")
    return Recorder(file, server)
