"""Things that look like messages and are none."""

from __future__ import annotations

import json
from enum import StrEnum
from random import Random

from tracker_tui.domain.canonical import plain
from tracker_tui.wire.messages import Message


class JunkKind(StrEnum):
    """What a corrupt message is: no JSON or no message, wrong types in a message, a binary frame, or any of them."""

    JUNK = "junk"
    TYPES = "types"
    BINARY = "binary"
    ANY = "any"


_TEXTS = (
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

_WRONG: tuple[dict[str, object], ...] = (
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


def junk(kind: JunkKind, message: Message, rng: Random) -> tuple[bytes, bool]:
    """Make up what to send in place of an event: the bytes, and whether they go in a binary frame."""
    if kind is JunkKind.ANY:
        kind = rng.choice((JunkKind.JUNK, JunkKind.TYPES, JunkKind.BINARY))
    match kind:
        case JunkKind.BINARY:
            return rng.randbytes(64), True
        case JunkKind.TYPES:
            wrong = {"type": message.type, **plain(message), **rng.choice(_WRONG)}
            return json.dumps(wrong).encode(), False
        case _:
            return rng.choice(_TEXTS), False
