"""aiohttp applications without a listener of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from aiohttp import web

from mock_server.http.request_protocol import RequestProtocol


async def start_runner(stack: AsyncExitStack, app: web.Application) -> web.AppRunner:
    """Start `app` without a listener; clean it up when `stack` closes."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


def aiohttp_server(runner: web.AppRunner) -> web.Server:
    """Return the server that handles the requests and knows the open connections."""
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    return runner.server


def protocol_factory(runner: web.AppRunner) -> Callable[[], RequestProtocol]:
    """Return a factory of the connections' protocols for the running event loop."""
    server = aiohttp_server(runner)
    loop = asyncio.get_running_loop()
    return lambda: RequestProtocol(server, loop)
