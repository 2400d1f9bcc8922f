"""Help and man page: the texts apart from the options, and the layout of the man page."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import fill

from tracker_tui.cli.options import OPTIONS, TOKEN
from tracker_tui.ui.model.actions import ACTIONS, PALETTE, TERMINAL_ACTIONS

PURPOSE = "watch orders live, and trust what the screen says"

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Section:
    """A section of help and man page.

    Attributes:
        title: The heading.
        items: Names with their explanations.
        text: Text before the items.
        heading: The heading in the man page, if it differs.
    """

    title: str
    items: tuple[tuple[str, str], ...] = ()
    text: str = ""
    heading: str | None = None


EXAMPLES = Section(
    "Examples",
    (
        ("tracker-tui --demo", "try it without a server; f breaks the network, h heals it"),
        ("tracker-tui", "the board of the configured server; without one, a start screen"),
        ("tracker-tui A1042", "one order, at the server on this machine"),
        ("tracker-tui A1042 A1001 --server https://orders.example.com", "a board of two, elsewhere"),
        ("generate-ids | tracker-tui -", "a board of the ids on stdin, separated by spaces, commas or lines"),
        ("tracker-tui --all", "a board of every open order, also of new ones"),
        ("tracker-tui A1042 --once", "print the present state"),
        ("tracker-tui --all --once --format csv", "every open order, the worst first; or table, or json"),
        ("tracker-tui A1042 --format ndjson --until delivered", "one JSON object a line, for other programs"),
        ("tracker-tui A1042 --until ended && echo delivered", "wait for the end; the exit code gives the outcome"),
        ("tracker-tui A1042 --token-command 'pass show orders'", "sign in to the server"),
    ),
)

ENVIRONMENT = Section(
    "Environment",
    (
        (", ".join(option.variable for option in OPTIONS), "set the options with the same names"),
        ("TRACKER_CONFIG", "sets --config"),
        (TOKEN.variable, "the token to send to the server; it is never renewed"),
        ("HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "the proxies to use"),
        ("NO_COLOR", "no colours, unless a theme is named"),
        ("TERM, COLORTERM", "the abilities of the terminal; TERM=dumb gets plain text"),
    ),
)

FILES = Section(
    "Files",
    (
        (
            "~/.config/tracker-tui/config.toml",
            "settings; options override environment variables, which override this file. --print-config prints the "
            "settings in effect as such a file, with the keys that it can change. XDG_CONFIG_HOME moves the file",
        ),
    ),
)

SECURITY = Section(
    "Tokens and certificates",
    text=(
        "If the server asks for a token, it is read from --token-file (again when the file changes), from the output "
        "of --token-command (run again when the token expires), or from TRACKER_TOKEN. Certificates of https servers "
        "are always verified, against the system's and those in --ca-file."
    ),
)

EXIT_CODES = Section(
    "Exit codes",
    (
        ("0", "done: every order that ended was delivered, or you quit"),
        ("1", "a crash, or an output that cannot be written"),
        ("2", "usage: a mistake in an option, a setting, an order id or the status of --until"),
        ("3", "unreachable, or timed out"),
        ("4", "an order is unknown or forbidden"),
        ("5", "an order ended undelivered, or never reached --until"),
        ("6", "signed out"),
        ("129, 130, 143", "SIGHUP, Ctrl-C, SIGTERM"),
        ("141", "the reader of the output is gone"),
    ),
    heading="Exit status",
)

KEYS = Section(
    "Keys", tuple((command.key_label, command.summary) for command in (*ACTIONS, PALETTE, *TERMINAL_ACTIONS))
)


def epilog() -> str:
    """Return the text of ``--help`` after the options."""
    return "\n".join(
        line for section in (EXAMPLES, SECURITY, ENVIRONMENT, FILES, EXIT_CODES) for line in _help_lines(section)
    )


def man_page(parser: argparse.ArgumentParser, version: str) -> str:
    """Return the man page, in the man macros of roff."""
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
        lines += _man_lines(section)
    return "\n".join(lines) + "\n"


def option_groups(parser: argparse.ArgumentParser) -> Iterator[tuple[str, list[argparse.Action]]]:
    """Yield the titles and the options of the parser's groups."""
    for group in parser._action_groups:
        if group._group_actions and group.title:
            yield group.title, group._group_actions


def _help_lines(section: Section) -> Iterator[str]:
    yield f"{section.title}:"
    if section.text:
        yield from (f"  {line}" for line in fill(section.text, _WIDTH - 2).splitlines())
    name_width = min(24, max((len(name) for name, _ in section.items), default=0))
    for name, meaning in section.items:
        hanging = " " * (name_width + 4)
        if len(name) > name_width:
            yield fill(name, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
            yield fill(meaning, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
        else:
            yield fill(meaning, _WIDTH, initial_indent=f"  {name:{name_width}}  ", subsequent_indent=hanging)
    yield ""


def _man_lines(section: Section) -> Iterable[str]:
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
    """Return text that roff prints literally."""
    text = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("~", "\\(ti").replace("^", "\\(ha")
    )
    return f"\\&{text}" if text.startswith(".") else text
