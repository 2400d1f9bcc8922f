"""The HTTP side of one accepted connection: what aiohttp leaves open about heads that are malformed or never end."""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestPayloadError

from mock_server.auth.tokens import LONGEST_TOKEN
from mock_server.encoding.problems import refusal

HEAD_SECONDS = 10.0
"""A request head has to be complete so many seconds after its first byte."""

IDLE_SECONDS = 75.0
"""A connection without a request, before the first one or between two, is closed after so many seconds."""

_logger = logging.getLogger(__name__)

_Malformed = (HttpProcessingError, RequestPayloadError)


class RequestProtocol(web.RequestHandler):
    """Parse and answer the requests of one connection.

    A malformed request is answered with a problem of code `invalid` (PROTOCOL §8). Neither the answer nor the log
    repeats any part of it, because a malformed header can hold a token.

    Args:
        server: Handles the requests.
        loop: The running event loop.
    """

    __slots__ = ("_head_timer",)

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            logger=_logger,
            access_log=None,  # type: ignore[arg-type]  # None switches it off
            keepalive_timeout=IDLE_SECONDS,
            # A token of any length that is verified fits into a header.
            max_field_size=2 * LONGEST_TOKEN,
        )
        self._head_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Take bytes, and start or stop the timer of the head that they belong to."""
        super().data_received(data)
        if not self._awaits_head():
            self._stop_timer()
        elif self._head_timer is None:
            self.keep_alive(False)  # stops the timer of an idle connection; the next answer starts it again
            self._head_timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._give_up_on_head)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the timer with the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that is malformed, or whose handler failed."""
        if not isinstance(exc, _Malformed):
            return super().handle_error(request, status, exc, message)
        _logger.debug("refused a malformed request: %s", type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionResetError("the answer has begun and can't become a refusal")
        too_long = isinstance(exc, LineTooLong)
        detail = "the request line or a header is too long" if too_long else "this is not a well-formed HTTP request"
        answer = refusal(400, "invalid", detail)
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log where a handler failed, without the exception's message: it can repeat what a client sent."""
        error = kw.get("exc_info")
        if isinstance(error, _Malformed):
            return  # logged by `handle_error`
        if isinstance(error, BaseException):
            frames = "".join(traceback.format_tb(error.__traceback__))
            _logger.error("a request handler failed with %s at\n%s", type(error).__name__, frames)
        else:
            _logger.error("a request handler gave no response")

    def _awaits_head(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up_on_head(self) -> None:
        self._head_timer = None
        if self._awaits_head():
            _logger.debug("closed a connection whose request head was incomplete after %g s", HEAD_SECONDS)
            self.force_close()
