"""The command line of tracker-tui, as words: what there is, and what was given."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from tracker_tui.domain.visible import visible
from tracker_tui.link.server import DEFAULT_SERVER
from tracker_tui.settings import Flags, UsageError

_EPILOG = """\
Every option but ORDER_ID, --demo, --once and --print-config can also be set as TRACKER_NAME in the environment
(TRACKER_SERVER, TRACKER_LOG_FILE, ...), and all of those but --config in ~/.config/tracker-tui/config.toml.

Exit codes: 0 done (every order that ended was delivered), 1 crash, 2 usage, 3 unreachable or timed out,
4 an order is unknown or forbidden, 5 an order ended otherwise or without the status waited for, 6 signed out,
129, 130, 143 on SIGHUP, Ctrl-C, SIGTERM.
"""


@dataclass(frozen=True, slots=True)
class Help:
    """The user asked what there is; `text` answers."""

    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """The user asked for the version."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f'{visible(message)}; "tracker-tui --help" says what there is')


def parse(argv: Sequence[str]) -> Flags | Help | Version:
    """Read the arguments after the program's name.

    Raises:
        UsageError: They are not what the program takes.
    """
    parser = _parser()
    given = parser.parse_intermixed_args(argv)
    if given.help:
        return Help(parser.format_help())
    if given.version:
        return Version()
    names = ("server", "format", "transport", "until", "timeout", "log_file")
    return Flags(
        orders=given.orders,
        config=given.config,
        values={name: value for name in names if (value := getattr(given, name)) is not None},
        demo=given.demo,
        once=given.once,
        print_config=given.print_config,
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tracker-tui",
        description="Watch orders live, and trust what the screen says.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("orders", nargs="*", metavar="ORDER_ID", help="one order: the order screen; several: the board")
    add("--server", metavar="URL", help=f"the order gateway (default {DEFAULT_SERVER})")
    add(
        "--demo",
        nargs="?",
        const="",
        metavar="SCENARIO",
        help="start a mock gateway inside this process and watch its orders; the key f injects faults",
    )
    add("--format", metavar="tui|plain|ndjson", help="default: tui on a terminal, else plain")
    add("--once", action="store_true", help="print the present state and exit")
    add(
        "--until",
        metavar="ended|STATUS",
        help="exit when every order has ended, or has STATUS now or in its history",
    )
    add("--timeout", metavar="SECONDS", help="give up after so long, with exit code 3")
    add("--transport", metavar="auto|websocket", help="how to connect (default auto)")
    add("--config", metavar="FILE", help="read settings from here instead of ~/.config/tracker-tui/config.toml")
    add("--print-config", action="store_true", help="print the settings in effect as a config file, and exit")
    add("--log-file", metavar="FILE", help="keep a log of what the connection goes through")
    add("--version", action="store_true", help="print the version, and exit")
    add("-h", "--help", action="store_true", help="print this, and exit")
    return parser
