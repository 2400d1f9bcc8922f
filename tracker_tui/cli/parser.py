"""The command line of tracker-tui, as words: what there is, and what was given."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from tracker_tui.cli import help as manual
from tracker_tui.cli.options import OPTIONS, Theme, Transport, UsageError
from tracker_tui.cli.recording_options import RecordingOptions
from tracker_tui.cli.settings import Flags
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.http.server import DEFAULT_SERVER


@dataclass(frozen=True, slots=True)
class TextRequest:
    """The user asked for a text alone: the help, the man page, completion for a shell."""

    text: str


@dataclass(frozen=True, slots=True)
class VersionRequest:
    """The user asked for the version."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f'{sanitize(message)}; "tracker-tui --help" says what there is')


def parse_arguments(argv: Sequence[str]) -> Flags | TextRequest | VersionRequest:
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
    grammar = build_parser()
    given = grammar.parse_intermixed_args(argv)
    if given.help:
        return TextRequest(grammar.format_help())
    if given.man:
        return TextRequest(_man(grammar))
    if given.completion is not None:
        return TextRequest(_completion(given.completion, grammar))
    if given.version:
        return VersionRequest()
    names = [option.name for option in OPTIONS]
    return Flags(
        orders=given.orders,
        config=given.config,
        values={name: value for name in names if (value := getattr(given, name)) is not None},
        demo=given.demo,
        once=given.once,
        everything=given.all,
        recording=RecordingOptions(given.record, given.replay, given.speed),
        print_config=given.print_config,
    )


def _man(grammar: argparse.ArgumentParser) -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow, and hardly ever wanted

    return manual.man_page(grammar, version("tracker-tui"))


def _completion(shell: str, grammar: argparse.ArgumentParser) -> str:
    from tracker_tui.cli.completion import SHELLS, completion_script  # noqa: PLC0415 - wanted once in a lifetime
    from tracker_tui.cli.demo import SCENARIOS  # noqa: PLC0415 - brings the whole server

    if shell not in SHELLS:
        raise UsageError(f'--completion: "{sanitize(shell)}" is not one of {", ".join(SHELLS)}')
    return completion_script(shell, grammar, SCENARIOS)


def build_parser() -> argparse.ArgumentParser:
    """The declaration of all options, which help, man page and completion are written from."""
    grammar = _Parser(
        prog="tracker-tui",
        usage="tracker-tui [ORDER_ID ...] [OPTION ...]",
        description=f"{manual.PURPOSE[0].upper()}{manual.PURPOSE[1:]}.",
        epilog=manual.epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = grammar.add_argument_group("What to watch").add_argument
    add("orders", nargs="*", metavar="ORDER_ID", help="one order: the order screen; several: the board")
    add("--all", action="store_true", help="every open order that you may see, and those that are opened later")
    add(
        "--demo",
        nargs="?",
        const="",
        metavar="SCENARIO",
        help="start a mock gateway inside this process and watch its orders; f injects faults, tour shows ten of them",
    )
    add = grammar.add_argument_group("The gateway").add_argument
    add("--server", metavar="URL", help=f"the order gateway (default {DEFAULT_SERVER})")
    add(
        "--transport",
        metavar="|".join(Transport),
        help="how to connect (default auto: the best that gets through, from left to right)",
    )
    add("--token-file", metavar="PATH", help="present the token in this file")
    add("--token-command", metavar="CMD", help="present the token that this command prints; no shell is involved")
    add("--ca-file", metavar="PATH", help="trust the certificates in this PEM file beside the system's")
    add = grammar.add_argument_group("How it is told").add_argument
    add("--format", metavar="tui|plain|ndjson", help="default: tui on a terminal, else plain")
    add("--filter", metavar="TEXT", help="show only orders that match: late, !done, status:ready, a text")
    add("--theme", metavar="|".join(Theme), help="default: dark, or the terminal's own colours where it has only 16")
    add("--quiet", action="store_const", const="true", help="raise no alerts: no toast, no bell, no notification")
    add = grammar.add_argument_group("When to stop").add_argument
    add("--once", action="store_true", help="print the present state and exit")
    add(
        "--until",
        metavar="ended|STATUS",
        help="exit when every order has ended, or has STATUS now or in its history",
    )
    add("--timeout", metavar="SECONDS", help="give up after so long, with exit code 3")
    add = grammar.add_argument_group("Recordings").add_argument
    add("--record", metavar="FILE", help="record everything into a new file, which only you can read")
    add("--replay", metavar="FILE", help="show a recording instead of asking a gateway")
    add("--speed", metavar="X", help="play it X times as fast as it happened (default 1)")
    add = grammar.add_argument_group("Settings and files").add_argument
    add("--no-cache", action="store_const", const="true", help="keep no views for the next start, and show none")
    add("--config", metavar="FILE", help="read settings from here instead of ~/.config/tracker-tui/config.toml")
    add("--print-config", action="store_true", help="print the settings in effect as a config file, and exit")
    add("--log-file", metavar="FILE", help="keep a log of what the connection goes through")
    add = grammar.add_argument_group("About the program").add_argument
    add("-h", "--help", action="store_true", help="print this, and exit")
    add("--version", action="store_true", help="print the version, and exit")
    add("--man", action="store_true", help="print the man page, and exit")
    add("--completion", metavar="bash|zsh|fish", help="print what completes the options in this shell, and exit")
    return grammar
