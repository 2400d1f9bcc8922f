"""What streams over plain HTTP share: an answer whose bytes are written by a sink, and an end without close codes."""

from __future__ import annotations

from aiohttp import web

from mock_server.encoding.problems import CLOSE_CODES
from mock_server.streams.stream import OpenStream
from tracker_tui.wire.messages import Problem

HEADERS = {"Cache-Control": "no-store", "Vary": "Accept", "X-Accel-Buffering": "no"}
"""Of every answer (PROTOCOL §5)."""

_PROBLEMS = {close_code: code for code, close_code in reversed(CLOSE_CODES.items())}


class RawResponse(web.StreamResponse):
    """An answer of which the library writes the head only."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Leave the end to the sink, too."""


class HttpStream(OpenStream):
    """One watcher whose stream has no close codes: the problem that a code stands for takes its place."""

    async def close(self, code: int, reason: str = "") -> None:
        """Close with the problem of a close code, or with nothing where there is none (PROTOCOL §8)."""
        problem = _PROBLEMS.get(code)
        await self.finish(code, reason, last=None if problem is None else Problem(problem, reason or problem))
