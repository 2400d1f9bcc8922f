"""The orders that a run watches: from the arguments, from stdin, and from the lists of the config file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from tracker_tui.cli.options import UsageError
from tracker_tui.domain.order_ids import parse_order_ids
from tracker_tui.domain.order_url import server_host
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.http.server import MAX_ORDERS

STDIN = "-"
"""The argument that stands for ids on stdin."""

MAX_BYTES = 4_000_000
"""Bytes of stdin that are read: more than the addresses of 1,000 orders."""

_TERMINAL = "/dev/tty"


def choose_orders(
    words: Sequence[str],
    names: Sequence[str],
    lists: Mapping[str, Sequence[str]],
    server: str,
    read_stdin: Callable[[], bytes],
) -> tuple[str, ...]:
    """Return the order ids of a command line, without duplicates.

    Args:
        words: The arguments: ids, ids separated by commas, addresses of orders' pages, or `STDIN`.
        names: The values of ``--list``.
        lists: The lists of the config file.
        server: The server's base URL.
        read_stdin: Reads stdin to its end.

    Raises:
        UsageError: A word is no order, a list or stdin has none, or there are too many.
    """
    orders: dict[str, None] = {}
    for word in dict.fromkeys(words):
        text, source = (_decode(read_stdin()), "stdin: ") if word == STDIN else (word, "")
        found = parse_order_ids(text, host=server_host(server), is_prose=False)
        if found.problem is not None:
            raise UsageError(f"{source}{found.problem}")
        orders |= dict.fromkeys(found.order_ids)
    for name in names:
        orders |= dict.fromkeys(_list(name, lists))
    if len(orders) > MAX_ORDERS:
        raise UsageError(f"{len(orders)} orders are too many: at most {MAX_ORDERS} can be watched at once")
    return tuple(orders)


def read_stdin() -> bytes:
    """Return everything on stdin, up to one byte more than `MAX_BYTES`.

    Raises:
        UsageError: Stdin is closed or cannot be read.
    """
    if sys.stdin is None:
        raise UsageError('stdin is closed: pipe order ids into it, or leave out the "-"')
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"stdin cannot be read: {error.strerror or error}") from error


def use_terminal_as_stdin() -> None:
    """Let stdin be the terminal of stdout again, for the keys, after the order ids were piped into it.

    If stdout is no terminal, stdin stays as it is.
    """
    if sys.stdin.isatty() or not sys.stdout.isatty():
        return
    # A process that was started by another session may have no terminal of its own.
    for name in (_TERMINAL, os.ttyname(sys.stdout.fileno())):
        with suppress(OSError):
            terminal = os.open(name, os.O_RDWR | os.O_NOCTTY)
            os.dup2(terminal, sys.stdin.fileno())
            os.close(terminal)
            return


def _decode(read: bytes) -> str:
    if len(read) > MAX_BYTES:
        raise UsageError(f"stdin has more than {MAX_BYTES // 1_000_000} MB: at most {MAX_ORDERS} orders can be watched")
    try:
        text = read.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("stdin is not UTF-8 text: give order ids, separated by spaces, commas or lines") from error
    if not text.strip(" \t\r\n,;"):
        raise UsageError("no order ids on stdin: give them separated by spaces, commas or lines")
    return text


def _list(name: str, lists: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name not in lists:
        raise UsageError("".join(_unknown_list(name, lists)))
    if not lists[name]:
        raise UsageError(f"--list {name}: there is no order in this list of the config file; add one")
    return lists[name]


def _unknown_list(name: str, lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f'--list: there is no list "{sanitize(name[:80])}"'
    if not lists:
        yield '; write [lists] into the config file, and in the next line vip = ["A1042", "A1001"]'
        return
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, rarely needed

    yield from (f", did you mean {nearest}?" for nearest in get_close_matches(name, lists, 1, 0.6))
    yield f"; lists in the config file: {', '.join(lists)}"
