"""Invalid messages for the fault `corrupt`."""

from __future__ import annotations

import json
from enum import StrEnum
from random import Random

from tracker_tui.domain.canonical import plain
from tracker_tui.wire.messages import Message


class CorruptionKind(StrEnum):
    """The kinds of invalid messages."""

    JUNK = "junk"
    """Text that is not JSON, or not a message."""
    TYPES = "types"
    """A message with a field of the wrong type."""
    BINARY = "binary"
    """A binary frame."""
    ANY = "any"


_INVALID_TEXTS = (
    b"",
    b"not json",
    b'{"type":"event","orderId":',
    b"[]",
    b"null",
    b"{}",
    b'{"type":["event"]}',
    b"[" * 5000,
    b'{"type":"event","epoch":NaN}',
    b'{"type":"heartbeat","heads":{"../..":"1:1"}}',
)

_WRONG_FIELDS: tuple[dict[str, object], ...] = (
    {"seq": "one"},
    {"seq": 1.5},
    {"seq": -1},
    {"epoch": None},
    {"epoch": 10**40},
    {"orderId": 17},
    {"orderId": "\x1b[2J"},
    {"state": []},
    {"state": {"status": 7}},
    {"milestone": "soon"},
)


def corrupt_payload(kind: CorruptionKind, message: Message, rng: Random) -> tuple[bytes, bool]:
    """Return the bytes to send in place of `message`, and whether they go in a binary frame."""
    if kind is CorruptionKind.ANY:
        kind = rng.choice((CorruptionKind.JUNK, CorruptionKind.TYPES, CorruptionKind.BINARY))
    match kind:
        case CorruptionKind.BINARY:
            return rng.randbytes(64), True
        case CorruptionKind.TYPES:
            message_fields = {"type": message.type, **plain(message), **rng.choice(_WRONG_FIELDS)}
            return json.dumps(message_fields).encode(), False
        case _:
            return rng.choice(_INVALID_TEXTS), False
