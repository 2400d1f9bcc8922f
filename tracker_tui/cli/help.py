"""What help and man page say beside the options: examples, environment, files, exit codes; and the man page itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import fill

from tracker_tui.cli.options import OPTIONS, TOKEN
from tracker_tui.ui.model.actions import ALWAYS, COMMANDS, PALETTE

PURPOSE = "watch orders live, and trust what the screen says"

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the manual.

    Attributes:
        title: Its heading.
        items: What it explains, by name.
        text: What else is to be said; blank lines part paragraphs.
        heading: Its heading in the man page, if it is another one there.
    """

    title: str
    items: tuple[tuple[str, str], ...] = ()
    text: str = ""
    heading: str | None = None


EXAMPLES = Section(
    "Examples",
    (
        ("tracker-tui --demo", "look around without a gateway; f breaks the network, h heals it"),
        ("tracker-tui A1042", "one order, at the gateway on this machine"),
        ("tracker-tui A1042 A1001 --server https://orders.example.com", "a board of two, elsewhere"),
        ("tracker-tui --all", "a board of every open order, new ones included"),
        ("tracker-tui A1042 --once", "print how it stands now"),
        ("tracker-tui A1042 --format ndjson --until delivered", "one JSON object a line, for other programs"),
        ("tracker-tui A1042 --until ended && echo delivered", "wait for the end; the exit code tells which"),
        ("tracker-tui A1042 --token-command 'pass show orders'", "where the gateway asks who you are"),
    ),
)

ENVIRONMENT = Section(
    "Environment",
    (
        (", ".join(option.variable for option in OPTIONS), "stand for the options of the same names"),
        ("TRACKER_CONFIG", "stands for --config"),
        (TOKEN.variable, "the token to show to the gateway; it is never renewed"),
        ("HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "the proxies to go through"),
        ("NO_COLOR", "no colours, unless a theme is named"),
        ("TERM, COLORTERM", "what the terminal can show; with TERM=dumb it gets plain text"),
    ),
)

FILES = Section(
    "Files",
    (
        (
            "~/.config/tracker-tui/config.toml",
            "settings; what the environment says goes before them, and options before that. --print-config prints "
            "those in effect as such a file, with the keys that it can change. XDG_CONFIG_HOME is heeded",
        ),
    ),
)

SECURITY = Section(
    "Tokens and certificates",
    text=(
        "A gateway that asks who you are is shown a token: from --token-file (read again when it changes), from what "
        "--token-command prints (run again when the token runs out), or from TRACKER_TOKEN. The certificates of https "
        "gateways are always verified, with those of --ca-file beside the system's."
    ),
)

EXIT_CODES = Section(
    "Exit codes",
    (
        ("0", "done: every order that ended was delivered, or you quit"),
        ("1", "a crash, or an output that cannot be written"),
        ("2", "usage: a mistake in an option, a setting or an order id"),
        ("3", "unreachable, or timed out"),
        ("4", "an order is unknown or forbidden"),
        ("5", "an order ended otherwise, or without the status waited for"),
        ("6", "signed out"),
        ("129, 130, 143", "SIGHUP, Ctrl-C, SIGTERM"),
        ("141", "nobody reads the output any more"),
    ),
    heading="Exit status",
)

KEYS = Section("Keys", tuple((command.shown, command.what) for command in (*COMMANDS, PALETTE, *ALWAYS)))


def epilog() -> str:
    """What ``--help`` says after the options."""
    return "\n".join(
        line for section in (EXAMPLES, SECURITY, ENVIRONMENT, FILES, EXIT_CODES) for line in _plain(section)
    )


def man_page(parser: argparse.ArgumentParser, version: str) -> str:
    """The man page, in the man macros that every ``man`` reads."""
    lines = [f'.TH "{parser.prog.upper()}" "1" "" "{parser.prog} {version}" "User Commands"']
    lines += [".SH NAME", f"{_escape(parser.prog)} \\- {_escape(PURPOSE)}"]
    lines += [".SH SYNOPSIS", f".B {_escape(parser.prog)}", "[\\fIORDER_ID\\fR ...] [\\fIOPTION\\fR ...]"]
    lines += [".SH DESCRIPTION", _escape(parser.description or "")]
    lines.append(".SH OPTIONS")
    for title, actions in option_groups(parser):
        lines.append(f".SS {_escape(title)}")
        for action in actions:
            lines += [".TP", _synopsis(action), _escape(_sentence(action.help or ""))]
    for section in (KEYS, ENVIRONMENT, FILES, SECURITY, EXIT_CODES, EXAMPLES):
        lines += _roff(section)
    return "\n".join(lines) + "\n"


def option_groups(parser: argparse.ArgumentParser) -> Iterator[tuple[str, list[argparse.Action]]]:
    """Yield the titles of the parser's groups of options, with what is in them."""
    for group in parser._action_groups:
        if group._group_actions and group.title:
            yield group.title, group._group_actions


def _plain(section: Section) -> Iterator[str]:
    yield f"{section.title}:"
    if section.text:
        yield from (f"  {line}" for line in fill(section.text, _WIDTH - 2).splitlines())
    room = min(24, max((len(name) for name, _ in section.items), default=0))
    for name, meaning in section.items:
        hanging = " " * (room + 4)
        if len(name) > room:
            yield fill(name, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
            yield fill(meaning, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
        else:
            yield fill(meaning, _WIDTH, initial_indent=f"  {name:{room}}  ", subsequent_indent=hanging)
    yield ""


def _roff(section: Section) -> Iterable[str]:
    yield f".SH {_escape((section.heading or section.title).upper())}"
    if section.text:
        yield _escape(section.text)
    for name, meaning in section.items:
        yield from (".TP", f"\\fB{_escape(name)}\\fR", _escape(_sentence(meaning)))


def _synopsis(action: argparse.Action) -> str:
    names = ", ".join(f"\\fB{_escape(name)}\\fR" for name in action.option_strings)
    if action.nargs == 0:
        return names
    value = f"\\fI{_escape(str(action.metavar))}\\fR"
    if not action.option_strings:
        return f"{value} ..."
    return f"{names} [{value}]" if action.nargs == "?" else f"{names} {value}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _escape(text: str) -> str:
    """Text as roff takes it literally."""
    text = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("~", "\\(ti").replace("^", "\\(ha")
    )
    return f"\\&{text}" if text.startswith(".") else text
