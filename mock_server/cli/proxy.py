"""The command `mock-server proxy`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.faults.fault_log import FaultRecord
    from mock_server.proxy.upstream import Upstream


def add_proxy_parser(
    commands: argparse._SubParsersAction[Any], port: Callable[[str], int], seed: Callable[[str], int]
) -> None:
    """Add the parser of `proxy` to the commands."""
    proxy = commands.add_parser(
        "proxy",
        help="put TCP faults in front of any server",
        description="A TCP proxy that delays, throttles, slices, cuts, resets and hangs connections to any server. "
        "`mock-server inject NAME key=value … --port PORT` and `mock-server heal --port PORT` reach it while it runs.",
    )
    proxy.add_argument("--listen", required=True, type=port, metavar="PORT", help="TCP port, 0 for a free one")
    proxy.add_argument(
        "--upstream", required=True, type=_upstream, metavar="URL", help="http(s)://HOST[:PORT] or tcp://HOST:PORT"
    )
    # To the server, clients of the proxy look like clients on this machine: so only those may connect.
    proxy.add_argument(
        "--host", default="127.0.0.1", choices=["127.0.0.1", "::1", "localhost"], help="loopback address to listen on"
    )
    proxy.add_argument(
        "--fault", action="append", default=[], metavar="NAME[:key=value,…]", help="inject a fault; repeatable"
    )
    proxy.add_argument("--rules", metavar="FILE", help="TOML or .json file of faults as {match, action, times}")
    proxy.add_argument("--seed", type=seed, metavar="N", help="seed of all random choices, to reproduce a run")


async def run_proxy_command(arguments: argparse.Namespace) -> None:
    """Run a proxy until a signal arrives.

    Raises:
        RulesError: The file of rules is not valid.
        FaultError: One of the faults is not valid.
        PortTaken: The address cannot be listened on.
        ControlUnavailable: There is no safe place for the control token.
    """
    from mock_server.net.signals import stop_signals  # noqa: PLC0415
    from mock_server.proxy.proxy import run_proxy  # noqa: PLC0415  (--help needs no network libraries)
    from mock_server.proxy.rules import load_rules  # noqa: PLC0415

    shown: set[str] = set()

    def show_upstream_error(record: FaultRecord) -> None:
        # Clients retry, so each problem is printed once.
        problem = record.detail.partition(", ")[2]
        if record.fault == "upstream" and problem not in shown:
            shown.add(problem)
            hint = "; SSL_CERT_FILE=FILE names an authority to trust" if "CERTIFICATE_VERIFY" in problem else ""
            sys.stderr.write(f"mock-server: upstream {record.effect}: {problem}{hint}\n")
            sys.stderr.flush()

    faults = [*arguments.fault, *(await asyncio.to_thread(load_rules, arguments.rules) if arguments.rules else [])]
    async with (
        stop_signals() as signalled,
        run_proxy(
            str(arguments.upstream), host=arguments.host, port=arguments.listen, faults=faults, seed=arguments.seed
        ) as proxy,
    ):
        watch_hint = (
            "" if proxy.url.startswith("tcp:") else f"; watch through it with: tracker-tui A1042 --server {proxy.url}"
        )
        sys.stdout.write(
            f"mock-server: {proxy.url} forwards to {proxy.upstream}{watch_hint}; "
            f"break it with: mock-server inject latency seconds=1 --port {proxy.port}\n"
        )
        sys.stdout.flush()
        proxy.log.subscribe(show_upstream_error)
        await signalled()


def _upstream(text: str) -> Upstream:
    from mock_server.proxy.upstream import Upstream  # noqa: PLC0415

    try:
        return Upstream.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
