"""What the gateway has counted since it started."""

from __future__ import annotations

from dataclasses import dataclass, field

from mock_server.encoding.negotiation import StreamEncoding
from tracker_tui.wire.codec import Tally


@dataclass(slots=True)
class Counters:
    """Counters that only grow.

    Attributes:
        stream_openings: Requests for a stream that reached the gateway, refused ones and polls included.
        web_socket_openings: Those for a WebSocket.
        sse_openings: Those for server-sent events.
        polls: Those of long-polling.
        events: Events sent on streams, replayed ones included, as they were before any fault struck them.
        snapshots: Snapshots sent on streams.
        replays: Replays sent on streams.
        gets: Requests for one order, those answered with 304 included.
        not_modified: Requests for one order answered with 304.
        commands: Commands that were read, those asked again included.
        refusals: Requests answered with an error.
        skipped: Events that a slow watcher was not sent.
        evictions: Streams that were dropped since their watcher was too slow or silent.
        ignored: What clients have sent that this version of the protocol doesn't know.
    """

    stream_openings: int = 0
    web_socket_openings: int = 0
    sse_openings: int = 0
    polls: int = 0
    events: int = 0
    snapshots: int = 0
    replays: int = 0
    gets: int = 0
    not_modified: int = 0
    commands: int = 0
    refusals: int = 0
    skipped: int = 0
    evictions: int = 0
    ignored: Tally = field(default_factory=Tally)

    def count_opening(self, encoding: StreamEncoding) -> None:
        """Count a request for a stream."""
        self.stream_openings += 1
        match encoding:
            case StreamEncoding.WEBSOCKET:
                self.web_socket_openings += 1
            case StreamEncoding.SSE:
                self.sse_openings += 1
            case StreamEncoding.LONGPOLL:
                self.polls += 1
