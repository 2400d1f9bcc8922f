"""`mock-server`: run a gateway, list its faults, inject and heal them, and make tokens for it."""

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
from mock_server.cli.options import DEFAULT_PORT, read

if TYPE_CHECKING:
    from mock_server.faults.spec import Entry
    from mock_server.server import MockServer

_TCP_HEADING = "In front of any server, with `mock-server proxy --listen PORT --upstream URL`:"

_EXAMPLE = "A1042"
"""The order that the README watches."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code: 0 as asked, 1 refused or no port, 2 usage, 141 nobody reads on."""
    try:
        code = _run_command(read(argv))
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would be tried again, and complained of, at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return code


def _run_command(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "faults":
            return _list_faults()
        case "inject":
            spec = ":".join(
                [chosen.fault_name, ",".join(chosen.parameters)] if chosen.parameters else [chosen.fault_name]
            )
            return _ask(chosen.port, "/control/inject", {"fault": spec})
        case "heal":
            return _ask(chosen.port, "/control/heal", {})
        case "token":
            return _print_token(chosen)
        case "proxy":
            return _run(proxy.serve(chosen))
        case _:
            return _run(_serve(chosen))


def _run(serving: Coroutine[Any, Any, None]) -> int:
    from mock_server.auth.keys import NoKey  # noqa: PLC0415
    from mock_server.control.endpoint_file import NoRendezvous  # noqa: PLC0415
    from mock_server.faults.spec import FaultError  # noqa: PLC0415  (mistakes need no network)
    from mock_server.net.listener import PortTaken  # noqa: PLC0415
    from mock_server.proxy.rules import RulesError  # noqa: PLC0415
    from mock_server.simulation.scenarios.scenario import ScenarioError  # noqa: PLC0415

    try:
        asyncio.run(serving)
    except (FaultError, ScenarioError, RulesError, NoKey) as mistake:
        return _complain(mistake, 2)
    except (PortTaken, NoRendezvous) as mistake:
        return _complain(mistake, 1)
    return 0


async def _serve(chosen: argparse.Namespace) -> None:
    from mock_server.auth.keys import load  # noqa: PLC0415
    from mock_server.net.signals import until_signalled  # noqa: PLC0415
    from mock_server.server import embed  # noqa: PLC0415

    key = load(chosen.auth_key_file) if chosen.auth == "jwt" else None
    async with (
        until_signalled() as signalled,
        embed(
            chosen.scenario,
            seed=chosen.seed,
            speed=chosen.speed,
            orders=chosen.orders,
            host=chosen.host,
            port=chosen.port,
            faults=chosen.fault,
            allow_hosts=chosen.allow_host,
            heartbeat_seconds=chosen.heartbeat,
            node=chosen.node,
            auth=key,
        ) as server,
    ):
        sys.stdout.write(_greeting(server, chosen))
        sys.stdout.flush()
        if chosen.host in _ANY_HOST and not chosen.allow_host:
            sys.stderr.write(
                "mock-server: only names of this machine itself are answered; add the names or addresses under which "
                "others find it with --allow-host\n"
            )
        await signalled()


_ANY_HOST = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


def _greeting(server: MockServer, chosen: argparse.Namespace) -> str:
    orders = server.orders
    count = "1 order" if len(orders) == 1 else f"{len(orders)} orders"
    where = "" if server.url == f"http://127.0.0.1:{DEFAULT_PORT}" else f" --server {server.url}"
    if chosen.auth == "jwt":
        make = ["mock-server", "token"]
        if chosen.auth_key_file is not None:
            make += ["--auth-key-file", str(chosen.auth_key_file.absolute())]
        where += f" --token-command {shlex.quote(shlex.join(make))}"
    example = _EXAMPLE if _EXAMPLE in orders else next(iter(orders), None)
    watch = f"; watch one with: tracker-tui {example}{where}" if example else ""
    return f"mock-server: {server.url} serves {count} (scenario {chosen.scenario}){watch}\n"


def _print_token(chosen: argparse.Namespace) -> int:
    from mock_server.auth.keys import NoKey, load  # noqa: PLC0415

    try:
        # With a name that was mistyped, a new key would make tokens that no server believes.
        key = load(chosen.auth_key_file, make=chosen.auth_key_file is None)
    except NoKey as mistake:
        return _complain(mistake, 2)
    now = datetime.now(UTC)
    sys.stdout.write(key.sign(chosen.subject, lifetime=chosen.ttl, now=now, patterns=chosen.patterns) + "\n")
    return 0


def _list_faults() -> int:
    from mock_server.faults.spec import catalogue  # noqa: PLC0415
    from mock_server.faults.tcp import TCP_FAULTS  # noqa: PLC0415

    for fault in catalogue():
        _tell(fault)
    sys.stdout.write(f"{_TCP_HEADING}\n\n")
    for fault in catalogue(TCP_FAULTS):
        _tell(fault)
    return 0


def _tell(fault: Entry) -> None:
    sys.stdout.write(f"{fault.name}  [{fault.level}]  {fault.summary}\n")
    for parameter in fault.parameters:
        sys.stdout.write(f"    {parameter.name}={parameter.default}  {parameter.allowed}\n")
    sys.stdout.write(f"    The client should {fault.advice}.\n\n")


def _ask(port: int, path: str, body: object) -> int:
    from mock_server.cli.control_client import RemoteError, post  # noqa: PLC0415
    from mock_server.control.endpoint_file import NoRendezvous  # noqa: PLC0415

    try:
        record: dict[str, Any] = post(port, path, body)
    except (RemoteError, NoRendezvous) as mistake:
        return _complain(mistake, 1)
    sys.stdout.write(f"{record['at']}  {record['effect']}: {record['detail'] or record['fault']}\n")
    return 0


def _complain(mistake: Exception, code: int) -> int:
    sys.stderr.write(f"mock-server: {mistake}\n")
    return code
