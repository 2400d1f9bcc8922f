"""The format of recordings: what a feed received and published, as one JSON object per line.

The first line is a header, ``{"recording": "tracker-tui", "version": 1, "server": …, "orders": [ID …]}``. Every other
line has its wall time ``at``, its time ``mono`` in seconds since the start, and one of these keys:

* ``wire``: a message, as the server sent it;
* ``link``: the state of the connection, with its times on the scale of ``mono``;
* ``order``: a change of an order that was published: its standing and its pending commands;
* ``forgotten``: an order that was not shown any more;
* ``note``: a line of the event log;
* ``measured``: counters, the time of the last byte, and the last round-trip time;
* ``end``: nothing; its time is the length of the recording.

A reader skips unknown keys. A recording never contains a token, because no message from a server does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from tracker_tui.domain.canonical import plain, rfc3339
from tracker_tui.domain.order import OrderId, Time, is_order_id
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState, Metrics, Noted, OrderForgotten, Standing
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.wire.codec import ProtocolViolation, decode, encode
from tracker_tui.wire.messages import Message, Unknown

VERSION = 1

MAX_LINE = 2 << 20
"""Maximum length of a line, in bytes: twice that of a message."""

_MAX_SECONDS = 366 * 86_400.0
"""Maximum length of a recording, in seconds."""

_FIRST_YEAR, _LAST_YEAR = 1970, 8999


class InvalidRecording(Exception):
    """A file that cannot be replayed; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class OrderRecorded:
    """A published change of an order; its view follows from the messages before it."""

    order_id: OrderId
    standing: Standing
    pending_commands: PendingCommands = ()


@dataclass(frozen=True, slots=True)
class RecordingEnd:
    """The end of the recording."""


