"""`mock-server`: run a server, list its faults, inject and heal them, and create tokens."""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mock_server.cli import proxy
from mock_server.cli.options import DEFAULT_PORT, parse_arguments

if TYPE_CHECKING:
    from mock_server.faults.spec import CatalogueEntry
    from mock_server.server import MockServer

_TCP_HEADING = "In front of any server, with `mock-server proxy --listen PORT --upstream URL`:"

_EXAMPLE_ORDER = "A1042"
"""The order of the examples in the documentation."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    Returns:
        0 when done; 1 if the server could not listen, or the running server refused; 2 for wrong usage;
        141 if the reader of stdout is gone.
    """
    try:
        code = _run_command(parse_arguments(argv))
        sys.stdout.flush()
    except BrokenPipeError:
        # Otherwise the interpreter would flush the buffer again when it exits, and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return code


def _run_command(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "faults":
            return _list_faults()
        case "inject":
            spec = ":".join(
                [arguments.fault_name, ",".join(arguments.parameters)]
                if arguments.parameters
                else [arguments.fault_name]
            )
            return _post_and_print(arguments.port, "/control/inject", {"fault": spec})
        case "heal":
            return _post_and_print(arguments.port, "/control/heal", {})
        case "token":
            return _print_token(arguments)
        case "proxy":
            return _run(proxy.run_proxy_command(arguments))
        case _:
            return _run(_serve(arguments))


def _run(serving: Coroutine[Any, Any, None]) -> int:
    from mock_server.auth.keys import KeyFileError  # noqa: PLC0415
    from mock_server.control.endpoint_file import ControlUnavailable  # noqa: PLC0415
    from mock_server.faults.spec import FaultError  # noqa: PLC0415  (wrong usage is reported before the network libraries are loaded)
    from mock_server.net.listener import PortTaken  # noqa: PLC0415
    from mock_server.proxy.rules import RulesError  # noqa: PLC0415
    from mock_server.simulation.scenarios.scenario import ScenarioError  # noqa: PLC0415

    try:
        asyncio.run(serving)
    except (FaultError, ScenarioError, RulesError, KeyFileError) as error:
        return _fail(error, 2)
    except (PortTaken, ControlUnavailable) as error:
        return _fail(error, 1)
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    from mock_server.auth.keys import load_key  # noqa: PLC0415
    from mock_server.net.signals import stop_signals  # noqa: PLC0415
    from mock_server.server import embed  # noqa: PLC0415

    key = load_key(arguments.auth_key_file) if arguments.auth == "jwt" else None
    async with (
        stop_signals() as signalled,
        embed(
            arguments.scenario,
            seed=arguments.seed,
            speed=arguments.speed,
            orders=arguments.orders,
            host=arguments.host,
            port=arguments.port,
            faults=arguments.fault,
            allow_hosts=arguments.allow_host,
            heartbeat_seconds=arguments.heartbeat,
            node=arguments.node,
            auth=key,
        ) as server,
    ):
        sys.stdout.write(_start_message(server, arguments))
        sys.stdout.flush()
        if arguments.host in _WILDCARD_HOSTS and not arguments.allow_host:
            sys.stderr.write(
                "mock-server: only requests for names of this machine are answered; add the server's other names or "
                "addresses with --allow-host\n"
            )
        await signalled()


_WILDCARD_HOSTS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


def _start_message(server: MockServer, arguments: argparse.Namespace) -> str:
    orders = server.orders
    count = "1 order" if len(orders) == 1 else f"{len(orders)} orders"
    server_option = "" if server.url == f"http://127.0.0.1:{DEFAULT_PORT}" else f" --server {server.url}"
    if arguments.auth == "jwt":
        token_command = ["mock-server", "token"]
        if arguments.auth_key_file is not None:
            token_command += ["--auth-key-file", str(arguments.auth_key_file.absolute())]
        server_option += f" --token-command {shlex.quote(shlex.join(token_command))}"
    example = _EXAMPLE_ORDER if _EXAMPLE_ORDER in orders else next(iter(orders), None)
    watch = f"; watch one with: tracker-tui {example}{server_option}" if example else ""
    return f"mock-server: {server.url} serves {count} (scenario {arguments.scenario}){watch}\n"


def _print_token(arguments: argparse.Namespace) -> int:
    from mock_server.auth.keys import KeyFileError, load_key  # noqa: PLC0415

    try:
        # If the path is mistyped, tokens signed with a new key would be rejected by every server.
        key = load_key(arguments.auth_key_file, create=arguments.auth_key_file is None)
    except KeyFileError as error:
        return _fail(error, 2)
    now = datetime.now(UTC)
    sys.stdout.write(key.sign(arguments.subject, lifetime=arguments.ttl, now=now, patterns=arguments.patterns) + "\n")
    return 0


def _list_faults() -> int:
    from mock_server.faults.spec import list_faults  # noqa: PLC0415
    from mock_server.faults.tcp import TCP_FAULTS  # noqa: PLC0415

    for fault in list_faults():
        _print_fault(fault)
    sys.stdout.write(f"{_TCP_HEADING}\n\n")
    for fault in list_faults(TCP_FAULTS):
        _print_fault(fault)
    return 0


def _print_fault(fault: CatalogueEntry) -> None:
    sys.stdout.write(f"{fault.name}  [{fault.level}]  {fault.summary}\n")
    for parameter in fault.parameters:
        sys.stdout.write(f"    {parameter.name}={parameter.default}  {parameter.allowed}\n")
    sys.stdout.write(f"    The client should {fault.advice}.\n\n")


def _post_and_print(port: int, path: str, body: object) -> int:
    from mock_server.cli.control_client import ControlError, post_control  # noqa: PLC0415
    from mock_server.control.endpoint_file import ControlUnavailable  # noqa: PLC0415

    try:
        record: dict[str, Any] = post_control(port, path, body)
    except (ControlError, ControlUnavailable) as error:
        return _fail(error, 1)
    sys.stdout.write(f"{record['at']}  {record['effect']}: {record['detail'] or record['fault']}\n")
    return 0


def _fail(error: Exception, code: int) -> int:
    sys.stderr.write(f"mock-server: {error}\n")
    return code
