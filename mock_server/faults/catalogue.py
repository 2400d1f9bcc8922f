"""The catalogue of the server's faults."""

from __future__ import annotations

from mock_server.faults.base import Fault
from mock_server.faults.commands import LoseCommandAnswer, RefuseCommand, SlowCommand
from mock_server.faults.connections import AcceptThenClose, BufferSse, Close, CutOff, Disconnect, Freeze, SlowHello
from mock_server.faults.messages import (
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    HoleInReplay,
    LoseTail,
    Reorder,
    WrongEcho,
)
from mock_server.faults.requests import (
    BlockLongPoll,
    BlockSse,
    BlockWebSocket,
    RateLimit,
    Redirect,
    Refuse,
)
from mock_server.faults.server import (
    EvilText,
    LaggingSnapshot,
    NewEpoch,
    Outage,
    TerminalWhileWatching,
    TruncateLog,
)
from mock_server.faults.tokens import ShortTokens, TokenExpiry

FAULTS: dict[str, type[Fault]] = {
    kind.name: kind
    for kind in (
        Drop,
        Duplicate,
        Reorder,
        Delay,
        LoseTail,
        HoleInReplay,
        Corrupt,
        WrongEcho,
        EvilText,
        Disconnect,
        Close,
        AcceptThenClose,
        Refuse,
        RateLimit,
        Redirect,
        BlockWebSocket,
        BlockSse,
        BlockLongPoll,
        BufferSse,
        CutOff,
        Freeze,
        SlowHello,
        NewEpoch,
        TruncateLog,
        LaggingSnapshot,
        Outage,
        TerminalWhileWatching,
        TokenExpiry,
        ShortTokens,
        RefuseCommand,
        LoseCommandAnswer,
        SlowCommand,
    )
}
"""The faults by name, in the order in which they are listed."""
