"""The options and commands of `mock-server`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn

from mock_server.auth.keys import DEFAULT_KEY_PATH
from mock_server.auth.tokens import is_order_pattern, is_subject
from mock_server.cli.proxy import add_proxy_parser

DEFAULT_PORT = 8765

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd]?)", re.ASCII)
_MAX_TTL_SECONDS = 366 * 86400
_KEY_FILE_HELP = f"file with the key that signs tokens; created on first use (default: {DEFAULT_KEY_PATH})"
_SERVER_KEY_FILE_HELP = f"key file of the server, created on first use (default: {DEFAULT_KEY_PATH})"

_EPILOG = """\
SIGINT, SIGTERM and SIGHUP stop the server: it sends goodbye to every client and exits with code 0.
Exit codes: 0 done, 1 the server could not listen or the running server refused, 2 wrong usage.
"""


class OneLineParser(argparse.ArgumentParser):
    """A parser that reports an error as one line that says what to do next."""

    def error(self, message: str) -> NoReturn:
        """Print the error and exit with code 2."""
        sys.stderr.write(f"mock-server: {message}; {self.prog} --help lists the options\n")
        raise SystemExit(2)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse a command line; exit with code 2 if it is wrong."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.auth == "off" and not _is_loopback(arguments.host):
        parser.error(
            f"with --auth off every client is accepted, so --host must be 127.0.0.1, ::1 or localhost, "
            f"not {arguments.host!r}; use --auth jwt to require tokens"
        )
    if arguments.auth == "off" and arguments.command is None and arguments.auth_key_file is not None:
        parser.error("--auth-key-file needs --auth jwt")
    return arguments


def build_parser() -> argparse.ArgumentParser:
    """Return the parser: without a command, options run a server."""
    parser = OneLineParser(
        prog="mock-server",
        description="A mock order server for the order-stream v1 protocol, with faults to inject.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mock-server {version('tracker-tui')}")
    parser.add_argument("--host", default="127.0.0.1", type=_host, help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port", default=DEFAULT_PORT, type=_port, help="TCP port, 0 for a free one (default %(default)s)"
    )
    parser.add_argument("--scenario", default="default", metavar="NAME|FILE", help="a bundled scenario or a TOML file")
    parser.add_argument(
        "--seed", type=_integer(0, 2**63), metavar="N", help="seed of all random choices, to reproduce a run"
    )
    parser.add_argument(
        "--speed",
        default=1.0,
        type=_number(0.01, 1000),
        metavar="X",
        help="speed of the simulation (default %(default)g)",
    )
    parser.add_argument(
        "--orders", type=_integer(1, 100_000), metavar="N", help="number of orders (default: as in the scenario)"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another host name or address of the server; repeatable",
    )
    parser.add_argument(
        "--auth",
        default="off",
        choices=["off", "jwt"],
        help="require a token (jwt) or accept every client (off, the default)",
    )
    parser.add_argument("--auth-key-file", type=Path, metavar="PATH", help=_KEY_FILE_HELP)
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[:key=value,…]", help="inject a fault; repeatable"
    )
    parser.add_argument(
        "--node", default="mock", metavar="NAME", help="name of the server in hello (default %(default)s)"
    )
    parser.add_argument(
        "--heartbeat", default=5.0, type=_number(1, 30), metavar="SECONDS", help="time between heartbeats (default 5)"
    )
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    commands.add_parser("faults", help="list the faults: level, parameters, what a client should do")
    inject = commands.add_parser("inject", help="inject a fault into a running server or proxy")
    inject.add_argument("fault_name", metavar="NAME", help="a name from mock-server faults")
    inject.add_argument("parameters", nargs="*", metavar="key=value")
    heal = commands.add_parser("heal", help="heal every fault of a running server or proxy")
    add_proxy_parser(commands, _port, _integer(0, 2**63))
    for command in (inject, heal):
        command.add_argument(
            "--port", default=argparse.SUPPRESS, type=_port, help="port of the server or proxy (default 8765)"
        )
    token = commands.add_parser("token", help="print a token for a server that runs with --auth jwt")
    token.add_argument(
        "--ttl",
        default=timedelta(seconds=60),
        type=_duration,
        help="time until it expires: 90, 60s, 5m, 2h, 1d (default 60s)",
    )
    token.add_argument(
        "--orders",
        dest="patterns",
        action="append",
        type=_pattern,
        metavar="PATTERN",
        help="orders that it covers, such as 'A*'; repeatable (default: all)",
    )
    token.add_argument(
        "--subject",
        default="staff",
        type=_subject,
        metavar="NAME",
        help="user or team that it is for (default %(default)s)",
    )
    token.add_argument(
        "--auth-key-file", default=argparse.SUPPRESS, type=Path, metavar="PATH", help=_SERVER_KEY_FILE_HELP
    )
    return parser


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _host(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9._:%-]{1,253}", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address or a name")
    return text


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 1 <= seconds <= _MAX_TTL_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time from 1s to 366d, such as 90, 60s, 5m, 2h or 1d")
    return timedelta(seconds=seconds)


def _pattern(text: str) -> str:
    if not is_order_pattern(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pattern of order ids, such as 'A*'")
    return text


def _subject(text: str) -> str:
    if not is_subject(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name of 1 to 100 characters")
    return text


def _port(text: str) -> int:
    return _integer(0, 65535)(text)


def _integer(low: int, high: int) -> Callable[[str], int]:
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
