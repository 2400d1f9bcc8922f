"""The command line of tracker-tui, as words: what there is, and what was given."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from tracker_tui.domain.visible import visible
from tracker_tui.link.server import DEFAULT_SERVER
from tracker_tui.options import OPTIONS, Theme, Transport, UsageError
from tracker_tui.settings import Flags
from tracker_tui.tapes import TapeFlags

_EPILOG = """\
Every option but ORDER_ID, --all, --demo, --once, --record, --replay, --speed and --print-config can also be set as
TRACKER_NAME in the environment (TRACKER_SERVER, TRACKER_LOG_FILE, ...), and all of those but --config in
~/.config/tracker-tui/config.toml.

A gateway that asks who you are is shown a token: from --token-file (read again when it changes), from what
--token-command prints (run again when the token runs out), or from TRACKER_TOKEN in the environment (never renewed).

Proxies are taken from HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Certificates are always verified.

Exit codes: 0 done (every order that ended was delivered), 1 crash, 2 usage, 3 unreachable or timed out,
4 an order is unknown or forbidden, 5 an order ended otherwise or without the status waited for, 6 signed out,
129, 130, 143 on SIGHUP, Ctrl-C, SIGTERM, 141 when nobody reads the output any more.
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
    if any(word == "--token" or word.startswith("--token=") for word in argv):
        # It is not repeated, and what follows it is not taken for an order id.
        raise UsageError(
            "there is no --token, since everyone on this machine could read it there; "
            "use --token-file or --token-command, or set TRACKER_TOKEN"
        )
    parser = _parser()
    given = parser.parse_intermixed_args(argv)
    if given.help:
        return Help(parser.format_help())
    if given.version:
        return Version()
    names = [option.name for option in OPTIONS]
    return Flags(
        orders=given.orders,
        config=given.config,
        values={name: value for name in names if (value := getattr(given, name)) is not None},
        demo=given.demo,
        once=given.once,
        everything=given.all,
        tapes=TapeFlags(given.record, given.replay, given.speed),
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
    add("--all", action="store_true", help="every open order that you may see, and those that are opened later")
    add("--theme", metavar="|".join(Theme), help="default: dark, or the terminal's own colours where it has only 16")
    add("--once", action="store_true", help="print the present state and exit")
    add(
        "--until",
        metavar="ended|STATUS",
        help="exit when every order has ended, or has STATUS now or in its history",
    )
    add("--timeout", metavar="SECONDS", help="give up after so long, with exit code 3")
    add(
        "--transport",
        metavar="|".join(Transport),
        help="how to connect (default auto: the best that gets through, from left to right)",
    )
    add("--token-file", metavar="PATH", help="present the token in this file")
    add("--token-command", metavar="CMD", help="present the token that this command prints; no shell is involved")
    add("--ca-file", metavar="PATH", help="trust the certificates in this PEM file beside the system's")
    add("--record", metavar="FILE", help="record everything into a new file, which only you can read")
    add("--replay", metavar="FILE", help="show a recording instead of asking a gateway")
    add("--speed", metavar="X", help="play it X times as fast as it happened (default 1)")
    add("--config", metavar="FILE", help="read settings from here instead of ~/.config/tracker-tui/config.toml")
    add("--print-config", action="store_true", help="print the settings in effect as a config file, and exit")
    add("--log-file", metavar="FILE", help="keep a log of what the connection goes through")
    add("--version", action="store_true", help="print the version, and exit")
    add("-h", "--help", action="store_true", help="print this, and exit")
    return parser
