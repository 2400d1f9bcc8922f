"""aiohttp applications without a listener of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from aiohttp import web

from mock_server.auth.tokens import MAX_TOKEN_LENGTH


async def start_runner(stack: AsyncExitStack, app: web.Application) -> web.AppRunner:
    """Start `app` without a listener; clean it up when `stack` closes."""
    # The longest accepted token must fit into a header.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, max_field_size=2 * MAX_TOKEN_LENGTH)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


def aiohttp_server(runner: web.AppRunner) -> web.Server:
    """Return the factory of the connections' protocols."""
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    return runner.server


def protocols_of(runner: web.AppRunner) -> Callable[[], RequestProtocol]:
    """What makes the protocol of each connection in the running event loop."""
    server = server_of(runner)
    loop = asyncio.get_running_loop()
    return lambda: RequestProtocol(server, loop)
