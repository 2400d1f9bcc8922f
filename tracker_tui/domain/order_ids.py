"""Order ids in a text that a user pasted or piped: bare ids, ids in a sentence, and addresses of orders' pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.order_url import split_web_url
from tracker_tui.domain.sanitize import sanitize

_MAX_SHOWN = 80
"""Characters of a word that are shown."""

_MAX_FIELDS = 50
"""Fields of a URL's query; a longer query is not read."""

_QUOTES = "<>()[]{}\"'“”„‘’«»`*" + "\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Characters that a text puts around an id or an address; those that are copied from web pages are invisible."""

_SYNTAX = "it is 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"

_URL = re.compile(r"https?:", re.ASCII | re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_SEPARATORS = re.compile("[,;]")


@dataclass(frozen=True, slots=True)
class OrderIdInput:
    """The order ids in a text.

    Attributes:
        order_ids: The ids in their order, without duplicates; each is an order id.
        ignored: Words without a digit that were skipped, because the text has several words; safe to show.
        invalid: Other words that name no order; safe to show.
        problem: One line that says what to do, about the first invalid word or about a text without an id; None if
            there is neither. It is safe to show.
    """

    order_ids: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    problem: str | None = None


def parse_order_ids(
    text: str, *, host: str = "", links: Mapping[str, str] | None = None, is_prose: bool = True
) -> OrderIdInput:
    """Return the order ids in a text of any size and content.

    Ids are separated by commas, semicolons and white space, and may begin with ``#``. A URL names an order if it equals
    the page of exactly one known order. It also does if its host is that of the server or of a known page, and its
    ``order=`` or else the last part of its path is an id. A part of a path must have a digit, because ``/orders/``
    names no order.

    Args:
        text: The text.
        host: Host of the server, with or without a port.
        links: Pages of known orders, as `order_url` returns them, by order id.
        is_prose: Whether a person wrote or pasted the text. Then punctuation around a word is dropped, and of several
            words only those with a digit are ids. Otherwise every word must be an id or a URL.
    """
    pages = _KnownPages(host, links or {})
    words = [word for chunk in text.split() for word in pages.split(chunk) if _is_word(word, is_prose=is_prose)]
    needs_digit = is_prose and len(words) > 1
    found: dict[str, None] = {}
    ignored: dict[str, None] = {}
    problems: dict[str, str] = {}
    for word in words:
        if _is_url(word):
            order_id, problem = pages.order_at(_without_quotes(word))
        elif needs_digit and not _DIGIT.search(word):
            ignored[_shown(word)] = None
            continue
        else:
            order_id = _bare_id(word, is_prose=is_prose)
            problem = f'"{_shown(word)}" is not an order id: {_SYNTAX}'
        if order_id is None:
            problems.setdefault(_shown(word), problem)
        else:
            found[order_id] = None
    first_problem = next(iter(problems.values()), None)
    if not found and first_problem is None:
        first_problem = "no order id in it: give one or several, such as A1042"
    return OrderIdInput(tuple(found), tuple(ignored), tuple(problems), first_problem)


class _KnownPages:
    """The pages of the known orders, and the hosts on which an address names an order."""

    def __init__(self, host: str, links: Mapping[str, str]) -> None:
        uses = Counter(links.values())
        self._orders = {url: order_id for order_id, url in links.items() if uses[url] == 1 and is_order_id(order_id)}
        self._hosts = {_hostname(f"//{host}"), *map(_hostname, links.values())} - {None}
        self._server = sanitize(host)

    def split(self, chunk: str) -> Iterator[str]:
        """Yield the words of a text without white space; a known page may contain commas."""
        if _without_quotes(chunk) in self._orders:
            yield chunk
        else:
            yield from _SEPARATORS.split(chunk)

    def order_at(self, url: str) -> tuple[str | None, str]:
        """Return the order of a page, or None; and the problem if it is None."""
        if (order_id := self._orders.get(url)) is not None:
            return order_id, ""
        parts = split_web_url(url)
        if parts is None or parts.hostname not in self._hosts:
            server = f" at {self._server}" if self._server else ""
            return None, f"{_shown(url)} is not the page of an order{server}: give the order's id"
        return _order_in(parts), f"{_shown(url)} names no order: give the order's id"


def _is_url(word: str) -> bool:
    return _URL.match(_without_quotes(word)) is not None


def _is_word(word: str, *, is_prose: bool) -> bool:
    """Return whether there is something to read: in prose, punctuation alone is nothing."""
    return bool(word) and not (is_prose and word.isprintable() and not any(map(str.isalnum, word)))


def _bare_id(word: str, *, is_prose: bool) -> str | None:
    """Return the id that a word is; in prose, without the punctuation around it."""
    order_id = (_without_quotes(word) if is_prose else word).removeprefix("#")
    return order_id if is_order_id(order_id) else None


def _order_in(parts: SplitResult) -> str | None:
    """Return the order that the query or the path of an address names."""
    try:
        fields = parse_qsl(parts.query, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return None
    named = {value for name, value in fields if name == "order"}
    if named:
        order_id = named.pop()
        return order_id if not named and is_order_id(order_id) else None
    last = next((part for part in reversed(parts.path.split("/")) if part), "")
    return last if is_order_id(last) and _DIGIT.search(last) else None


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _without_quotes(word: str) -> str:
    """Return a word without the quotes, brackets and punctuation that a text puts around it."""
    return word.strip(_QUOTES).rstrip(".!?:").strip(_QUOTES)


def _shown(word: str) -> str:
    text = sanitize(word[: _MAX_SHOWN + 1])
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
