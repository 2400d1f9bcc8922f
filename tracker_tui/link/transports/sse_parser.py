"""A parser of server-sent events: bytes in, events out (WHATWG HTML §9.2, text/event-stream)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END_OF_LINE = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
_LONGEST_FIELD = 64
_MOST_DIGITS = 12


class EventTooLarge(Exception):
    """An event or a line is over the limit; the rest of the stream cannot be parsed."""


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """An event.

    Attributes:
        type: Its name; ``message`` by default.
        data: Its data lines, joined by line breaks.
        id: The last id that was sent, with this event or before.
    """

    type: str
    data: str
    id: str


class SseParser:
    """Parses events from chunks of bytes of any size.

    Attributes:
        retry: Seconds after which the server wants the next connection; None if it sent none.
    """

    def __init__(self, limit: int) -> None:
        """Start a stream whose events have at most `limit` bytes of data."""
        self.retry: float | None = None
        self._limit = limit
        self._rest = bytearray()
        self._first = True
        self._after_cr = False
        self._type = self._id = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Parse the next bytes; yield the events that they complete.

        Raises:
            EventTooLarge: An event is over the limit.
        """
        if not chunk:
            return
        if self._after_cr:
            # A CR ends its line at once: an event never waits for a byte that may not come.
            chunk = chunk.removeprefix(b"\n")
        self._after_cr = chunk.endswith(b"\r") if chunk else False
        *lines, rest = _END_OF_LINE.split(chunk)
        for line in lines:
            if self._rest:
                line, self._rest = bytes(self._rest) + line, bytearray()  # noqa: PLW2901
            if (event := self._line(line)) is not None:
                yield event
        self._rest += rest
        if len(self._rest) > self._limit + _LONGEST_FIELD:
            raise EventTooLarge

    def _line(self, line: bytes) -> ServerSentEvent | None:
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._size += len(value) + 1
                if self._size > self._limit + 1:
                    raise EventTooLarge
                self._data.append(value)
            case b"event":
                self._type = _text(value)
            case b"id" if b"\0" not in value:
                self._id = _text(value)
            case b"retry" if value.isdigit():
                self.retry = int(value.lstrip(b"0")[:_MOST_DIGITS] or b"0") / 1000
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        lines, kind = self._data, self._type
        self._data, self._type, self._size = [], "", 0
        if not lines:
            return None
        return ServerSentEvent(kind or "message", _text(b"\n".join(lines)), self._id)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
