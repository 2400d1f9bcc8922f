"""What may be written on the command line of `mock-server`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.metadata import version
from ipaddress import ip_address
from typing import NoReturn

DEFAULT_PORT = 8765

_EPILOG = """\
SIGINT, SIGTERM and SIGHUP end it with a goodbye to every client and exit code 0.
Exit codes: 0 ended as asked, 1 it could not listen or the running server said no, 2 usage.
"""


class OneLineParser(argparse.ArgumentParser):
    """A parser whose mistakes are one line that says what to do next."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        sys.stderr.write(f"mock-server: {message}; mock-server --help lists the options\n")
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """The grammar: options alone run a server, a subcommand does something else."""
    top = OneLineParser(
        prog="mock-server",
        description="An order gateway that speaks order-stream v1 and can misbehave in every way a network can.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"mock-server {version('tracker-tui')}")
    top.add_argument("--host", default="127.0.0.1", type=_loopback, help="address to listen on (default %(default)s)")
    top.add_argument(
        "--port", default=DEFAULT_PORT, type=_port, help="TCP port, 0 for a free one (default %(default)s)"
    )
    top.add_argument("--scenario", default="default", metavar="NAME|FILE", help="a bundled scenario or a TOML file")
    top.add_argument("--seed", type=_whole(0, 2**63), metavar="N", help="reproduce a run exactly")
    top.add_argument("--speed", default=1.0, type=_number(0.01, 1000), metavar="X", help="factor on the simulated life")
    top.add_argument("--orders", type=_whole(1, 100_000), metavar="N", help="how many orders (default: the scenario's)")
    top.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a Host to answer; repeatable")
    top.add_argument("--auth", default="off", choices=["off"], help="who may ask (default %(default)s: everyone)")
    top.add_argument("--fault", action="append", default=[], metavar="NAME[:key=value,…]", help="repeatable")
    top.add_argument("--node", default="mock", metavar="NAME", help="the server's name in hello (default %(default)s)")
    top.add_argument(
        "--heartbeat", default=5.0, type=_number(1, 30), metavar="SECONDS", help="between heartbeats (default 5)"
    )
    commands = top.add_subparsers(dest="command", title="commands", metavar="")
    commands.add_parser("faults", help="list every fault: level, parameters, what the client should do")
    inject = commands.add_parser("inject", help="inject a fault into a running server")
    inject.add_argument("fault_name", metavar="NAME", help="as mock-server faults lists it")
    inject.add_argument("parameters", nargs="*", metavar="key=value")
    heal = commands.add_parser("heal", help="heal every fault of a running server")
    for command in (inject, heal):
        command.add_argument("--port", default=argparse.SUPPRESS, type=_port, help="the server's port (default 8765)")
    return top


def _loopback(text: str) -> str:
    try:
        loopback = text == "localhost" or ip_address(text).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise argparse.ArgumentTypeError(
            f"with --auth off everyone is let in, so only 127.0.0.1, ::1 or localhost may be listened on, not {text!r}"
        )
    return text


def _port(text: str) -> int:
    return _whole(0, 65535)(text)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return read


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return number

    return read
