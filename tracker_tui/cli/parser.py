"""The command line of tracker-tui: declares the options and parses the arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from tracker_tui.cli import help as help_text
from tracker_tui.cli.options import OPTIONS, TRANSPORT_CHOICES, Format, Theme, UsageError
from tracker_tui.cli.recording_options import RecordingOptions
from tracker_tui.cli.settings import Flags
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.http.server import DEFAULT_SERVER


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A request to print a text: the help, the man page, or a completion script."""

    text: str


@dataclass(frozen=True, slots=True)
class VersionRequest:
    """A request to print the version."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{sanitize(message)}; see tracker-tui --help")


def parse_arguments(argv: Sequence[str]) -> Flags | TextRequest | VersionRequest:
    """Parse the arguments after the program's name.

    Raises:
        UsageError: They are not valid.
    """
    if any(word == "--token" or word.startswith("--token=") for word in argv):
        # Don't repeat the token, and don't take the next word for an order id.
        raise UsageError(
            "there is no --token, because every user of this machine could read it; "
            "use --token-file or --token-command, or set TRACKER_TOKEN"
        )
    parser = build_parser()
    given = parser.parse_intermixed_args(argv)
    if given.help:
        return TextRequest(parser.format_help())
    if given.man:
        return TextRequest(_man_page(parser))
    if given.completion is not None:
        return TextRequest(_completion(given.completion, parser))
    if given.version:
        return VersionRequest()
    names = [option.name for option in OPTIONS]
    return Flags(
        orders=given.orders,
        lists=tuple(given.list),
        config=given.config,
        values={name: value for name in names if (value := getattr(given, name)) is not None},
        demo=given.demo,
        once=given.once,
        everything=given.all,
        recording=RecordingOptions(given.record, given.replay, given.speed),
        print_config=given.print_config,
        hooks=tuple(given.on),
    )


def _man_page(parser: argparse.ArgumentParser) -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow to load, rarely needed

    return help_text.man_page(parser, version("tracker-tui"))


def _completion(shell: str, parser: argparse.ArgumentParser) -> str:
    from tracker_tui.cli.completion import SHELLS, completion_script  # noqa: PLC0415 - rarely needed
    from tracker_tui.cli.demo import SCENARIOS  # noqa: PLC0415 - loads the whole mock server

    if shell not in SHELLS:
        raise UsageError(f'--completion: "{sanitize(shell)}" is not one of {", ".join(SHELLS)}')
    return completion_script(shell, parser, SCENARIOS)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; help, man page and completion are written from its options."""
    parser = _Parser(
        prog="tracker-tui",
        usage="tracker-tui [ORDER_ID ...] [OPTION ...]",
        description=f"{help_text.PURPOSE[0].upper()}{help_text.PURPOSE[1:]}.",
        epilog=help_text.epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument_group("What to watch").add_argument
    add(
        "orders",
        nargs="*",
        metavar="ORDER_ID",
        help="one order: the order screen; several, with spaces or commas: the board; - reads ids from stdin",
    )
    add("--list", action="append", default=[], metavar="NAME", help="the orders of this list in the config file")
    add("--all", action="store_true", help="every open order that you may see, also those opened later")
    add(
        "--demo",
        nargs="?",
        const="",
        metavar="SCENARIO",
        help="start a mock server in this process and watch its orders; f injects faults, tour shows ten of them",
    )
    add = parser.add_argument_group("The server").add_argument
    add("--server", metavar="URL", help=f"the order server (default {DEFAULT_SERVER})")
    add(
        "--transport",
        metavar="|".join(TRANSPORT_CHOICES),
        help="how to connect (default auto: the first that works, from left to right)",
    )
    add("--token-file", metavar="PATH", help="send the token in this file")
    add("--token-command", metavar="CMD", help="send the token that this command prints; it runs without a shell")
    add("--ca-file", metavar="PATH", help="trust the certificates in this PEM file as well as the system's")
    add = parser.add_argument_group("Output").add_argument
    add(
        "--format",
        metavar="|".join(Format),
        help="default: tui on a terminal, else plain; table, json and csv need --once",
    )
    add("--filter", metavar="TEXT", help="show only orders that match: late, !done, status:ready, a text")
    add("--columns", metavar="NAMES", help="the board's columns, such as order,arrives,customer")
    add("--theme", metavar="|".join(Theme), help="default: dark, or the terminal's own colours if it has only 16")
    add(
        "--on",
        nargs=2,
        action="append",
        default=[],
        metavar=("late|stuck|action|ended", "COMMAND"),
        help="run a command when an order becomes late, stuck, in need of action, or ends",
    )
    add("--utc", action="store_const", const="true", help="show times in UTC instead of the machine's zone")
    add("--quiet", action="store_const", const="true", help="raise no alerts: no notice, no bell, no notification")
    add("--say-courier", action="store_const", const="true", help="name the courier in the sentence for the customer")
    add = parser.add_argument_group("When to stop").add_argument
    add("--once", action="store_true", help="print the present state and exit")
    add(
        "--until",
        metavar="ended|STATUS",
        help="exit when every order has ended, or has STATUS now or in its history",
    )
    add("--timeout", metavar="SECONDS", help="give up after this time, with exit code 3")
    add = parser.add_argument_group("Recordings").add_argument
    add("--record", metavar="FILE", help="record everything into a new file that only you can read")
    add("--replay", metavar="FILE", help="show a recording instead of a server's orders")
    add("--speed", metavar="X", help="replay X times as fast as it happened (default 1)")
    add = parser.add_argument_group("Settings and files").add_argument
    add("--no-cache", action="store_const", const="true", help="keep no views for the next start, and show none")
    add("--config", metavar="FILE", help="read settings from here instead of ~/.config/tracker-tui/config.toml")
    add("--print-config", action="store_true", help="print the settings in effect as a config file, and exit")
    add("--log-file", metavar="FILE", help="append a log of the connection to this file")
    add = parser.add_argument_group("About the program").add_argument
    add("-h", "--help", action="store_true", help="print this help, and exit")
    add("--version", action="store_true", help="print the version, and exit")
    add("--man", action="store_true", help="print the man page, and exit")
    add("--completion", metavar="bash|zsh|fish", help="print a completion script for this shell, and exit")
    return parser
