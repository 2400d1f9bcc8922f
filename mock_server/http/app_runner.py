"""An aiohttp application that is up, for whichever listener accepts its connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from aiohttp import web

from mock_server.http.request_protocol import RequestProtocol


async def started(stack: AsyncExitStack, app: web.Application) -> web.AppRunner:
    """Start `app` without a listener; it is cleaned up when `stack` closes."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


def server_of(runner: web.AppRunner) -> web.Server:
    """The server that handles the requests and knows the open connections."""
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    return runner.server


def protocols_of(runner: web.AppRunner) -> Callable[[], RequestProtocol]:
    """What makes the protocol of each connection in the running event loop."""
    server = server_of(runner)
    loop = asyncio.get_running_loop()
    return lambda: RequestProtocol(server, loop)