RecordContent = Message | LinkState | OrderRecorded | OrderForgotten | Noted | Metrics | RecordingEnd
"""The content of a line."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line.

    Attributes:
        mono: Seconds since the start.
        at: Wall time.
        content: The content.
    """

    mono: float
    at: datetime
    content: RecordContent


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording, with at least one record.

    Attributes:
        server: The server's base URL, safe to show.
        orders: Ids of all orders in it.
        records: The records, in order of time.
    """

    server: str
    orders: tuple[str, ...]
    records: tuple[Record, ...]


# The keys of a recording are listed here, field by field, so that renaming a field cannot change the file format.
_LINK_KEYS = {
    "phase": "phase",
    "transport": "transport",
    "attempt": "attempt",
    "retry_at": "retryAt",
    "reason": "reason",
    "connected_at": "connectedAt",
    "down_at": "downAt",
    "fallback": "fallback",
    "period": "period",
    "code": "code",
    "lag": "lag",
    "list_every": "listEvery",
}
_ORDER_KEYS = {
    "order_id": "orderId",
    "standing": "standing",
    "pending_commands": "wishes",
    "command": "command",
    "command_id": "commandId",
    "text": "text",
    "requested_at": "askedAt",
    "status": "fate",
    "version": "version",
    "reason": "reason",
    "settled_at": "settledAt",
    "resent": "again",
    "epoch": "epoch",
    "seq": "seq",
}
_FORGOTTEN_KEYS = {"order_id": "orderId"}
_NOTE_KEYS = {"at": "at", "topic": "topic", "text": "text", "order_id": "orderId"}
_METRICS_KEYS = {
    "counters": "counters",
    "heard_at": "heardAt",
    "rtt": "rtt",
    "openings": "openings",
    "drops": "drops",
    "messages": "messages",
    "events": "events",
    "duplicates": "duplicates",
    "conflicts": "conflicts",
    "gaps": "gaps",
    "repaired": "mended",
    "resubscribed": "resubscribed",
    "fetched": "fetched",
    "violations": "violations",
    "ignored": "ignored",
    "unexpected": "unexpected",
}
_KEYS: dict[type, Callable[[str], str]] = {
    LinkState: _LINK_KEYS.__getitem__,
    OrderRecorded: _ORDER_KEYS.__getitem__,
    OrderForgotten: _FORGOTTEN_KEYS.__getitem__,
    Noted: _NOTE_KEYS.__getitem__,
    Metrics: _METRICS_KEYS.__getitem__,
    RecordingEnd: str,
}
_NAMES = {
    LinkState: "link",
    OrderRecorded: "order",
    OrderForgotten: "forgotten",
    Noted: "note",
    Metrics: "measured",
    RecordingEnd: "end",
}


def _adapter(kind: type) -> TypeAdapter[Any]:
    # Pydantic accepts a config for a union only; for a single dataclass it requires the dataclass's own.
    union: Any = kind | None
    return TypeAdapter(union, config=ConfigDict(alias_generator=_KEYS[kind], strict=True, allow_inf_nan=False))


_READ = {name: _adapter(kind) for kind, name in _NAMES.items() if kind is not RecordingEnd}


@dataclass(frozen=True)
class _Stamp:
    __pydantic_config__ = ConfigDict(strict=True, allow_inf_nan=False)

    at: Time
    mono: Annotated[float, Field(ge=0, le=_MAX_SECONDS)]


_STAMP: TypeAdapter[_Stamp] = TypeAdapter(_Stamp)


def format_header(server: str, orders: tuple[str, ...]) -> str:
    """Return the header line, without the line break."""
    return _json({"recording": "tracker-tui", "version": VERSION, "server": server, "orders": list(orders)})


def format_record(record: Record) -> str:
    """Return the line of a record, without the line break."""
    stamp = f'{{"at":"{rfc3339(record.at)}","mono":{max(0.0, round(record.mono, 6))!r},'
    kind = type(record.content)
    if kind not in _NAMES:
        text = encode(record.content)  # type: ignore[arg-type]
        if not text.isascii():
            # UTF-8 can't encode half a surrogate pair; no message from a server contains one.
            text = _json(json.loads(text.encode(errors="replace")))
        return f'{stamp}"wire":{text}}}'
    return f'{stamp}"{_NAMES[kind]}":{_json(plain(record.content, key=_KEYS[kind]))}}}'


def read_recording(path: Path) -> Recording:
    """Read a recording; skip a last line that a crash or a full disk cut short.

    Raises:
        OSError: The file cannot be read.
        InvalidRecording: It is not a recording; the message names the line.
    """
    with path.open("rb") as file:
        lines = _lines(file)
        server, orders = _header(next(lines, b""))
        records: list[Record] = []
        now = 0.0
        for number, line in enumerate(lines, 2):
            try:
                record = _record(line)
            except ValueError as error:
                if not line.endswith(b"\n"):
                    break
                raise InvalidRecording(f"line {number} is not part of a recording: {error}") from error
            if record is not None:
                now = max(now, record.mono)
                records.append(Record(now, record.at, record.content))
    seen = (getattr(record.content, "order_id", None) for record in records)
    orders = tuple(dict.fromkeys((*orders, *filter(None, seen))))[:MAX_ORDERS]
    if not records or not orders:
        raise InvalidRecording("nothing was recorded")
    return Recording(server, orders, tuple(records))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise InvalidRecording(f"a line is longer than {MAX_LINE} bytes")
        yield line


def _header(line: bytes) -> tuple[str, tuple[str, ...]]:
    head = _object(line)
    if head is None or head.get("recording") != "tracker-tui":
        raise InvalidRecording("it is not a recording of tracker-tui")
    if head.get("version") != VERSION:
        raise InvalidRecording(f"it is a recording of version {sanitize(str(head.get('version')))[:20]}, not {VERSION}")
    server, orders = head.get("server"), head.get("orders")
    if not isinstance(server, str) or not isinstance(orders, list):
        raise InvalidRecording("its first line names no server and orders")
    if not all(isinstance(order, str) and is_order_id(order) for order in orders):
        raise InvalidRecording("its first line contains invalid order ids")
    return sanitize(server[:500]), tuple(dict.fromkeys(orders))


def _record(line: bytes) -> Record | None:
    """Parse one line; return None if this version does not know its content.

    Raises:
        ValueError: It is not a line of a recording; the message says why.
    """
    fields = _object(line)
    if fields is None:
        raise ValueError("not a JSON object")
    try:
        stamp = _STAMP.validate_json(_json({"at": fields.get("at"), "mono": fields.get("mono")}))
        content = _content(fields)
    except ValidationError as error:
        raise ValueError(error.errors(include_url=False)[0]["msg"]) from None
    except ProtocolViolation as error:
        raise ValueError(str(error)) from None
    return None if content is None else Record(stamp.mono, stamp.at, content)


def _content(fields: dict[str, Any]) -> RecordContent | None:
    if "wire" in fields:
        message = decode(_json(fields["wire"]))
        return None if isinstance(message, Unknown) else message
    for name, adapter in _READ.items():
        if name in fields:
            content = adapter.validate_json(_json(fields[name]), extra="ignore")
            if content is None:
                raise ValueError("null instead of a value")
            return _sanitized(content)
    return RecordingEnd() if "end" in fields else None


def _sanitized(content: RecordContent) -> RecordContent:
    """Return content that is safe to show: texts sanitized, times within range.

    Raises:
        ValueError: A time is out of range.
    """
    times: tuple[float | None, ...] = ()
    match content:
        case LinkState():
            times = (content.retry_at, content.connected_at, content.down_at, content.period, content.list_every)
            reason, fallback = (None if text is None else sanitize(text) for text in (content.reason, content.fallback))
            content = replace(content, reason=reason, fallback=fallback)
        case OrderRecorded(pending_commands=pending):
            ends = (end for each in pending for end in (each.requested_at, each.settled_at) if end is not None)
            if not all(end.tzinfo is not None and _FIRST_YEAR <= end.year <= _LAST_YEAR for end in ends):
                raise ValueError("a time that is out of range")
        case Metrics():
            times = (content.heard_at, content.rtt)
    if any(time is not None and abs(time) > _MAX_SECONDS for time in times):
        raise ValueError("a time that is out of range")
    return content


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _json(value: Any) -> str:
    # ASCII only: a terminal that shows the file then obeys no escape sequence in it.
    return json.dumps(value, separators=(",", ":"))
