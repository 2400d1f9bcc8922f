"""The server's counters."""

from __future__ import annotations

from dataclasses import dataclass, field

from mock_server.encoding.negotiation import StreamEncoding
from tracker_tui.wire.codec import IgnoredCounts


@dataclass(slots=True)
class Counters:
    """Counters since the start of the server.

    Attributes:
        stream_openings: Requests for a stream that were handled, including refused ones and polls.
        web_socket_openings: Requests for a WebSocket.
        sse_openings: Requests for server-sent events.
        polls: Long-polling requests.
        events: Events sent on streams, including replayed ones, before any fault acts on them.
        snapshots: Snapshots sent on streams.
        replays: Replays sent on streams.
        gets: Requests for one order, including those answered with 304.
        not_modified: Requests for one order answered with 304.
        commands: Commands that were read, including repeated ones.
        refusals: Requests answered with an error.
        skipped: Events that were not sent to a slow client.
        evictions: Streams that were closed because the client was too slow or silent.
        ignored: Unknown message types and fields that clients have sent.
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
    ignored: IgnoredCounts = field(default_factory=IgnoredCounts)

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
